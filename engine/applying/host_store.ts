import { basename } from 'node:path';
import type { ValueMap } from '../language/values.ts';
import { keyOf, type Seen } from '../planning/contracts.ts';
import type { Instance } from '../planning/instance.ts';
import type { RunEvent } from '../planning/plan.ts';
import { type Target, targetKey, type Unseen } from '../planning/walk_context.ts';
import { sweepBeside } from '../resources/path_program.ts';
import type { Sh } from '../transport/sh.ts';
import type { Connections } from './connections.ts';
import { endLeftGuard } from './guard_left.ts';
import type { HostPlay } from './run_play.ts';
import { enterStore, leaveStore, type RunNote, settleRuns } from './store.ts';
import { leftBehind } from './told.ts';
import { runsIn, type UnfinishedRun, unfinishedRuns } from './unfinished.ts';

export interface HostStoreOptions {
  readonly connections: Connections;
  readonly run: RunNote;
  readonly lockTimeoutS: number;
  /** How many runs a host keeps to be undone. */
  readonly keep: number;
  readonly lookTimeoutMs: number;
  readonly emit: (event: RunEvent) => void;
}

/** What a run and those before it have noted on one host: its place there, what is owed, and what is then settled. */
export interface HostStore {
  /** Asks a host what earlier runs have left, as one of its users. */
  question(target: Target, user: string): Unseen;
  saw(target: Target, seen: readonly Seen[]): void;
  /** All is looked at anew. */
  forget(): void;
  /** Handlers of a play that earlier runs notified and did not come to. */
  owed(play: HostPlay): readonly string[];
  warnings(plays: readonly HostPlay[]): readonly Extract<RunEvent, { type: 'warning' }>[];
  /** Stands before the first change in a shell. */
  entering(target: Target): Sh;
  changed(instance: Instance): void;
  /** A play has come to its end, handlers and all. */
  played(): void;
  /** The run is over here. `whole`: it was neither stopped nor did it fail. `variables`: what its plays have set. */
  leave(stopped: boolean, whole: boolean, variables: ValueMap): Promise<void>;
}

/** What an earlier run has left, and as whom that was seen. */
type LeftRun = UnfinishedRun & { readonly target: Target };

export function createHostStore(host: string, options: HostStoreOptions): HostStore {
  const { run, connections } = options;
  const entered = new Map<string, Target>();
  let unfinished: readonly LeftRun[] = [];
  /** A handler has been notified that has not run yet. */
  let owing = false;

  return {
    question(target, user) {
      const ref = unfinishedRuns(user);
      return { target, refs: new Map([[keyOf(ref), ref]]) };
    },
    saw(target, seen) {
      unfinished = [...unfinished, ...seen.flatMap(runsIn).map((one) => ({ ...one, target }))];
    },
    forget() {
      unfinished = [];
    },
    owed: (play) => unfinished.flatMap((one) => one.owed.get(playKey(play)) ?? []),
    warnings: (plays) =>
      unfinished.map((one) => ({ type: 'warning', host, message: leftBehind(one, plays.map(playKey)) })),
    entering(target) {
      entered.set(targetKey(target), target);
      return enterStore(run, options.lockTimeoutS, unfinished.flatMap(sweep));
    },
    changed(instance) {
      owing ||= instance.notifies.length > 0;
    },
    played() {
      owing = false;
    },
    async leave(stopped, whole, variables) {
      const done = await withoutGuard(whole ? unfinished.filter(({ note }) => completes(run, note)) : [], variables);
      const settled = [...(owing || stopped ? [] : [run.id]), ...done.map(({ note }) => note.id)];
      const targets = new Map([...entered, ...done.map(({ target }) => [targetKey(target), target] as const)]);
      await Promise.allSettled(
        [...targets].map(async ([key, target]) => {
          const shell = await connections.shell(target);
          const leave = entered.has(key) ? leaveStore(options.keep, settled) : settleRuns(settled);
          await shell.ask([leave], { timeoutMs: options.lookTimeoutMs });
        }),
      );
    },
  };

  /** Those of these runs that have no access guard any more. */
  async function withoutGuard(runs: readonly LeftRun[], variables: ValueMap): Promise<readonly LeftRun[]> {
    const free: LeftRun[] = [];
    for (const one of runs) {
      const { note, target, guarded } = one;
      const timeoutMs = options.lookTimeoutMs;
      const why = guarded ? await endLeftGuard(note.id, target, variables, connections, timeoutMs) : undefined;
      if (why === undefined) free.push(one);
      else options.emit({ type: 'warning', host, message: `the access guard of the run ${note.id}: ${why}` });
    }
    return free;
  }
}

/** The same in every run of the same playbook, wherever the controller keeps it. */
export function playKey(play: HostPlay): string {
  return `${basename(play.syntax.span.source.path)}: ${play.name}`;
}

/** Whether a run that comes to its end has done what an earlier one did not come to. */
function completes(run: RunNote, earlier: RunNote): boolean {
  const own = run.playbooks.map((path) => basename(path));
  return earlier.id === run.undoes || earlier.playbooks.every((path) => own.includes(basename(path)));
}

/** What a run that was cut off by a loss of power has left beside the paths it was changing. */
function sweep({ note, paths }: UnfinishedRun): readonly Sh[] {
  return paths.map((path) => sweepBeside(path, note.id));
}
