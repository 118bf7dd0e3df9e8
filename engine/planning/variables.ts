import { ok, type Result, type Source } from '../language/diagnostics.ts';
import type { Inherited } from '../language/syntax.ts';
import type { Scope } from '../language/templated.ts';
import { Unknown, type Value, type ValueMap } from '../language/values.ts';
import { blockLayers, type Frame } from './frame.ts';
import { textOf } from './local_files.ts';
import { createScope, dataLayer, type Layer, templatedLayer } from './scope.ts';
import { orMistakes } from './unreadable.ts';
import type { Surroundings, Walk } from './walk_context.ts';

/**
 * The variables a task sees. Highest precedence first, as Ansible's "Understanding variable precedence":
 * extra vars, magic, loop variables, include parameters, set_fact and register, task and block vars,
 * vars_files, play vars, facts, inventory.
 */
export function taskScope(walk: Walk, frame: Frame, own: ValueMap = {}): Scope {
  const { surroundings, play, host } = walk;
  return createScope(
    [
      dataLayer(own),
      surroundings.magic(host),
      playMagic(walk),
      templatedLayer(surroundings.extraVars),
      ...frame.includeLayers,
      dataLayer(walk.variables),
      ...walk.includedVars,
      ...blockLayers(frame.chain as readonly Inherited[]),
      ...walk.varsFiles,
      ...(play.vars ? [templatedLayer(play.vars)] : []),
      factsLayer(walk.facts),
      ...[...surroundings.inventoryLayers(host)].reverse(),
      missingFacts(walk.facts),
    ],
    {
      environment: (name) => process.env[name],
      file: (path) => readable(() => textOf(surroundings.files.find(path, 'file', [play.dir]))),
    },
  );
}

function readable(find: () => Source | undefined): Result<Source> | undefined {
  const found = orMistakes(find);
  if (!found.ok) return found;
  return found.value && ok(found.value);
}

/** The variables of a host outside any task: inventory and extra vars, for its connection and for `hostvars`. */
export function hostScope(surroundings: Surroundings, host: string, more: readonly Layer[] = []): Scope {
  return createScope([
    surroundings.magic(host),
    templatedLayer(surroundings.extraVars),
    ...more,
    ...[...surroundings.inventoryLayers(host)].reverse(),
  ]);
}

function playMagic(walk: Walk): Layer {
  return dataLayer({
    ansible_play_name: walk.playName,
    ansible_play_hosts: walk.playHosts,
    ansible_play_hosts_all: walk.playHosts,
    ansible_play_batch: walk.batch,
    ansible_check_mode: false,
    ansible_managed: 'Ansible managed',
  });
}

/** Facts of modules that Ansible has under their own names too. */
const BARE = /^(packages|services|getent_.+)$/;

/**
 * Variables that say how a host is reached and who acts there. A host that names one of its facts so, as by a network
 * interface called `become_user`, does not set it (Ansible: `clean_facts`).
 */
const REACH =
  /^ansible_(connection|user|host|port|password|pass|timeout|private_key_file|remote_tmp|pipelining|become(_.*)?|sudo(_.*)?|su(_.*)?|ssh_(?!host_key_).*|paramiko_.*|shell_.*|.*_interpreter)$/;

/** Facts as `ansible_facts.NAME` and, as Ansible injects them, `ansible_NAME`. */
export function factsLayer(facts: ValueMap | Unknown | undefined): Layer {
  if (facts === undefined || facts instanceof Unknown) return dataLayer({});
  return {
    get(name) {
      if (name === 'ansible_facts') return { kind: 'data', value: facts };
      const bare = BARE.test(name);
      if (!bare && (!name.startsWith('ansible_') || REACH.test(name))) return undefined;
      const fact = bare ? name : name.slice('ansible_'.length);
      return Object.hasOwn(facts, fact) ? { kind: 'data', value: facts[fact] as Value } : undefined;
    },
    *names() {
      yield 'ansible_facts';
      for (const name of Object.keys(facts)) yield BARE.test(name) ? name : `ansible_${name}`;
    },
  };
}

/** While facts are still to be gathered, any `ansible_` name that nothing else defines may be one. */
function missingFacts(facts: ValueMap | Unknown | undefined): Layer {
  return {
    get: (name) => {
      if (facts instanceof Unknown && name.startsWith('ansible_') && !REACH.test(name))
        return { kind: 'data', value: facts };
      return facts === undefined && name === 'ansible_facts' ? { kind: 'data', value: {} } : undefined;
    },
    names: () => [],
  };
}

/** A scope as a map whose values are rendered when they are read: what `hostvars[HOST]` is. */
export function lazyMap(scope: Scope): ValueMap {
  const map: Record<string, Value> = {};
  for (const name of new Set(scope.names())) {
    Object.defineProperty(map, name, {
      enumerable: true,
      configurable: true,
      get: () => {
        const value = scope.lookup(name);
        return value?.ok ? value.value : undefined;
      },
    });
  }
  return map;
}
