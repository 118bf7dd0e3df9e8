import type { ValueMap } from '../language/values.ts';
import type { Recorded } from '../planning/history.ts';
import type { Instance } from '../planning/instance.ts';
import type { Outcome, TaskResult } from '../planning/plan.ts';
import { type Target, targetKey } from '../planning/walk_context.ts';
import type { TransportError } from '../transport/connection.ts';

/** A task that is given up, because what it hangs on cannot be looked at. */
export interface GivenUp {
  readonly record: Recorded;
  readonly result: TaskResult;
}

/**
 * The task that asked for a look at this target is given up. One whose user cannot be become has failed, as in
 * Ansible. Where the host cannot be reached it is `ignore_unreachable` that gives the task up (Ansible: "Ignoring
 * unreachable host errors"), and what it registers says `unreachable: true`; without it the fault is the host's end:
 * `undefined`.
 */
export function giveUp(instances: readonly Instance[], target: Target, fault: TransportError): GivenUp | undefined {
  const refused = fault.fault === 'become';
  const asked = (own: Target) => (refused ? targetKey(own) === targetKey(target) : own.host === target.host);
  const task = instances.find((instance) => instance.pending && asked(instance.target));
  if (task === undefined || fault.fault === 'interrupted') return undefined;
  if (refused) return givenUp(task, task.caught ?? 'failed', failed(fault.message), fault);
  return task.ignoreUnreachable ? givenUp(task, 'ignored', unreachable(fault.message), fault) : undefined;
}

function givenUp(task: Instance, outcome: Outcome, result: ValueMap, { message, hint }: TransportError): GivenUp {
  const record: Recorded = { outcome, result, changed: false };
  const failure = { message, left: 'Nothing of it was begun.', ...(hint !== undefined && { hint }) };
  const shown: Instance = {
    ...task,
    status: 'fail',
    caught: outcome === 'ignored' || outcome === 'rescued' ? outcome : undefined,
    steps: [],
    waitsFor: [],
    open: false,
    pending: false,
    message,
    predicted: record,
  };
  return { record, result: { task: shown, outcome, result, failure, ms: 0 } };
}

/** What a task registers that failed before anything of it was begun. */
export function failed(message: string): ValueMap {
  return { changed: false, failed: true, msg: message };
}

/** What a task registers whose host could not be reached. */
export function unreachable(message: string): ValueMap {
  return { changed: false, unreachable: true, msg: message };
}

/** Whether a task ended so, and its host has to be connected to anew. */
export function wasUnreachable({ outcome, result }: Recorded): boolean {
  return outcome === 'ignored' && 'unreachable' in result && result.unreachable === true;
}
