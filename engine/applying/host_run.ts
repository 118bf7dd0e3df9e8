import { setTimeout } from 'node:timers/promises';
import type { Diagnostic } from '../language/diagnostics.ts';
import type { PlaySyntax } from '../language/syntax.ts';
import { FRESH, type Recorded, type Situation } from '../planning/history.ts';
import type { Instance } from '../planning/instance.ts';
import { observe } from '../planning/observe.ts';
import type { RunEvent, TaskResult } from '../planning/plan.ts';
import { State } from '../planning/state.ts';
import { type WalkResult, walkPlay } from '../planning/walk.ts';
import { actingUser, addQuestion, type Surroundings, type Unseen, type WalkInput } from '../planning/walk_context.ts';
import { TransportError } from '../transport/connection.ts';
import type { Connections } from './connections.ts';
import { type Execution, execute } from './execute.ts';
import type { OnceBoard } from './once.ts';
import { stretchOf } from './program.ts';

/** A play as one host sees it. */
export interface HostPlay {
  readonly index: number;
  readonly syntax: PlaySyntax;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly batch: readonly string[];
}

export interface HostPlan {
  readonly instances: readonly Instance[];
  readonly diagnostics: readonly Diagnostic[];
  readonly failed: boolean;
}

export interface HostRunOptions {
  readonly surroundings: Surroundings;
  readonly connections: Connections;
  readonly emit: (event: RunEvent) => void;
  readonly intend: (host: string, instances: readonly Instance[]) => void;
  readonly lookTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** No playbook hangs together this deeply; a walk that asks on and on is a bug, and must not run for ever. */
const MOST_LOOKS = 200;

/** One host in one run: what is known of it, and the loop of look, plan and do. */
export interface HostRun {
  readonly name: string;
  /** Where the host stands: facts and variables, for `hostvars`. */
  situation(): Situation;
  /** Why the host is out. */
  lost(): 'unreachable' | 'failed' | undefined;
  /** A task failed whose failure ends the run for all (`any_errors_fatal`). */
  fatal(): boolean;
  /** Plans all plays without contact: mistakes in the playbook come to light here. */
  preflight(plays: readonly HostPlay[]): readonly Diagnostic[];
  /** Looks until everything is known that can be, then plans. Throws TransportError. */
  plan(plays: readonly HostPlay[], boards: readonly OnceBoard[]): Promise<HostPlan>;
  /** Looks at everything again, as it was looked at before. */
  lookAgain(): Promise<void>;
  /** Runs a play. `goOn` is asked before each stretch. */
  apply(play: HostPlay, board: OnceBoard, goOn: () => boolean): Promise<void>;
}

export function createHostRun(name: string, options: HostRunOptions): HostRun {
  const { surroundings, connections, emit } = options;
  const states = new Map<string, State>();
  const looked = new Map<string, Unseen>();
  const planned = new Map<number, Map<string, Recorded>>();
  let situation: Situation = FRESH;
  let lost: 'unreachable' | 'failed' | undefined;
  let fatal = false;
  let first: readonly Unseen[] = [];

  function observed(host: string): State {
    let state = states.get(host);
    if (state === undefined) {
      state = new State();
      states.set(host, state);
    }
    return state;
  }

  async function look(unseen: readonly Unseen[]): Promise<void> {
    const startedAt = performance.now();
    await Promise.all(
      unseen.map(async ({ target, refs }) => {
        const shell = await connections.shell(target);
        const seen = await observe(shell, refs.values(), { timeoutMs: options.lookTimeoutMs, signal: options.signal });
        for (const one of seen) observed(target.host).learn(one, actingUser(surroundings, target));
      }),
    );
    gather(unseen, looked);
    const questions = unseen.reduce((sum, { refs }) => sum + refs.size, 0);
    emit({ type: 'host-looked', host: name, ms: performance.now() - startedAt, questions });
  }

  /** Walks one play; `more` is what differs between planning and doing. */
  function walk(
    play: HostPlay,
    more: Pick<WalkInput, 'history' | 'start' | 'observed' | 'shared' | 'keepGoing'>,
  ): WalkResult {
    const { syntax, name: playName, hosts: playHosts, batch } = play;
    return walkPlay({ surroundings, play: syntax, playName, host: name, playHosts, batch, ...more });
  }

  /** All plays one after the other, each in the world that the one before predicts. */
  function walkAll(plays: readonly HostPlay[], boards: readonly OnceBoard[] | undefined, keepGoing: boolean) {
    const results: WalkResult[] = [];
    let start = situation;
    const predicted = new Map<string, State>();
    for (const [i, play] of plays.entries()) {
      const result = walk(play, {
        history: planned.get(play.index) ?? new Map(),
        start,
        observed: (host) => predicted.get(host) ?? observed(host),
        shared: boards?.[i] ?? ALONE,
        keepGoing,
      });
      results.push(result);
      start = result.end;
      for (const [host, state] of result.predicted) predicted.set(host, state);
      if (result.failed && !keepGoing) break;
    }
    return results;
  }

  async function runWhilePlanning(play: HostPlay, instances: readonly Instance[]): Promise<boolean> {
    const due = instances.filter((instance) => instance.checkMode === false && ready(instance));
    if (due.length === 0) return false;
    const history = planned.get(play.index) ?? new Map<string, Recorded>();
    planned.set(play.index, history);
    const done = await execute(
      due,
      execution(
        () => 0,
        () => {},
      ),
    );
    for (const [id, record] of done.records) history.set(id, record);
    return done.records.size > 0;
  }

  function execution(attempts: (id: string) => number, finished: (result: TaskResult) => void): Execution {
    return {
      shell: (target) => connections.shell(target),
      observed,
      user: (instance) => actingUser(surroundings, instance.target),
      started: (task) => emit({ type: 'task-started', task }),
      intend: (instances) => options.intend(name, instances),
      finished,
      attempts,
      signal: options.signal,
    };
  }

  return {
    name,
    situation: () => situation,
    lost: () => lost,
    fatal: () => fatal,

    preflight(plays) {
      const results = walkAll(plays, undefined, true);
      first = results.flatMap((result) => result.unseen);
      return results.flatMap((result) => result.diagnostics);
    },

    async plan(plays, boards) {
      try {
        if (first.length > 0) await look(merge(first));
        for (let looks = 0; looks < MOST_LOOKS; looks++) {
          const results = walkAll(plays, boards, false);
          const unseen = results.flatMap((result) => result.unseen);
          if (unseen.length > 0) {
            await look(merge(unseen));
            continue;
          }
          const waiting = results.findIndex((result) => result.waitingFor.length > 0);
          let ran = false;
          for (const [i, result] of results.entries()) {
            if (!ran) ran = await runWhilePlanning(plays[i] as HostPlay, result.instances);
          }
          if (ran) continue;
          if (waiting !== -1) {
            await boards[waiting]?.wait(name, results[waiting]?.waitingFor ?? []);
            continue;
          }
          publish(results, boards);
          // What it did not come to, another host has to plan.
          for (const board of boards) board.lose(name);
          const failed = results.some((result) => result.failed);
          return {
            instances: results.flatMap((result) => result.instances),
            diagnostics: results.flatMap((result) => result.diagnostics),
            failed,
          };
        }
        throw new Error(`${name}: planning does not come to an end`);
      } catch (thrown) {
        lost = 'unreachable';
        for (const board of boards) board.lose(name);
        throw thrown;
      }
    },

    async lookAgain() {
      states.clear();
      await look([...looked.values()]);
    },

    async apply(play, board, goOn) {
      const history = new Map<string, Recorded>();
      const tries = new Map<string, number>();
      const finished = (result: TaskResult) => {
        emit({ type: 'task-finished', result });
        if (result.outcome === 'failed') {
          lost = 'failed';
          fatal ||= (result.task as Instance).anyErrorsFatal;
        }
        if (result.outcome === 'unreachable') lost = 'unreachable';
      };
      try {
        for (let looks = 0; goOn(); ) {
          const result = walk(play, {
            history,
            start: situation,
            observed,
            shared: board,
            keepGoing: false,
          });
          if (result.unseen.length > 0) {
            looks += 1;
            if (looks > MOST_LOOKS) throw new Error(`${name}: looking does not come to an end`);
            await look(result.unseen);
            continue;
          }
          const stretch = stretchOf(result.instances);
          if (stretch.length === 0 && result.waitingFor.length > 0) {
            await board.wait(name, result.waitingFor);
            continue;
          }
          if (stretch.length === 0) {
            if (result.instances.length > 0) refuse(result.instances[0] as Instance, finished);
            situation = result.end;
            return;
          }
          looks = 0;
          const done = await execute(
            stretch,
            execution((id) => tries.get(id) ?? 0, finished),
          );
          for (const [id, record] of done.records) {
            history.set(id, record);
            if (stretch.find((instance) => instance.id === id)?.runOnce) board.publish(id, record);
          }
          if (lost !== undefined) return;
          if (done.again !== undefined) await retry(done.again, tries);
        }
      } catch (thrown) {
        if (!(thrown instanceof TransportError)) throw thrown;
        lost = 'unreachable';
        emit({ type: 'host-unreachable', host: name, message: thrown.message, hint: thrown.hint });
      } finally {
        // Whatever ended it: what it still owes, another host has to do.
        board.lose(name);
      }
    },
  };

  async function retry(instance: Instance, tries: Map<string, number>): Promise<void> {
    tries.set(instance.id, (tries.get(instance.id) ?? 0) + 1);
    observed(instance.target.host).forget(() => true);
    // An interrupt ends the wait; the loop then sees that it may not go on.
    await setTimeout(instance.until?.delayMs ?? 0, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** Everything has been done and looked at, and still it hangs on something: it can't be run. */
function refuse(instance: Instance, finished: (result: TaskResult) => void): void {
  const message = `it waits for ${instance.waitsFor.join(', ')}, which never came to be known`;
  finished({
    task: instance,
    outcome: 'failed',
    result: { failed: true, changed: false, msg: message },
    failure: { message },
    ms: 0,
  });
}

function ready(instance: Instance): boolean {
  return !instance.pending && (instance.status === 'ok' || instance.status === 'change') && instance.steps.length > 0;
}

function publish(results: readonly WalkResult[], boards: readonly OnceBoard[]): void {
  for (const [i, result] of results.entries()) {
    for (const instance of result.instances) if (instance.runOnce) boards[i]?.publish(instance.id, instance.predicted);
  }
}

/** Questions of several walks for one shell become one look. */
function merge(unseen: readonly Unseen[]): readonly Unseen[] {
  return [...gather(unseen, new Map()).values()];
}

function gather(unseen: readonly Unseen[], into: Map<string, Unseen>): ReadonlyMap<string, Unseen> {
  for (const { target, refs } of unseen) for (const ref of refs.values()) addQuestion(into, target, ref);
  return into;
}

const ALONE = { owner: () => true, get: () => undefined };
