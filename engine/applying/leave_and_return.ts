import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../monotonic.ts';
import type { Leaving } from '../planning/contracts.ts';
import type { Instance } from '../planning/instance.ts';
import { type Answer, type Shell, TransportError } from '../transport/connection.ts';
import type { Sh } from '../transport/sh.ts';
import type { Execution } from './execution.ts';
import type { Piece } from './program.ts';

/** How the host of some pieces goes away, if it does. */
export function leavingOf(pieces: readonly Piece[]): Leaving | undefined {
  for (const piece of pieces) if (piece.kind === 'action' && piece.action.leaves) return piece.action.leaves;
  return undefined;
}

interface Absent {
  /** What came back of what was sent. */
  readonly sent?: readonly (Answer | null)[] | undefined;
  /** Of what sends it away: whether it is back. */
  readonly last: Answer | null;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;
/** A host that is about to go away may answer no more. */
const SIGN_MS = 10_000;

/**
 * Runs what sends the host away, then tries to log in until its sign is another one. `send` gives the answers, the
 * last one of what sends it away; where they were lost with the connection, that is how it goes away.
 */
export async function leaveAndReturn(
  leaving: Leaving,
  target: Instance['target'],
  shell: Shell,
  how: Execution,
  send: () => Promise<readonly (Answer | null)[]>,
): Promise<Absent> {
  if (how.absence.isHere(target)) return { last: answerOf(1, 'this is the machine that runbook itself runs on') };
  const before = await ask(shell, leaving.sign);
  if (before.status !== 0) {
    return { last: answerOf(1, `it cannot be told when it is back: ${text(before.stderr)}`) };
  }
  const startedAt = monotonicMs();
  how.absence.away(target, true);
  try {
    const sent = await send().catch((thrown: unknown) => {
      if (thrown instanceof TransportError && thrown.fault === 'lost') return undefined;
      throw thrown;
    });
    const last = sent?.at(-1);
    if (last === null || (last !== undefined && last.status !== 0)) return { sent, last };
    const back = await comeBack(leaving, target, text(before.stdout), how);
    return { sent, last: { ...back, ms: monotonicMs() - startedAt } };
  } finally {
    how.absence.away(target, false);
  }
}

/** Tries to log in until the host shows another sign, and then until the test succeeds. */
async function comeBack(leaving: Leaving, target: Instance['target'], before: string, how: Execution): Promise<Answer> {
  await pause(leaving.delayS * 1000, how.signal);
  let last = 'it did not go away';
  const back = await until(leaving.timeoutS, how.signal, async () => {
    const answer = await askAnew(leaving, target, leaving.sign, how);
    last = typeof answer === 'string' ? answer : 'it did not go away';
    return typeof answer !== 'string' && answer.status === 0 && text(answer.stdout) !== before;
  });
  if (!back) return answerOf(1, `it was not back within ${leaving.timeoutS} s: ${last}`);
  const works = await until(leaving.timeoutS, how.signal, async () => {
    const answer = await askAnew(leaving, target, leaving.test, how);
    last = typeof answer === 'string' ? answer : text(answer.stderr) || `status ${answer.status}`;
    return typeof answer !== 'string' && answer.status === 0;
  });
  return works ? answerOf(0, '') : answerOf(1, `it is back, and its test did not succeed: ${last}`);
}

async function until(
  timeoutS: number,
  signal: AbortSignal | undefined,
  holds: () => Promise<boolean>,
): Promise<boolean> {
  const deadline = monotonicMs() + timeoutS * 1000;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    if (await holds()) return true;
    if (monotonicMs() + pauseMs > deadline) return false;
    await pause(pauseMs, signal);
  }
}

/** Why no login was had, in words; else what it answered. */
async function askAnew(
  { loginS }: Leaving,
  target: Instance['target'],
  question: Sh,
  { absence }: Execution,
): Promise<Answer | string> {
  try {
    const connection = await absence.login(target, loginS);
    try {
      return await ask(await connection.shell(target.identity), question);
    } finally {
      await connection.close();
    }
  } catch (thrown) {
    if (thrown instanceof TransportError) return thrown.message;
    throw thrown;
  }
}

async function ask(shell: Shell, question: Sh): Promise<Answer> {
  return (await shell.ask([question], { timeoutMs: SIGN_MS }))[0] as Answer;
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
  if (signal?.aborted) throw new TransportError('interrupted', 'interrupted while waiting for the host to come back');
}

function answerOf(status: number, why: string): Answer {
  const stderr = new TextEncoder().encode(why);
  return { status, stdout: new Uint8Array(), stderr, parts: new Map(), ms: 0 };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trim();
}
