import { dirname } from 'node:path';
import { findHost } from '../inventory/find_host.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { magicVariables } from '../inventory/magic.ts';
import type { Result } from '../language/diagnostics.ts';
import { loadTasks, loadVars } from '../language/load_playbook.ts';
import type { ModuleTable } from '../language/module_spec.ts';
import type { Opener } from '../language/opener.ts';
import type { TaskNode } from '../language/syntax.ts';
import type { VarLayer } from '../language/templated.ts';
import type { Value } from '../language/values.ts';
import type { AnyModule } from './contracts.ts';
import { FRESH, type Situation } from './history.ts';
import { createLocalFiles } from './local_files.ts';
import { dataLayer, type Layer, templatedLayer } from './scope.ts';
import type { TagFilter } from './tags.ts';
import { factsLayer, hostScope, lazyMap } from './variables.ts';
import type { BecomeDefaults, Surroundings } from './walk_context.ts';

export interface SurroundingsInput {
  readonly modules: ModuleTable<AnyModule>;
  readonly inventory: Inventory;
  readonly extraVars: VarLayer;
  /** Opens what is encrypted. */
  readonly opener?: Opener;
  readonly tags: TagFilter;
  readonly startedAt: number;
  readonly verbosity: number;
  readonly playbook: string;
  becomeDefaults(host: string): BecomeDefaults;
  loginUser(host: string): string;
  /** Who runs the controller: the login user of local connections. */
  readonly localUser: string;
  /** Where another host stands by now. */
  situation(host: string): Situation | undefined;
}

export function createSurroundings(input: SurroundingsInput): Surroundings {
  const { inventory } = input;
  const tasks = new Map<string, Result<readonly TaskNode[]>>();
  const vars = new Map<string, Result<VarLayer>>();
  const layers = new Map<string, readonly Layer[]>();
  const magics = new Map<string, Layer>();

  const surroundings: Surroundings = {
    modules: input.modules,
    files: createLocalFiles(input.opener),
    tags: input.tags,
    startedAt: input.startedAt,
    verbosity: input.verbosity,
    extraVars: input.extraVars,
    inventory,
    hidden: new Set(),
    becomeDefaults: input.becomeDefaults,
    loginUser(host, connection, remoteUser) {
      if (connection === 'local') return input.localUser;
      return remoteUser ?? input.loginUser(host);
    },
    loadTasks(path, keyPrefix, within) {
      return cached(tasks, JSON.stringify([path, keyPrefix, within]), () =>
        loadTasks(path, input.modules, {
          keyPrefix,
          within,
          playbookDir: dirname(input.playbook),
          opener: input.opener,
        }),
      );
    },
    loadVars(path) {
      return cached(vars, path, () => loadVars(path, path, input.opener));
    },
    inventoryLayers(host) {
      return cached(layers, host, () => (findHost(inventory, host)?.layers ?? []).map(templatedLayer));
    },
    magic(host) {
      return cached(magics, host, () => magicLayer(host));
    },
  };

  function magicLayer(host: string): Layer {
    const values: Record<string, Value> = {
      ...magicVariables(inventory, host),
      playbook_dir: dirname(input.playbook),
      ansible_playbook_python: '',
      ansible_version: { full: '2.14.0', major: 2, minor: 14, revision: 0, string: '2.14.0' },
      ansible_run_tags: input.tags.only.length === 0 ? ['all'] : input.tags.only,
      ansible_skip_tags: input.tags.skip,
    };
    Object.defineProperty(values, 'hostvars', { enumerable: true, get: hostvars });
    return dataLayer(values);
  }

  let everyHost: Record<string, Value> | undefined;
  /** Made when first read, and each host of it when that is read: most plays never do. */
  function hostvars(): Record<string, Value> {
    if (everyHost !== undefined) return everyHost;
    everyHost = {};
    for (const host of [...inventory.hosts.keys(), 'localhost']) {
      Object.defineProperty(everyHost, host, { enumerable: true, configurable: true, get: () => hostvarsOf(host) });
    }
    return everyHost;
  }

  function hostvarsOf(host: string): Value {
    const { facts, variables } = input.situation(host) ?? FRESH;
    return lazyMap(hostScope(surroundings, host, [dataLayer(variables), factsLayer(facts)]));
  }

  return surroundings;
}

function cached<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
