import type { Inventory } from '../inventory/inventory.ts';
import type { Result } from '../language/diagnostics.ts';
import type { ModuleTable } from '../language/module_spec.ts';
import type { PlaySyntax, TaskNode } from '../language/syntax.ts';
import type { VarLayer } from '../language/templated.ts';
import type { Unknown, ValueMap } from '../language/values.ts';
import { type Identity, LOGIN } from '../transport/connection.ts';
import type { AnyModule, Ref } from './contracts.ts';
import { keyOf } from './contracts.ts';
import type { History, Recorded, Situation } from './history.ts';
import type { LocalFiles } from './local_files.ts';
import type { Layer } from './scope.ts';
import type { State } from './state.ts';
import type { TagFilter } from './tags.ts';

/** Where programs of a task run: a host, how it is reached where a task says otherwise, and as whom. */
export interface Target {
  readonly host: string;
  readonly connection: 'ssh' | 'local' | undefined;
  readonly remoteUser: string | undefined;
  readonly identity: Identity;
}

export function targetKey(target: Target): string {
  const { user, method } = target.identity;
  return JSON.stringify([
    target.host,
    target.connection ?? '',
    target.remoteUser ?? '',
    user,
    user === null ? '' : method,
  ]);
}

/** How tasks become another user where neither they nor their play say so. */
export interface BecomeDefaults {
  readonly enabled: boolean;
  readonly user: string;
  readonly method: 'sudo' | 'su';
}

/** What is the same for all hosts of a run. Everything in it answers at once, and but for `hidden` always the same. */
export interface Surroundings {
  readonly modules: ModuleTable<AnyModule>;
  readonly files: LocalFiles;
  loadTasks(path: string, keyPrefix: string, within: readonly string[]): Result<readonly TaskNode[]>;
  loadVars(path: string): Result<VarLayer>;
  readonly tags: TagFilter;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** How often `-v` was given. */
  readonly verbosity: number;
  readonly extraVars: VarLayer;
  readonly inventory: Inventory;
  /**
   * Resources that tasks under `no_log` look at, by `hiddenKey`; known from the first walk on. Other tasks of the run
   * do not show their contents either.
   */
  readonly hidden: Set<string>;
  /** Lowest precedence first, as inventories have them. */
  inventoryLayers(host: string): readonly Layer[];
  /** `inventory_hostname`, `groups`, `hostvars`, `playbook_dir`, ... */
  magic(host: string): Layer;
  becomeDefaults(host: string): BecomeDefaults;
  /** Who logs in there. */
  loginUser(host: string, connection: 'ssh' | 'local' | undefined, remoteUser: string | undefined): string;
}

/** Results of `run_once` tasks, which one host makes for all of its batch. */
export interface SharedResults {
  /** Whether this host is the one that runs them. */
  owner(host: string): boolean;
  get(id: string): Recorded | undefined;
}

export interface WalkInput {
  readonly surroundings: Surroundings;
  readonly play: PlaySyntax;
  readonly playName: string;
  readonly host: string;
  /** Hosts of the play, and of the batch the host is in. */
  readonly playHosts: readonly string[];
  readonly batch: readonly string[];
  readonly history: History;
  readonly start: Situation;
  /** What has been observed of a host; never written to. */
  observed(host: string): State;
  readonly shared: SharedResults;
  /** Handlers of this play that an earlier run notified and did not come to. */
  readonly owed: readonly string[];
  /** Go on after a failure, to tell all mistakes at once. */
  readonly keepGoing: boolean;
}

/** How a walk goes on after a task. */
export type Flow = 'on' | 'failed' | 'end';

/** What one walk gathers on its way. */
export interface Walk extends WalkInput {
  readonly states: Map<string, State>;
  readonly unseen: Map<string, Unseen>;
  readonly waitingFor: Set<string>;
  facts: ValueMap | Unknown | undefined;
  variables: Record<string, ValueMap[string]>;
  varsFiles: readonly Layer[];
  /** Layers of include_vars, newest first. */
  includedVars: readonly Layer[];
}

export interface Unseen {
  readonly target: Target;
  readonly refs: Map<string, Ref>;
}

export function hiddenKey(host: string, ref: Ref): string {
  return JSON.stringify([host, keyOf(ref)]);
}

export function stateOf(walk: Walk, host: string): State {
  let state = walk.states.get(host);
  if (state === undefined) {
    state = walk.observed(host).fork();
    walk.states.set(host, state);
  }
  return state;
}

/** Notes a question for the next look, with what was asked before: an answer takes the place of what is known. */
export function ask(walk: Walk, target: Target, ref: Ref): void {
  const aspects = new Set([...stateOf(walk, target.host).aspectsOf(ref), ...ref.aspects]);
  addQuestion(walk.unseen, target, { ...ref, aspects: [...aspects] });
}

/** Gathers what to look at, by target; questions for one resource become one. */
export function addQuestion(unseen: Map<string, Unseen>, target: Target, ref: Ref): void {
  const key = targetKey(target);
  let asked = unseen.get(key);
  if (asked === undefined) {
    asked = { target, refs: new Map() };
    unseen.set(key, asked);
  }
  const aspects = new Set([...(asked.refs.get(keyOf(ref))?.aspects ?? []), ...ref.aspects]);
  asked.refs.set(keyOf(ref), { ...ref, aspects: [...aspects] });
}

/** The user whom a task acts as. */
export function actingUser(surroundings: Surroundings, target: Target): string {
  return target.identity.user ?? surroundings.loginUser(target.host, target.connection, target.remoteUser);
}

export function identityFor(user: string, method: 'sudo' | 'su', loginUser: string): Identity {
  return user === loginUser ? LOGIN : { user, method };
}
