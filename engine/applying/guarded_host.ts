import type { ValueMap } from '../language/values.ts';
import type { Target } from '../planning/walk_context.ts';
import type { Answer, Connection, Shell } from '../transport/connection.ts';
import { ChannelRefused } from '../transport/link.ts';
import type { Sh } from '../transport/sh.ts';
import type { Connections } from './connections.ts';

export interface GuardOptions {
  readonly run: string;
  /** How long a host goes without a sign of us before it puts itself back. */
  readonly timeoutS: number;
  readonly connections: Connections;
  /** Who logs in there. */
  loginUser(target: Target): string;
}

/** What one host has for one user of the access guard. */
export interface GuardedHost {
  readonly target: Target;
  /** Those who change it, told when it is out of reach. */
  readonly holders: Set<AbortController>;
  /** `asked` before it is known to be armed, as an answer may be lost. */
  state: 'idle' | 'asked' | 'armed';
  /** Where the host opens no further channel: a connection for the beat alone. */
  own: Promise<Connection> | undefined;
  /** Why the host is on its own now. */
  tripped: string | undefined;
  /** A task has sent the host away: it is no wonder that nothing is heard of it. */
  away: boolean;
  /** Ends the beat. */
  stop(): void;
}

export function unguarded(target: Target): GuardedHost {
  return { target, holders: new Set(), state: 'idle', own: undefined, tripped: undefined, away: false, stop: () => {} };
}

/** It was disarmed, or the host is put back: as it was before it was armed. */
export async function standDown(guard: GuardedHost): Promise<void> {
  guard.stop();
  await guard.own?.then((own) => own.close()).catch(() => {});
  guard.own = undefined;
  guard.state = 'idle';
  guard.tripped = undefined;
  guard.away = false;
}

/** The name of the shell that beats beside the one that works. */
const APART = 'guard';

/** Asks beside the shell that works, which may be busy. */
export async function askApart(
  guard: GuardedHost,
  question: Sh,
  limitMs: number,
  options: GuardOptions,
): Promise<Answer> {
  const { target } = guard;
  const { connections } = options;
  const ask = async (shell: Shell) => (await shell.ask([question], { timeoutMs: limitMs }))[0] as Answer;
  try {
    if (guard.own === undefined) return await ask(await connections.shell(target, APART));
  } catch (thrown) {
    if (!(thrown instanceof ChannelRefused)) throw thrown;
    guard.own = connections.anew(target, {}, options.timeoutS * 1000);
    guard.own.catch(() => {
      guard.own = undefined; // the next beat tries again
    });
  }
  return await ask(await (await (guard.own as Promise<Connection>)).shell(target.identity));
}

/** Asks by a login that is made for it. */
export async function askAnew(
  target: Target,
  variables: ValueMap,
  question: Sh,
  connections: Connections,
  timeoutMs: number,
): Promise<Answer> {
  const connection = await connections.anew(target, variables, timeoutMs);
  try {
    const shell = await connection.shell(target.identity);
    return (await shell.ask([question], { timeoutMs }))[0] as Answer;
  } finally {
    await connection.close();
  }
}

export function answerText(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes).trim();
}
