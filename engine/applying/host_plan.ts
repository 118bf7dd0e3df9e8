import type { Diagnostic } from '../language/diagnostics.ts';
import type { Recorded, Situation } from '../planning/history.ts';
import type { Instance } from '../planning/instance.ts';
import type { RunCommand, RunEvent } from '../planning/plan.ts';
import type { State } from '../planning/state.ts';
import { type WalkResult, walkPlay } from '../planning/walk.ts';
import { actingUser, type Surroundings, type Unseen, type WalkInput } from '../planning/walk_context.ts';
import { TransportError } from '../transport/connection.ts';
import { execute } from './execute.ts';
import type { Execution } from './execution.ts';
import { fingerprint } from './fingerprint.ts';
import type { GivenUp } from './given_up.ts';
import { type HostEyes, merge } from './host_eyes.ts';
import type { HostStore } from './host_store.ts';
import type { OnceBoard } from './once.ts';
import { stretchOf } from './program.ts';
import type { HostPlay } from './run_play.ts';

export interface HostPlan {
  readonly instances: readonly Instance[];
  readonly diagnostics: readonly Diagnostic[];
  readonly failed: boolean;
}

/** The planning half of a host's run: what it would do, before anything is done. */
export interface HostPlanning {
  /** Plans all plays without contact: mistakes in the playbook come to light here. */
  preflight(plays: readonly HostPlay[]): readonly Diagnostic[];
  /** Looks until everything is known that can be, then plans. Throws TransportError. */
  plan(plays: readonly HostPlay[], boards: readonly OnceBoard[]): Promise<HostPlan>;
  /** What the last plan would do, by task. */
  shown(): ReadonlyMap<string, string>;
  /**
   * The last plan of a play, where it is all that a walk from this situation would come to now: nothing is to be done
   * up to its end, and nothing has been learnt since.
   */
  standing(play: HostPlay, start: Situation): WalkResult | undefined;
  /** Tasks that were given up while planning: what was not shown is not done. */
  givenUp(play: HostPlay): readonly GivenUp[];
}

export interface HostPlanningParts {
  readonly surroundings: Surroundings;
  readonly eyes: HostEyes;
  readonly store: HostStore;
  readonly emit: (event: RunEvent) => void;
  /** An audit goes on where a task fails: it tells all that is wrong. */
  readonly command: RunCommand;
  /** Where the host stands before its first play. */
  readonly situation: () => Situation;
  /** For what runs while planning (`check_mode: false`). */
  readonly execution: () => Execution;
}

/** Walks one play on one host; the second argument is what differs between planning and doing. */
export type Walk = (
  play: HostPlay,
  more: Pick<WalkInput, 'history' | 'start' | 'observed' | 'shared' | 'keepGoing'>,
) => WalkResult;

/** No playbook hangs together this deeply; a walk that asks on and on is a bug, and must not run for ever. */
export const MOST_LOOKS = 200;

export function walkOn(name: string, surroundings: Surroundings, store: HostStore): Walk {
  return (play, more) => {
    const { syntax, name: playName, hosts: playHosts, batch } = play;
    const owed = store.owed(play);
    return walkPlay({ surroundings, play: syntax, playName, host: name, playHosts, batch, owed, ...more });
  };
}

/** Once is enough: the code is the same for all hosts. */
let rehearsed = false;

export function createHostPlanning(name: string, walk: Walk, parts: HostPlanningParts): HostPlanning {
  const { surroundings, eyes, store } = parts;
  const histories = new Map<number, Map<string, Recorded>>();
  const given = new Map<number, GivenUp[]>();
  let first: readonly Unseen[] = [];
  let shown: ReadonlyMap<string, string> = new Map();
  let standing: Standing = { walks: new Map(), state: eyes.observed(name), revision: -1 };

  /** All plays one after the other, each in the world that the one before predicts. */
  function walkAll(
    plays: readonly HostPlay[],
    boards: readonly OnceBoard[] | undefined,
    keepGoing: boolean,
    observed = eyes.observed,
  ) {
    const results: WalkResult[] = [];
    let start = parts.situation();
    const predicted = new Map<string, State>();
    for (const [i, play] of plays.entries()) {
      const result = walk(play, {
        history: histories.get(play.index) ?? new Map(),
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

  /**
   * A walk through most of what is known, while the host is at the rest: the first walk of a process takes three times
   * as long as the next, since all of its code is new to it. Nothing comes of it.
   */
  function rehearsal(plays: readonly HostPlay[]): ((host: string, soFar: State) => void) | undefined {
    if (rehearsed) return undefined;
    return (host, soFar) => {
      if (rehearsed || host !== name) return;
      rehearsed = true;
      try {
        walkAll(plays, undefined, true, (other) => (other === host ? soFar : eyes.observed(other)));
      } catch {
        // Whatever is wrong, the walk that counts comes upon it too, where it is told.
      }
    };
  }

  function historyOf(play: HostPlay): Map<string, Recorded> {
    const history = histories.get(play.index) ?? new Map<string, Recorded>();
    histories.set(play.index, history);
    return history;
  }

  async function runWhilePlanning(play: HostPlay, instances: readonly Instance[]): Promise<boolean> {
    const due = stretchOf(instances.filter((instance) => instance.checkMode === false && ready(instance)));
    if (due.length === 0) return false;
    const done = await execute(due, parts.execution());
    for (const [id, record] of done.records) historyOf(play).set(id, record);
    return done.records.size > 0;
  }

  function keep(play: HostPlay, one: GivenUp): void {
    given.set(play.index, [...(given.get(play.index) ?? []), one]);
    historyOf(play).set(one.result.task.id, one.record);
  }

  /** One walk, and what it leads to: `undefined` where there is more to know. */
  async function attempt(plays: readonly HostPlay[], boards: readonly OnceBoard[]): Promise<HostPlan | undefined> {
    const results = walkAll(plays, boards, parts.command === 'audit');
    const unseen = results.flatMap((result) => result.unseen);
    if (unseen.length > 0) {
      const instances = results.flatMap((result) => result.instances);
      const one = await eyes.lookOrGiveUp(merge(unseen), instances);
      if (one === undefined) return undefined;
      const { id } = one.result.task;
      const at = results.findIndex((result) => result.instances.some((instance) => instance.id === id));
      keep(plays[at] as HostPlay, one);
      return undefined;
    }
    for (const [i, result] of results.entries()) {
      if (await runWhilePlanning(plays[i] as HostPlay, result.instances)) return undefined;
    }
    const waiting = results.findIndex((result) => result.waitingFor.length > 0);
    if (waiting !== -1) {
      await boards[waiting]?.wait(name, results[waiting]?.waitingFor ?? []);
      return undefined;
    }
    publish(results, boards);
    standing = stand(plays, results);
    return planOf(results);
  }

  function stand(plays: readonly HostPlay[], results: readonly WalkResult[]): Standing {
    const state = eyes.observed(name);
    const walks = new Map<number, StandingWalk>();
    let start = parts.situation();
    for (const [i, result] of results.entries()) {
      const { index } = plays[i] as HostPlay;
      if (histories.has(index) || !result.instances.every(isIdle)) break;
      walks.set(index, { start, result });
      start = result.end;
    }
    return { walks, state, revision: state.revision };
  }

  function planOf(results: readonly WalkResult[]): HostPlan {
    const all = [...given.values()].flat();
    return {
      instances: [
        ...all.map(({ result }) => result.task as Instance),
        ...results.flatMap((result) => result.instances),
      ],
      diagnostics: results.flatMap((result) => result.diagnostics),
      failed: results.some((result) => result.failed) || all.some(({ record }) => record.outcome === 'failed'),
    };
  }

  return {
    preflight(plays) {
      const results = walkAll(plays, undefined, true);
      const unseen = results.flatMap((result) => result.unseen);
      const acting = results.flatMap((result) => result.instances).filter((instance) => instance.steps.length > 0);
      const targets = [...unseen, ...acting].map(({ target }) => target).filter(({ host }) => host === name);
      const left = targets.map((target) => store.question(target, actingUser(surroundings, target)));
      first = [...unseen, ...left];
      return results.flatMap((result) => result.diagnostics);
    },

    async plan(plays, boards) {
      if (first.length > 0) await eyes.look(merge(first), rehearsal(plays)).catch(unlessAskedAgain);
      for (let looks = 0; looks < MOST_LOOKS + givenCount(); looks++) {
        const plan = await attempt(plays, boards);
        if (plan === undefined) continue;
        for (const warning of store.warnings(plays)) parts.emit(warning);
        shown = fingerprint(plan.instances);
        return plan;
      }
      throw new Error(`${name}: planning does not come to an end`);
    },

    shown: () => shown,
    standing(play, start) {
      const { walks, state, revision } = standing;
      const walked = walks.get(play.index);
      const holds = walked?.start === start && state === eyes.observed(name) && state.revision === revision;
      return holds ? walked.result : undefined;
    },
    givenUp: (play) => given.get(play.index) ?? [],
  };

  /** Giving up is no look: thousands of tasks may ignore a host that is not there. */
  function givenCount(): number {
    return [...given.values()].flat().length;
  }
}

interface Standing {
  readonly walks: ReadonlyMap<number, StandingWalk>;
  readonly state: State;
  readonly revision: number;
}

interface StandingWalk {
  readonly start: Situation;
  readonly result: WalkResult;
}

/** It is done when it is told: by this host, for itself alone. */
function isIdle({ status, steps, pending, runOnce, delegate }: Instance): boolean {
  return (status === 'ok' || status === 'skip') && steps.length === 0 && !pending && !runOnce && delegate === undefined;
}

function ready(instance: Instance): boolean {
  return !instance.pending && (instance.status === 'ok' || instance.status === 'change') && instance.steps.length > 0;
}

function publish(results: readonly WalkResult[], boards: readonly OnceBoard[]): void {
  for (const [i, result] of results.entries()) {
    for (const instance of result.instances) if (instance.runOnce) boards[i]?.publish(instance.id, instance.predicted);
  }
}

/** What the first look asked for is asked for again, by the task that needs it; a host that hangs is not waited for twice. */
function unlessAskedAgain(thrown: unknown): void {
  if (!(thrown instanceof TransportError) || thrown.fault === 'timeout') throw thrown;
}

const ALONE = { owner: () => true, get: () => undefined };
