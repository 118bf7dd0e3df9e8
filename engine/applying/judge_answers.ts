import type { Change, Seen } from '../planning/contracts.ts';
import { keyOf } from '../planning/contracts.ts';
import type { Instance } from '../planning/instance.ts';
import { read } from '../planning/observe.ts';
import type { TaskFailure } from '../planning/plan.ts';
import { alters, type State, sameValue } from '../planning/state.ts';
import type { Answer } from '../transport/connection.ts';
import type { Execution } from './execution.ts';
import { failureOf, mismatch } from './failure.ts';
import { keepFile } from './keep_file.ts';
import { acts, type Piece } from './program.ts';

/** A piece of a task; `null`: it was skipped, as one before it failed; `undefined`: nothing is known of it. */
export interface Answered {
  readonly piece: Piece;
  readonly answer: Answer | null | undefined;
}

/** Learns what the answers tell of the host, and gives what went wrong. */
export function judgeAnswers(instance: Instance, own: readonly Answered[], how: Execution): TaskFailure | undefined {
  const state = how.observed(instance.target.host);
  const failedAt = own.findIndex(({ piece, answer }) => answer != null && wentWrong(piece, answer) !== undefined);
  const done = own.slice(0, failedAt === -1 ? own.length : failedAt);
  for (const { piece } of failedAt === -1 ? own : own.slice(0, failedAt + 1)) unsettle(piece, state);
  if (failedAt !== -1) {
    forgetAll(instance, how);
    const { piece, answer } = own[failedAt] as { piece: Piece; answer: Answer };
    return failureOf(
      piece,
      answer,
      wentWrong(piece, answer) as string,
      done.map((one) => one.piece),
    );
  }
  for (const { piece, answer } of own) {
    if (piece.kind !== 'proof') continue;
    const seen = read(piece.question, answer ?? null);
    for (const one of seen) state.learn(one, how.user(instance));
    const wrong = disproved(piece.changes, seen);
    if (wrong !== undefined) return wrong;
  }
  return keepAnswers(own);
}

/** What was fetched goes into the controller's files. */
function keepAnswers(own: readonly Answered[]): TaskFailure | undefined {
  for (const { piece, answer } of own) {
    const keeps = piece.kind === 'action' ? piece.action.keeps : undefined;
    if (keeps === undefined || answer == null) continue;
    const message = keepFile(keeps.path, keeps.bytes(answer));
    if (message !== undefined) return { message };
  }
  return undefined;
}

function wentWrong(piece: Piece, answer: Answer): string | undefined {
  if (piece.kind === 'proof') return undefined;
  if (piece.kind === 'action' && piece.action.failed !== undefined) return piece.action.failed(answer);
  return answer.status === 0 ? undefined : `it ended with status ${answer.status}`;
}

/** What may have moved is no longer known. */
function unsettle(piece: Piece, state: State): void {
  if (piece.kind === 'action') {
    const { disturbs } = piece.action;
    if (acts(piece) && disturbs !== 'nothing') state.forget(disturbs === 'everything' ? () => true : disturbs);
  } else if (piece.kind === 'transition') {
    for (const { change } of piece.changes) {
      state.forget((other, value) => alters(change, other, value));
    }
  }
}

/** What a task was about may be anything now. */
export function forgetAll(instance: Instance, how: Execution): void {
  const keys = new Set(instance.steps.flatMap((step) => (step.kind === 'change' ? [keyOf(step.change.ref)] : [])));
  const opaque = instance.steps.some((step) => step.kind === 'action' && step.disturbs !== 'nothing');
  how.observed(instance.target.host).forget((ref) => opaque || keys.has(keyOf(ref)));
}

/** *Changed* means observed equal to what was wanted, not that a program said so. */
function disproved(changes: readonly Change[], seen: readonly Seen[]): TaskFailure | undefined {
  const last = new Map(changes.map((change) => [keyOf(change.ref), change]));
  for (const one of seen) {
    const change = last.get(keyOf(one.ref));
    if (change === undefined) continue;
    if ('error' in one) return { message: `it was changed, and then could not be read: ${one.error}` };
    const right =
      one.value === null || change.after === null
        ? one.value === change.after
        : sameValue(change.ref, one.value, change.after);
    if (!right) return mismatch(change, one.value);
  }
  return undefined;
}
