import { findUnknown, Unknown, type ValueMap } from '../language/values.ts';
import type { Recorded } from '../planning/history.ts';
import type { Instance } from '../planning/instance.ts';
import type { Outcome, TaskFailure } from '../planning/plan.ts';
import type { TransportError } from '../transport/connection.ts';
import type { Execution } from './execution.ts';
import { brokenOff } from './failure.ts';
import { failed, unreachable } from './given_up.ts';
import { type Answered, judgeAnswers } from './judge_answers.ts';

/** `again`: its `until` does not hold yet, and it is not over. */
interface Finished {
  readonly record: Recorded;
  readonly again: boolean;
}

/** A task is over, as far as the host answered: what came of it is learnt, told and given. */
export function finishTask(instance: Instance, own: readonly Answered[], how: Execution, ms: number): Finished {
  if (own.length === 0) return { record: finishUnrun(instance, how, ms), again: false };
  const failure = judgeAnswers(instance, own, how);
  const { raw, changed } = resultOf(instance, own, failure, how);
  const verdict = instance.judge(raw, changed, failure?.message);
  const tries = how.attempts(instance.id) + 1;
  const again = verdict.again && instance.until !== undefined && tries <= instance.until.retries;
  const exhausted = verdict.again && !again ? `\`until\` did not hold after ${tries} tries` : undefined;
  const failed = verdict.failed ?? exhausted;
  const outcome = outcomeOf(instance, failed !== undefined, verdict.changed);
  const result: ValueMap = {
    ...raw,
    changed: verdict.changed,
    failed: failed !== undefined,
    ...(failed === undefined ? {} : { msg: failed }),
    ...(instance.until === undefined ? {} : { attempts: tries }),
  };
  if (!again) {
    const shown = failed === undefined ? undefined : { ...failure, message: failed };
    how.finished({ task: instance, outcome, result, ...(shown && { failure: shown }), ms });
  }
  const { facts, variables, meta, include } = instance.predicted;
  return { record: { outcome, result, changed: verdict.changed, facts, variables, meta, include }, again };
}

/** It had nothing to run: it came out as planned. */
function finishUnrun(instance: Instance, how: Execution, ms: number): Recorded {
  const record = instance.predicted;
  const failure = instance.status === 'fail' ? { message: instance.message ?? 'failed' } : undefined;
  how.finished({ task: instance, outcome: record.outcome, result: plain(record), ...(failure && { failure }), ms });
  return record;
}

/** What a task says of itself, before its `changed_when`, `failed_when` and `until`. */
function resultOf(
  instance: Instance,
  own: readonly Answered[],
  failure: TaskFailure | undefined,
  how: Execution,
): { readonly raw: ValueMap; readonly changed: boolean } {
  const actions = own.flatMap(({ piece, answer }) =>
    piece.kind === 'action' && answer ? [{ action: piece.action, answer }] : [],
  );
  const made = own.some(({ piece, answer }) => piece.kind === 'transition' && answer?.status === 0);
  const acted = actions.some(({ action, answer }) =>
    typeof action.changed === 'function' ? action.changed(answer) : action.changed,
  );
  const raw: ValueMap = {
    ...plain(instance.predicted),
    ...(failure === undefined ? toldNow(instance, how) : {}),
    ...Object.assign({}, ...actions.map(({ action, answer }) => action.result(answer))),
    ...(failure === undefined ? {} : { msg: failure.message }),
  };
  return { raw, changed: made || acted };
}

/** The module's own result; what it could not know before the task was done it is asked again. */
function toldNow(instance: Instance, how: Execution): ValueMap {
  const { told, retell } = instance;
  const open = Object.keys(told).filter((key) => findUnknown(told[key]) !== undefined);
  if (open.length === 0 || retell === undefined) return told;
  try {
    const now = retell(how.observed(instance.target.host));
    return { ...told, ...Object.fromEntries(open.map((key) => [key, now[key] ?? null])) };
  } catch {
    // Something it looks at has been put in doubt since: these keys stay unknown, and say so where they are used.
    return told;
  }
}

function plain(record: Recorded): ValueMap {
  return record.result instanceof Unknown ? {} : record.result;
}

function outcomeOf(instance: Instance, failed: boolean, changed: boolean): Outcome {
  if (!failed) return changed ? 'changed' : 'ok';
  return instance.caught ?? 'failed';
}

/** The transport broke in the middle of a task. */
export function breakOffTask(
  instance: Instance,
  own: readonly Answered[],
  fault: TransportError,
  how: Execution,
  ms: number,
): Recorded {
  const there = fault.fault === 'timeout' || begunNothing(fault);
  const excused = !there && instance.ignoreUnreachable && fault.fault !== 'interrupted';
  const outcome = there ? outcomeOf(instance, true, false) : excused ? 'ignored' : 'unreachable';
  const result = there ? failed(fault.message) : unreachable(fault.message);
  const failure: TaskFailure = {
    message: fault.message,
    left: begunNothing(fault) ? 'Nothing of it was begun.' : brokenOff(instance.noLog ? [] : own),
    ...(fault.hint === undefined ? {} : { hint: fault.hint }),
  };
  how.finished({ task: instance, outcome, result, failure, ms });
  return { outcome, result, changed: false };
}

/** It could not be sent: there was no room for it, or its user could not be become. */
function begunNothing({ fault }: TransportError): boolean {
  return fault === 'no room' || fault === 'become';
}
