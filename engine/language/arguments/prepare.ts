import { type Diagnostic, error, type Span } from '../diagnostics.ts';
import type { ModuleSpec, ParamProperty } from '../module_spec.ts';
import type { Templated, TemplatedEntry } from '../templated.ts';
import { mapOf } from '../templates.ts';
import type { Value } from '../values.ts';
import { below, canonicalNames, coerce, type Misfit } from './coerce.ts';
import { judge, type Path, propertyOf, rawText, toDiagnostic, unknownParameter, type Validators } from './judge.ts';
import type { Given, Presence } from './relations.ts';
import { checkShape } from './shape.ts';

export type TemplatedMap = Extract<Templated, { kind: 'map' }>;

export interface PrepareOptions {
  /** Default: those compiled ahead from the module registry. */
  readonly validators?: Validators;
  /** Parameters that `module_defaults` may give: not missing even where the task does not have them. */
  readonly fromDefaults?: ReadonlySet<string>;
  /** More may come from elsewhere: nothing can be missing. */
  readonly partial?: boolean;
  /** The place of a value deep in a literal, where it is known. */
  locate?(path: Path): Span | undefined;
}

export interface Prepared {
  readonly args: TemplatedMap;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The arguments with aliases resolved and literals coerced, while it is still known how they were written
 * (`mode: 0644` and `line: 8.0` become the texts that were meant), and all that is wrong with them as far as it can
 * be told before templates are rendered.
 */
export function prepareArguments(
  module: ModuleSpec,
  args: TemplatedMap,
  moduleSpan: Span,
  options: PrepareOptions = {},
): Prepared {
  const { entries, misfits, diagnostics } = coerceEntries(module, args);
  const values = mapOf(literals(entries));
  const isOpen = (name: string) => options.partial === true || options.fromDefaults?.has(name) === true;
  const given: Given = {
    presence: (name) => presenceOf(entries.get(name)?.value, isOpen(name)),
    value(name) {
      if (entries.has(name)) return Object.hasOwn(values, name) ? values[name] : undefined;
      return isOpen(name) ? undefined : (propertyOf(module, name).default as Value | undefined);
    },
  };
  const spanOf = (path: Path) => options.locate?.(path) ?? spanIn(entries, path) ?? moduleSpan;
  const all = judge(module, values, given, misfits, options.validators);
  return {
    args: { ...args, entries: [...entries.values()] },
    diagnostics: [...diagnostics, ...all.map((misfit) => toDiagnostic(misfit, spanOf))],
  };
}

interface Coerced {
  readonly entries: ReadonlyMap<string, TemplatedEntry>;
  readonly misfits: readonly Misfit[];
  readonly diagnostics: readonly Diagnostic[];
}

function coerceEntries(module: ModuleSpec, args: TemplatedMap): Coerced {
  const { properties, required, additionalProperties } = module.schema;
  const names = canonicalNames(properties);
  const entries = new Map<string, TemplatedEntry>();
  const misfits: Misfit[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const entry of args.entries) {
    const name = names.get(entry.key);
    if (name === undefined) {
      if (!additionalProperties) diagnostics.push(unknownParameter(module, entry.key, entry.keySpan));
      entries.set(entry.key, entry);
    } else if (entries.has(name)) diagnostics.push(givenTwice(name, entry));
    else if (!isNull(entry.value) || required?.includes(name)) {
      entries.set(name, {
        ...entry,
        key: name,
        value: coerceLiteral(entry.value, name, propertyOf(module, name), misfits),
      });
    }
  }
  return { entries, misfits, diagnostics };
}

function coerceLiteral(value: Templated, name: string, property: ParamProperty, misfits: Misfit[]): Templated {
  if (isNull(value)) return value;
  if (value.kind !== 'literal') {
    misfits.push(...below(name, checkShape(value, property)));
    return value;
  }
  const coerced = coerce(value.value, property, rawText(value.span));
  if (coerced.ok) return { ...value, value: coerced.value };
  misfits.push(...below(name, coerced.misfits));
  return value;
}

function literals(entries: ReadonlyMap<string, TemplatedEntry>): readonly (readonly [string, Value])[] {
  return [...entries].flatMap(([name, { value }]) =>
    value.kind === 'literal' && value.value !== null ? [[name, value.value] as const] : [],
  );
}

function isNull(value: Templated): boolean {
  return value.kind === 'literal' && value.value === null;
}

function presenceOf(value: Templated | undefined, isOpen: boolean): Presence {
  if (value === undefined) return isOpen ? 'maybe' : 'absent';
  if (value.kind === 'template') return 'maybe';
  return isNull(value) ? 'absent' : 'given';
}

function givenTwice(name: string, { key, keySpan }: TemplatedEntry): Diagnostic {
  const message =
    key === name ? `\`${name}\` is given twice` : `\`${key}\` is another name of \`${name}\`, which is given too`;
  return error('parameter', message, keySpan);
}

function spanIn(entries: ReadonlyMap<string, TemplatedEntry>, path: Path): Span | undefined {
  let node = entries.get(String(path[0]))?.value;
  let span = node?.span;
  for (const step of path.slice(1)) {
    if (node?.kind === 'map') node = node.entries.find(({ key }) => key === step)?.value;
    else if (node?.kind === 'list') node = node.items[Number(step)];
    else break;
    span = node?.span ?? span;
  }
  return span;
}
