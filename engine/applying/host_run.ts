import { setTimeout } from 'node:timers/promises';
import type { ValueMap } from '../language/values.ts';
import { FRESH, type Recorded, type Situation } from '../planning/history.ts';
import type { Instance } from '../planning/instance.ts';
import type { RunCommand, RunEvent, TaskResult } from '../planning/plan.ts';
import { actingUser, type Surroundings } from '../planning/walk_context.ts';
import { TransportError } from '../transport/connection.ts';
import type { Connections } from './connections.ts';
import { execute } from './execute.ts';
import type { Execution, Held } from './execution.ts';
import { fingerprint } from './fingerprint.ts';
import { type GivenUp, wasUnreachable } from './given_up.ts';
import type { Guards, Hold } from './guard.ts';
import { createHostEyes } from './host_eyes.ts';
import { createHostPlanning, type HostPlanning, MOST_LOOKS, walkOn } from './host_plan.ts';
import { createHostStore, playKey } from './host_store.ts';
import type { Rest } from './in_parallel.ts';
import type { OnceBoard } from './once.ts';
import { type Piece, stretchOf } from './program.ts';
import type { HostPlay } from './run_play.ts';
import type { RunNote } from './store.ts';
import { heldBy } from './told.ts';

export interface HostRunOptions {
  readonly surroundings: Surroundings;
  readonly connections: Connections;
  readonly command: RunCommand;
  readonly emit: (event: RunEvent) => void;
  readonly intend: (host: string, instances: readonly Instance[], pieces: readonly Piece[]) => void;
  readonly lookTimeoutMs: number;
  /** Takes the secrets out of what a host's journal tells. */
  readonly mask: (text: string) => string;
  readonly run: RunNote;
  /** The next number of what changes hosts, over all of the run. */
  readonly number: () => number;
  readonly guards: Guards | undefined;
  readonly lockTimeoutS: number;
  /** How many runs a host keeps to be undone. */
  readonly keep: number;
  readonly signal: AbortSignal;
  /** What was certain when it was planned is done as it was planned, or the host is left alone. */
  readonly exact: boolean;
}

/** `refused`: another run is at work there, or has changed what was planned. */
export type Lost = 'unreachable' | 'failed' | 'refused';

/** One host in one run: what is known of it, and the loop of look, plan and do. */
export interface HostRun {
  readonly name: string;
  /** Where the host stands: facts and variables, for `hostvars`. */
  situation(): Situation;
  /** Why the host is out. */
  lost(): Lost | undefined;
  /** A task failed whose failure ends the run for all (`any_errors_fatal`). */
  fatal(): boolean;
  preflight: HostPlanning['preflight'];
  plan: HostPlanning['plan'];
  /** Looks at everything again, as it was looked at before. */
  lookAgain(): Promise<void>;
  /** Takes the host out of the run before anything is done there. */
  refuse(message: string, hint: string): void;
  /** Runs a play. `goOn` is asked before each stretch. Gives what waits for a host that puts itself back. */
  apply(play: HostPlay, board: OnceBoard, goOn: () => boolean): Promise<Rest | undefined>;
  /** The run is over here. `ended`: nobody stopped it. */
  leave(ended: boolean): Promise<void>;
}

export function createHostRun(name: string, options: HostRunOptions): HostRun {
  const { surroundings, connections, emit } = options;
  let situation: Situation = FRESH;
  const store = createHostStore(name, options);
  const eyes = createHostEyes(name, { ...options, store, signal: () => signal });
  const { observed } = eyes;
  const walk = walkOn(name, surroundings, store);
  const planning = createHostPlanning(name, walk, {
    ...options,
    eyes,
    store,
    situation: () => situation,
    execution: () => execution(NEVER_BEFORE, () => {}, undefined),
  });
  /** Somebody else has been at work here since the plan was made. */
  let moved = false;
  let lost: Lost | undefined;
  let fatal = false;
  /** What ends a question: the user, or the access guard. */
  let signal = options.signal;

  function execution(
    attempts: (id: string) => number,
    finished: (result: TaskResult) => void,
    play: HostPlay | undefined,
    history: ReadonlyMap<string, Recorded> = new Map(),
    hold?: Hold,
  ): Execution {
    return {
      store: play && {
        numbering: { play: playKey(play), next: options.number, mask: options.mask },
        entering: store.entering,
        guarding: (target) => hold?.arming(target),
      },
      shell: (target) => connections.shell(target),
      observed,
      user: (instance) => actingUser(surroundings, instance.target),
      started: (task) => emit({ type: 'task-started', task }),
      intend: (instances, pieces) => options.intend(name, instances, pieces),
      finished,
      attempts,
      absence: {
        isHere: (target) => connections.reach(target).route.kind === 'local',
        away(target, is) {
          hold?.away(target, is);
          if (!is) connections.lose(target.host);
        },
        login: (target, loginS) => connections.anew(target, variablesSet(history), (loginS ?? LOGIN_S) * 1000),
      },
      signal,
    };
  }

  return {
    name,
    situation: () => situation,
    lost: () => lost,
    fatal: () => fatal,

    preflight: planning.preflight,

    async plan(plays, boards) {
      try {
        return await planning.plan(plays, boards);
      } catch (thrown) {
        lost = 'unreachable';
        throw thrown;
      } finally {
        // What it did not come to, another host has to plan.
        for (const board of boards) board.lose(name);
      }
    },

    lookAgain: () => eyes.lookAgain(),

    refuse(message, hint) {
      lost = 'refused';
      emit({ type: 'host-refused', host: name, message, hint });
    },

    async apply(play, board, goOn) {
      const history = new Map<string, Recorded>();
      const hold = options.guards?.hold();
      if (hold !== undefined) signal = AbortSignal.any([options.signal, hold.signal]);
      let rest: Rest | undefined;
      try {
        await playThrough(play, board, goOn, history, hold);
      } catch (thrown) {
        if (!(thrown instanceof TransportError)) throw thrown;
        lost = 'unreachable';
        emit({ type: 'host-unreachable', host: name, message: thrown.message, hint: thrown.hint });
      } finally {
        signal = options.signal;
        if (hold !== undefined) rest = await prove(hold, history);
        // Whatever ended it: what it still owes, another host has to do.
        board.lose(name);
      }
      return rest;
    },

    async leave(ended) {
      if (lost !== 'unreachable') await store.leave(!ended, ended && lost === undefined, situation.variables);
    },
  };

  /** The loop of look, plan and do. `history`: what came of each task. */
  async function playThrough(
    play: HostPlay,
    board: OnceBoard,
    goOn: () => boolean,
    history: Map<string, Recorded>,
    hold: Hold | undefined,
  ): Promise<void> {
    const tries = new Map<string, number>();
    const finished = (result: TaskResult) => {
      emit({ type: 'task-finished', result });
      if (result.outcome === 'changed') store.changed(result.task as Instance);
      if (result.outcome === 'failed') {
        lost = 'failed';
        fatal ||= (result.task as Instance).anyErrorsFatal;
      }
      if (result.outcome === 'unreachable') lost = 'unreachable';
    };
    /** Told when it is come to: what stands before it is done. */
    let failing: TaskResult | undefined;
    const giveUp = ({ record, result }: GivenUp) => {
      history.set(result.task.id, record);
      if (result.outcome === 'failed') failing = result;
      else finished(result);
    };
    for (const given of planning.givenUp(play)) giveUp(given);
    const standing = goOn() ? planning.standing(play, situation) : undefined;
    if (standing !== undefined) {
      await execute(standing.instances, execution(NEVER_BEFORE, finished, play));
      situation = standing.end;
      store.played();
      return;
    }
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
        const given = await eyes.lookOrGiveUp(result.unseen, result.instances);
        if (given === undefined) continue;
        giveUp(given);
        if (wasUnreachable(given.record)) connections.lose((given.result.task as Instance).target.host);
        looks -= 1;
        continue;
      }
      const stretch = stretchOf(result.instances);
      if (stretch.length === 0 && result.waitingFor.length > 0) {
        await board.wait(name, result.waitingFor);
        continue;
      }
      if (stretch.length === 0) {
        if (result.instances.length > 0) refuse(result.instances[0] as Instance, finished);
        if (failing !== undefined) {
          finished(failing);
          return;
        }
        situation = result.end;
        store.played();
        return;
      }
      looks = 0;
      if ((moved || options.exact) && hasMoved(stretch)) return;
      moved = false;
      const done = await execute(
        stretch,
        execution((id) => tries.get(id) ?? 0, finished, play, history, hold),
      );
      if (done.held !== undefined) {
        if (giveWay(done.held)) return;
        continue;
      }
      for (const [id, record] of done.records) {
        history.set(id, record);
        const target = stretch.find((instance) => instance.id === id)?.target;
        if (target !== undefined && wasUnreachable(record)) connections.lose(target.host);
        if (stretch.find((instance) => instance.id === id)?.runOnce) board.publish(id, record);
      }
      if (lost !== undefined) return;
      if (done.again !== undefined) await retry(done.again, tries);
    }
  }

  /** The play is over here: only now the access guard lets go, or has the host put itself back. */
  async function prove(hold: Hold, history: ReadonlyMap<string, Recorded>): Promise<Rest | undefined> {
    const returns = await hold.settle(variablesSet(history));
    if (returns === undefined) return undefined;
    return async () => {
      for (const { host, message, ...verdict } of await returns()) {
        lost = verdict.type === 'host-reverted' ? 'failed' : 'unreachable';
        emit({ ...verdict, host: name, message: host === name ? message : `${host}: ${message}` });
      }
    };
  }

  /** All variables that plays have set so far. */
  function variablesSet(history: ReadonlyMap<string, Recorded>): ValueMap {
    return Object.assign({}, situation.variables, ...[...history.values()].map((one) => one.variables ?? {}));
  }

  /** Another run has the host, or had it a moment ago: then everything is looked at again. */
  function giveWay({ holder }: Held): boolean {
    if (holder !== undefined) {
      lost = 'refused';
      emit({ type: 'host-refused', host: name, ...heldBy(holder) });
      return true;
    }
    moved = true;
    observed(name).forget(() => true);
    return false;
  }

  /** What is to be done next must still be what was shown. */
  function hasMoved(stretch: readonly Instance[]): boolean {
    // What was provisional when it was shown has no fingerprint: where nobody else was at work, it is what it came to be.
    const shown = planning.shown();
    const differs = (id: string, text: string) => shown.get(id) !== text && (moved || shown.has(id));
    const other = [...fingerprint(stretch)].find(([id, text]) => differs(id, text));
    if (other === undefined) return false;
    const task = stretch.find(({ id }) => id === other[0])?.name;
    lost = 'refused';
    const why = moved ? 'another run has changed the host since the plan was made' : 'the host has changed on the way';
    const message = `${why}: \`${task}\` is no longer what was shown`;
    emit({
      type: 'host-refused',
      host: name,
      message,
      hint: 'It was not done, nor what comes after it. Run apply again to see the new plan.',
    });
    return true;
  }

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

/** What a login after the host was away may take, where its route says nothing shorter. */
const LOGIN_S = 60;

/** What runs while planning is not tried again. */
const NEVER_BEFORE = () => 0;
