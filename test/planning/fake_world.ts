import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadInventory } from '../../engine/inventory/load_inventory.ts';
import { loadPlaybook, parseExtraVars } from '../../engine/language/load_playbook.ts';
import type { ModuleTable } from '../../engine/language/module_spec.ts';
import type { PlaySyntax } from '../../engine/language/syntax.ts';
import type { ValueMap } from '../../engine/language/values.ts';
import {
  type AnyModule,
  defineModule,
  keyOf,
  type Ref,
  type ResourceType,
  set,
} from '../../engine/planning/contracts.ts';
import type { Recorded } from '../../engine/planning/history.ts';
import { FRESH } from '../../engine/planning/history.ts';
import type { Instance } from '../../engine/planning/instance.ts';
import { State } from '../../engine/planning/state.ts';
import { createSurroundings } from '../../engine/planning/surroundings.ts';
import { type WalkResult, walkPlay } from '../../engine/planning/walk.ts';
import type { SharedResults } from '../../engine/planning/walk_context.ts';
import { sh } from '../../engine/transport/sh.ts';
import { modules as realModules } from '../../modules/registry.ts';

/** A resource type whose "host" is a map in memory: what planning is tested on. */
const thingType: ResourceType<string> = {
  name: 'thing',
  collect: () => sh`true`,
  parse: () => [],
  transition: () => sh`true`,
  describe: (change) => ({ title: `thing ${change.ref.id}`, action: 'change', attributes: [] }),
};

export function thing(id: string): Ref<string> {
  return { type: thingType, id, aspects: [] };
}

/** `thing: {name, value}`: the thing has this value; `after` names another thing that holds this one's name. */
const thingModule = defineModule<{ name: string; value: string | null; via: string | null }>({
  name: 'thing',
  collection: 'runbook',
  summary: 'Sets a thing.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { description: 'which', type: 'string' },
      value: { description: 'what', type: 'string' },
      via: { description: 'a thing that holds the name of the one to set', type: 'string' },
    },
  },
  looksAt(params, view) {
    if (!params.via) return [thing(params.name)];
    const named = view.peek(thing(params.via));
    return named === undefined || named === null ? [thing(params.via)] : [thing(params.via), thing(named)];
  },
  wants(params, view) {
    const name = params.via ? (view.get(thing(params.via)) ?? params.name) : params.name;
    const value = params.value ?? null;
    if (value === 'impossible') return { steps: [], failed: { message: `${name} cannot be so` } };
    const before = view.get(thing(name));
    if (value === 'required' && before === null) return { steps: [], failed: { message: `${name} is missing` } };
    return { steps: [set(thing(name), value)], result: { name, before } };
  },
});

/** `see: {name, aspect}`: asks for this aspect of a thing, and does nothing. */
const seeModule = defineModule<{ name: string; aspect: string }>({
  name: 'see',
  collection: 'runbook',
  summary: 'Looks.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'aspect'],
    properties: {
      name: { description: 'which', type: 'string' },
      aspect: { description: 'what of it', type: 'string' },
    },
  },
  looksAt: ({ name, aspect }) => [{ ...thing(name), aspects: [aspect] }],
  wants: ({ name, aspect }, view) => ({
    steps: [],
    result: { there: view.get({ ...thing(name), aspects: [aspect] }) !== null },
  }),
});

/** `act: name`: something that runs and disturbs everything. */
const actModule = defineModule<{ name: string }>({
  name: 'act',
  collection: 'runbook',
  summary: 'Runs.',
  freeForm: 'name',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: { name: { description: 'what', type: 'string' } },
  },
  looksAt: () => [],
  wants: (params) => ({
    steps: [
      {
        kind: 'action',
        summary: `run: ${params.name}`,
        script: sh`true`,
        disturbs: 'everything',
        changed: true,
        result: () => ({ rc: 0, stdout: 'out' }),
      },
    ],
  }),
});

const extra: readonly AnyModule[] = [thingModule, seeModule, actModule];
export const fakeModules: ModuleTable<AnyModule> = {
  find: (name) => extra.find((module) => module.name === name) ?? realModules.find(name),
  all: () => [...extra, ...realModules.all()],
};

export interface World {
  /** What is on the host. */
  readonly things: Map<string, string>;
  /** Looks that were needed so far. */
  looks: number;
}

export interface Fake {
  readonly world: World;
  /** Looks until all is known, and gives the plan. */
  plan(history?: ReadonlyMap<string, Recorded>): WalkResult;
  /** Plans and does, stretch by stretch, as applying does; gives what ran, in order. */
  apply(fails?: (instance: Instance) => string | undefined): readonly string[];
}

const ALONE: SharedResults = { owner: () => true, get: () => undefined };

/** A playbook of one play on one host with these things on it. */
export function fake(
  playbook: string,
  things: Record<string, string> = {},
  files: Record<string, string> = {},
  shared: SharedResults = ALONE,
): Fake {
  const dir = mkdtempSync(join(tmpdir(), 'runbook-planning-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'play.yml');
  writeFileSync(path, playbook);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  writeFileSync(join(dir, 'hosts'), 'web1 ansible_connection=local\n');
  const loaded = loadPlaybook(path, fakeModules);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('\n'));
  const inventory = loadInventory([join(dir, 'hosts')], { playbookDirs: [dirname(path)] });
  const extraVars = parseExtraVars([]);
  if (!inventory.ok || !extraVars.ok) throw new Error('the inventory is wrong');
  const surroundings = createSurroundings({
    modules: fakeModules,
    inventory: inventory.value,
    extraVars: extraVars.value,
    tags: { only: [], skip: [] },
    startedAt: 0,
    verbosity: 0,
    playbook: path,
    becomeDefaults: () => ({ enabled: false, user: 'root', method: 'sudo' }),
    loginUser: () => 'root',
    localUser: 'root',
    situation: () => undefined,
  });
  const [play] = loaded.value.plays as [PlaySyntax];
  const world: World = { things: new Map(Object.entries(things)), looks: 0 };
  const observed = new State();

  function walk(history: ReadonlyMap<string, Recorded>): WalkResult {
    for (;;) {
      const result = walkPlay({
        surroundings,
        play,
        playName: 'play',
        host: 'web1',
        playHosts: ['web1'],
        batch: ['web1'],
        history,
        start: FRESH,
        observed: () => observed,
        shared,
        owed: [],
        keepGoing: false,
      });
      if (result.unseen.length === 0) return result;
      world.looks += 1;
      for (const { refs } of result.unseen) {
        for (const ref of refs.values()) {
          if (ref.type !== thingType) throw new Error(`the fake world has no ${keyOf(ref)}`);
          observed.learn({ ref, value: world.things.get(ref.id) ?? null }, 'root');
        }
      }
    }
  }

  return {
    world,
    plan: (history = new Map()) => walk(history),
    apply(fails = () => undefined) {
      const history = new Map<string, Recorded>();
      const ran: string[] = [];
      for (;;) {
        const next = walk(history).instances.find((instance) => instance.status !== 'provisional');
        if (next === undefined) return ran;
        if (next.steps.length > 0) ran.push(next.item === undefined ? next.name : `${next.name} (${next.item})`);
        history.set(next.id, act(next, fails(next)));
      }
    },
  };

  function act(instance: Instance, failure: string | undefined): Recorded {
    const { predicted } = instance;
    if (instance.steps.length === 0 && failure === undefined) return predicted;
    let result: ValueMap = { ...(predicted.result as ValueMap), changed: predicted.changed };
    for (const step of instance.steps) {
      if (step.kind === 'action') {
        observed.forget(() => true);
        result = { ...result, rc: 0, stdout: 'out' };
      } else if (failure === undefined) {
        if (step.change.after === null) world.things.delete(step.change.ref.id);
        else world.things.set(step.change.ref.id, step.change.after as string);
        observed.learn({ ref: step.change.ref, value: step.change.after }, 'root');
      }
    }
    const verdict = instance.judge(result, true, failure);
    const failed = verdict.failed !== undefined;
    const outcome = failed ? (instance.caught ?? 'failed') : 'changed';
    return { ...predicted, outcome, changed: verdict.changed, result: { ...result, failed, changed: verdict.changed } };
  }
}

/** A plan in short: a line for each task that is not skipped or in order. */
export function brief(result: WalkResult): readonly string[] {
  return result.instances.flatMap((instance) => {
    const label = instance.item === undefined ? instance.name : `${instance.name} (${instance.item})`;
    const waits = instance.waitsFor.length > 0 ? ` <- ${instance.waitsFor.join(', ')}` : '';
    const why = instance.status === 'fail' ? `: ${instance.message}` : '';
    return [`${instance.status} ${label}${waits}${why}`];
  });
}
