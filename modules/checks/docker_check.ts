import { count } from '../../engine/language/count.ts';
import type { ParamProperty } from '../../engine/language/module_spec.ts';
import type { Value, ValueMap } from '../../engine/language/values.ts';
import type { Module } from '../../engine/planning/contracts.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { fnmatch } from '../../engine/resources/fnmatch.ts';
import { field, NO_DOCKER, RUNNING_CONTAINERS } from '../../engine/resources/readings/docker_containers.ts';
import { type Level, worst, worstRows } from './level.ts';

/** What is wrong with a container, and how bad it is. */
export type Fault = readonly [level: Level, what: string];

export interface ExceptParams {
  readonly except: readonly string[];
}

interface ContainerCheck<P> {
  readonly name: string;
  readonly summary: string;
  readonly description?: readonly string[];
  /** Beside `except`. */
  readonly properties?: Readonly<Record<string, ParamProperty>>;
  readonly examples?: string;
  /** What all containers are where nothing is wrong: `run as users of their own`. */
  readonly good: string;
  readonly remedy: string;
  readonly reference: string;
  faults(container: ValueMap, params: P & ExceptParams): readonly Fault[];
}

/** A check that looks at each container that runs by itself. */
export function containerCheck<P>(check: ContainerCheck<P>): Module<P & ExceptParams> {
  const { name, summary, description, properties, examples } = check;
  return defineCheck<P & ExceptParams>({
    name,
    collection: 'runbook',
    summary,
    ...(description && { description }),
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        ...properties,
        except: {
          type: 'array',
          items: { type: 'string' },
          default: [],
          description: 'Names of containers that may be so, or patterns for them.',
        },
      },
    },
    examples: examples ?? `- name: Containers\n  ${name}:\n    except: [traefik]\n`,
    looksAt: () => [RUNNING_CONTAINERS],
    judge: (params, view) => {
      if (view.problem(RUNNING_CONTAINERS) === NO_DOCKER) return { level: 'pass', summary: 'there is no Docker' };
      return judge(check, params, view.get(RUNNING_CONTAINERS)?.containers ?? []);
    },
  });
}

function judge<P>(check: ContainerCheck<P>, params: P & ExceptParams, containers: readonly ValueMap[]): Finding {
  const { good, remedy, reference } = check;
  const rows = containers
    .filter((one) => !params.except.some((pattern) => fnmatch(nameOf(one), pattern)))
    .map((container) => {
      const faults = check.faults(container, params);
      return { level: worst(faults.map(([level]) => level)), container, faults };
    });
  const bad = rows.filter(({ level }) => level !== 'pass');
  if (rows.length === 0) return { level: 'pass', summary: 'no container runs', reference };
  const names = bad.map(({ container }) => nameOf(container)).join(', ');
  return {
    level: worst(rows.map(({ level }) => level)),
    summary:
      bad.length === 0
        ? `${count(rows.length, 'container')}: ${good}`
        : `${bad.length} of ${count(rows.length, 'container')} at fault: ${names.length > 80 ? `${names.slice(0, 80)}...` : names}`,
    evidence: evidence(
      ['container', 'image', 'what is wrong'],
      worstRows(rows).flatMap(({ container, faults }) =>
        (faults.length === 0 ? [''] : faults.map(([, what]) => what)).map((what) => [
          nameOf(container),
          textAt(container, 'Config', 'Image'),
          what,
        ]),
      ),
    ),
    remedy,
    reference,
    measures: [{ name: 'containers at fault', value: bad.length, unit: 'count' }],
  };
}

export function nameOf(container: ValueMap): string {
  return textAt(container, 'Name').replace(/^\//, '');
}

export function textAt(container: ValueMap, ...path: readonly string[]): string {
  const value = field(container, ...path);
  return typeof value === 'string' ? value : '';
}

export function numberAt(container: ValueMap, ...path: readonly string[]): number {
  const value = field(container, ...path);
  return typeof value === 'number' ? value : 0;
}

/** A list; what docker leaves out is an empty one. */
export function listAt(container: ValueMap, ...path: readonly string[]): readonly Value[] {
  const value = field(container, ...path);
  return Array.isArray(value) ? value : [];
}

export function textsAt(container: ValueMap, ...path: readonly string[]): readonly string[] {
  return listAt(container, ...path).filter((one): one is string => typeof one === 'string');
}
