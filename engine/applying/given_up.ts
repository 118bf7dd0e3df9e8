import type { ValueMap } from '../language/values.ts';
import type { Recorded } from '../planning/history.ts';
import type { Instance } from '../planning/instance.ts';
import type { TaskResult } from '../planning/plan.ts';
import type { TransportError } from '../transport/connection.ts';

/** A task that is given up, because its host cannot be reached and it says that this is to be ignored. */
export interface Excused {
  readonly record: Recorded;
  readonly result: TaskResult;
}

/**
 * `ignore_unreachable` (Ansible: "Ignoring unreachable host errors"): the task that asked for a look at this host is
 * given up, and what it registers says `unreachable: true`. `undefined`: the fault is the host's end.
 */
export function excuse(instances: readonly Instance[], host: string, fault: TransportError): Excused | undefined {
  const task = instances.find(({ pending, target }) => pending && target.host === host);
  if (task?.ignoreUnreachable !== true || fault.fault === 'interrupted') return undefined;
  const { message, hint } = fault;
  const record: Recorded = { outcome: 'ignored', result: unreachable(message), changed: false };
  const failure = { message, left: 'Nothing of it was begun.', ...(hint !== undefined && { hint }) };
  const shown: Instance = {
    ...task,
    status: 'fail',
    caught: 'ignored',
    steps: [],
    waitsFor: [],
    open: false,
    pending: false,
    message,
    predicted: record,
  };
  return { record, result: { task: shown, outcome: 'ignored', result: unreachable(message), failure, ms: 0 } };
}

/** What a task registers whose host could not be reached. */
export function unreachable(message: string): ValueMap {
  return { changed: false, unreachable: true, msg: message };
}

/** Whether a task ended so, and its host has to be connected to anew. */
export function wasUnreachable({ outcome, result }: Recorded): boolean {
  return outcome === 'ignored' && 'unreachable' in result && result.unreachable === true;
}
