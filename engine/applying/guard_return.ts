import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../monotonic.ts';
import type { RunEvent } from '../planning/plan.ts';
import { type Answer, TransportError } from '../transport/connection.ts';
import { readGuard, revertGuard } from './guard_questions.ts';
import { answerText, askAnew, askApart, type GuardedHost, type GuardOptions } from './guarded_host.ts';

/** What became of a host that nobody gets into any more: it was put back, or is lost. */
export type Verdict = Extract<RunEvent, { type: 'host-reverted' | 'host-unreachable' }>;

/** A reverting host stops and starts services: it gets this long beyond its timeout. */
const REVERT_MS = 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** A dead connection takes no word any more. */
const WORD_MS = 5_000;

/**
 * Nobody gets in any more, for this reason: waits until the host has put itself back, and one does. `undefined`: there
 * was nothing to put back. `problem`: what stood against the last login.
 */
export async function bringBack(
  guard: GuardedHost,
  reason: string,
  problem: TransportError | undefined,
  options: GuardOptions,
): Promise<Verdict | undefined> {
  const { run, connections } = options;
  const timeoutMs = options.timeoutS * 1000;
  const { host } = guard.target;
  const ports = await tellToRevert(guard, reason, options);
  guard.stop();
  const deadline = monotonicMs() + timeoutMs + REVERT_MS;
  let last = problem;
  for (let pause = FIRST_PAUSE_MS; monotonicMs() < deadline; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    await delay(pause);
    try {
      const answer = await askAnew(guard.target, {}, readGuard(run), connections, timeoutMs);
      const state = answerText(answer.stdout);
      if (state === 'reverted') return reverted(host, reason, answer, movedPort(guard, ports, options));
      if (state === 'gone') return undefined; // it had not been armed yet, or the word that it is disarmed was lost
    } catch (thrown) {
      if (!(thrown instanceof TransportError)) throw thrown;
      last = thrown;
    }
  }
  const message = `${reason}; the access guard did not bring it back: ${last?.message ?? 'it does not end'}`;
  const hint = `What it did stands in the run's directory on the host (/var/lib/runbook/runs/${run}/guard.log).`;
  return { type: 'host-unreachable', host, message, hint };
}

/** By the connection that is still open, if it is. The ports that sshd is told to listen on. */
async function tellToRevert(guard: GuardedHost, reason: string, options: GuardOptions): Promise<readonly number[]> {
  const told = (async () => {
    const answer = await askApart(guard, revertGuard(options.run, reason), WORD_MS, options);
    return answerText(answer.parts.get('ports')).split('\n').map(Number).filter(Boolean);
  })();
  return await Promise.race([told.catch(() => []), delay(WORD_MS, [])]);
}

function movedPort(guard: GuardedHost, ports: readonly number[], { connections }: GuardOptions): string | undefined {
  const { route } = connections.reach(guard.target);
  if (route.kind === 'local' || ports.length === 0 || ports.includes(route.port)) return undefined;
  const port = ports[0] as number;
  return `sshd was told to listen on port ${ports.join(', ')} and no longer on ${route.port}. A play that moves the port lets it through the firewall and sets it for itself (set_fact: ansible_port: ${port}); the inventory is changed after it.`;
}

function reverted(host: string, message: string, answer: Answer, hint: string | undefined): Verdict {
  const log = answerText(answer.parts.get('log')).split('\n');
  return { type: 'host-reverted', host, message, log, ...(hint !== undefined && { hint }) };
}
