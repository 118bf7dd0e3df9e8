import { setTimeout as delay } from 'node:timers/promises';
import type { ValueMap } from '../language/values.ts';
import { monotonicMs } from '../monotonic.ts';
import { TransportError } from '../transport/connection.ts';
import { disarmGuard, GONE } from './guard_questions.ts';
import { answerText, askAnew, type GuardedHost, type GuardOptions } from './guarded_host.ts';

const PAUSE_MS = 500;

/**
 * A new login and a new become, by which the guard is disarmed; gives what stands against it. Tried again where the
 * host is only not there yet.
 */
export async function prove(
  guard: GuardedHost,
  variables: ValueMap,
  options: GuardOptions,
): Promise<TransportError | undefined> {
  const startedAt = monotonicMs();
  for (;;) {
    const problem = await proveOnce(guard, variables, options);
    if (problem === undefined || guard.tripped !== undefined) return problem;
    const again = problem.fault === 'unreachable' || problem.fault === 'lost';
    if (!again || monotonicMs() - startedAt > (options.timeoutS * 1000) / 3) return problem;
    await delay(PAUSE_MS);
  }
}

async function proveOnce(
  guard: GuardedHost,
  variables: ValueMap,
  { run, connections, timeoutS }: GuardOptions,
): Promise<TransportError | undefined> {
  try {
    const answer = await askAnew(guard.target, variables, disarmGuard(run), connections, timeoutS * 1000);
    if (answer.status === GONE) guard.tripped ??= 'it took longer than --guard-timeout to log in again';
    if (answer.status === 0) return undefined;
    const why = answerText(answer.stderr) || `status ${answer.status}`;
    return new TransportError('lost', `it could not be disarmed: ${why}`);
  } catch (thrown) {
    if (thrown instanceof TransportError) return thrown;
    throw thrown;
  }
}
