import { monotonicMs } from '../monotonic.ts';
import type { Recorded } from '../planning/history.ts';
import type { Instance } from '../planning/instance.ts';
import type { Answer, TransportError } from '../transport/connection.ts';
import type { Done, Execution } from './execution.ts';
import { breakOffTask, finishTask } from './finish_task.ts';
import { type Answered, forgetAll } from './judge_answers.ts';
import type { Piece } from './program.ts';

/** What came of some tasks that run in a row, finished in order as the answers to their pieces come. */
export interface TaskProgress {
  /** Finishes what has nothing to wait for. */
  begin(): void;
  answered(piece: number, answer: Answer): void;
  /** No more answers come; `null`: skipped, as one before it failed. */
  ended(answers: readonly (Answer | null)[]): void;
  brokenOff(fault: TransportError): void;
  /** What is not finished yet. */
  open(): readonly Instance[];
  /** A task failed: nothing after it is run. */
  stopped(): boolean;
  done(): Done;
}

export function trackTasks(group: readonly Instance[], pieces: readonly Piece[], how: Execution): TaskProgress {
  const records = new Map<string, Recorded>();
  const answers: (Answer | null | undefined)[] = [];
  const startedAt = new Map<Instance, number>();
  let again: Instance | undefined;
  let stopped = false;
  let next = 0;

  const ownOf = (instance: Instance): readonly Answered[] =>
    pieces.flatMap((piece, i) => (piece.instance === instance ? [{ piece, answer: answers[i] }] : []));

  function start(instance: Instance): number {
    let at = startedAt.get(instance);
    if (at === undefined) {
      at = monotonicMs();
      startedAt.set(instance, at);
      how.started(instance);
    }
    return at;
  }

  /** Finishes, in order, every task whose answers are all there. */
  function settle(final: boolean): void {
    for (; next < group.length && !stopped && again === undefined; next++) {
      const instance = group[next] as Instance;
      const at = start(instance);
      const own = ownOf(instance);
      const failed = own.some(({ answer }) => answer != null && answer.status !== 0);
      if (!final && !failed && own.some(({ answer }) => answer == null)) return;
      const end = finishTask(instance, own, how, monotonicMs() - at);
      if (end.again) again = instance;
      else records.set(instance.id, end.record);
      stopped = ['failed', 'ignored', 'rescued'].includes(end.record.outcome);
    }
  }

  return {
    begin: () => settle(false),
    answered(piece, answer) {
      answers[piece] = answer;
      settle(false);
    },
    ended(all) {
      for (const [i, answer] of all.entries()) answers[i] = answer;
      settle(true);
    },
    brokenOff(fault) {
      const instance = group[next];
      stopped = true;
      if (instance === undefined) return;
      forgetAll(instance, how);
      const ms = monotonicMs() - (startedAt.get(instance) ?? monotonicMs());
      records.set(instance.id, breakOffTask(instance, ownOf(instance), fault, how, ms));
    },
    open: () => group.slice(next),
    stopped: () => stopped,
    done: () => ({ records, again }),
  };
}
