import type { ValueMap } from '../language/values.ts';
import type { Target } from '../planning/walk_context.ts';
import { type Answer, TransportError } from '../transport/connection.ts';
import type { Connections } from './connections.ts';
import { disarmGuard, readGuard } from './guard_questions.ts';
import { answerText, askAnew } from './guarded_host.ts';

/**
 * Ends the access guard that an earlier run has left armed, once a new login proves that what that run did keeps
 * nobody out: that we are in proves nothing. Gives why it is not over; the host then puts itself back.
 */
export async function endLeftGuard(
  run: string,
  target: Target,
  variables: ValueMap,
  connections: Connections,
  timeoutMs: number,
): Promise<string | undefined> {
  try {
    const shell = await connections.shell(target);
    const found = (await shell.ask([readGuard(run)], { timeoutMs }))[0] as Answer;
    const state = answerText(found.stdout);
    if (state === 'gone') return undefined;
    if (state === 'reverted') return 'it has put back what lets people in';
    const { status } = await askAnew(target, variables, disarmGuard(run), connections, timeoutMs);
    return status === 0 ? undefined : 'it is putting back what lets people in';
  } catch (thrown) {
    if (!(thrown instanceof TransportError)) throw thrown;
    return `it stays, as no new login works: ${thrown.message}`;
  }
}
