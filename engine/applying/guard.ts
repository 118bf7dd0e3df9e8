import { setTimeout as delay } from 'node:timers/promises';
import type { ValueMap } from '../language/values.ts';
import type { RunEvent } from '../planning/plan.ts';
import type { Target } from '../planning/walk_context.ts';
import { type Answer, type Connection, type Shell, TransportError } from '../transport/connection.ts';
import { ChannelRefused } from '../transport/link.ts';
import type { Sh } from '../transport/sh.ts';
import type { Connections } from './connections.ts';
import { armGuard, beatGuard, disarmGuard, GONE, readGuard, revertGuard } from './guard_questions.ts';

export interface GuardOptions {
  readonly run: string;
  /** How long a host goes without a sign of us before it puts itself back. */
  readonly timeoutS: number;
  readonly connections: Connections;
  /** Who logs in there. */
  loginUser(target: Target): string;
}

/** The access guards of a run: one for each host and user who changes it, shared by all that change it. */
export interface Guards {
  /** One host's part in them, for a play. */
  hold(): Hold;
}

export interface Hold {
  /** To be asked in the entered shell before the first change that may cut the way to the host. */
  arming(target: Target): Arming | undefined;
  /** Aborted when a guarded host has put itself back, or does not answer any more. */
  readonly signal: AbortSignal;
  /**
   * The play is over: proves a new login (and become) and disarms; or has the host put itself back, and waits for
   * that. `variables`: what the play has set; connection variables among them tell the way that is proved. Gives what
   * is to be told of hosts that were put back or are lost.
   */
  settle(variables: ValueMap): Promise<readonly Verdict[]>;
}

export interface Arming {
  readonly sh: Sh;
  /** `null`: it was not asked. */
  answered(answer: Answer | null): void;
  /** Why it is not armed, once it was answered. */
  problem(): TransportError | undefined;
}

export type Verdict = Extract<RunEvent, { type: 'host-reverted' | 'host-unreachable' }>;

/** What one host has for one user: `asked` before it is known to be armed, as an answer may be lost. */
interface Guard {
  readonly target: Target;
  /** Those who change it, told when it is out of reach. */
  readonly holders: Set<AbortController>;
  state: 'idle' | 'asked' | 'armed';
  /** Where the host opens no further channel: a connection for the beat alone. */
  own: Promise<Connection> | undefined;
  /** Why the host is on its own now. */
  tripped: string | undefined;
  stop(): void;
}

/** The name of the shell that beats beside the one that works. */
const APART = 'guard';
/** A reverting host stops and starts services: it gets this long beyond its timeout. */
const REVERT_MS = 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** A dead connection takes no word any more. */
const WORD_MS = 5_000;

export function createGuards(options: GuardOptions): Guards {
  const { run, connections } = options;
  const timeoutMs = options.timeoutS * 1000;
  const guards = new Map<string, Guard>();

  function guardOf(target: Target): Guard {
    const key = JSON.stringify([target.host, target.identity.user ?? options.loginUser(target)]);
    let guard = guards.get(key);
    if (guard === undefined) {
      guard = { target, holders: new Set(), state: 'idle', own: undefined, tripped: undefined, stop: () => {} };
      guards.set(key, guard);
    }
    return guard;
  }

  /** Who may change what lets people in: root, and each user its own keys. Without a login there is only become. */
  function concerns(target: Target): boolean {
    const { user } = target.identity;
    if (connections.reach(target).route.kind === 'local') return user === 'root';
    return user === null || user === 'root';
  }

  /** Beside the shell that works, which may be busy. */
  async function askApart(guard: Guard, question: Sh, limitMs: number): Promise<Answer> {
    const { target } = guard;
    const ask = async (shell: Shell) => (await shell.ask([question], { timeoutMs: limitMs }))[0] as Answer;
    try {
      if (guard.own === undefined) return await ask(await connections.shell(target, APART));
    } catch (thrown) {
      if (!(thrown instanceof ChannelRefused)) throw thrown;
      guard.own = connections.anew(target, {}, timeoutMs);
      guard.own.catch(() => {
        guard.own = undefined; // the next beat tries again
      });
    }
    return await ask(await (await (guard.own as Promise<Connection>)).shell(target.identity));
  }

  /** Tells the host over and over that we are there, on a channel that no task holds up. */
  function beat(guard: Guard): void {
    let heard = performance.now();
    let asking = false;
    let over = false;
    const trip = (why: string): void => {
      if (over) return; // a beat that was on its way when the guard was disarmed
      guard.tripped ??= why;
      clearInterval(timer);
      for (const holder of guard.holders) holder.abort();
    };
    const ask = async (): Promise<void> => {
      asking = true;
      try {
        const answer = await askApart(guard, beatGuard(run, Date.now()), timeoutMs);
        if (answer.status === GONE) trip('a change cut it off for longer than --guard-timeout');
        else heard = performance.now();
      } catch (thrown) {
        if (!(thrown instanceof TransportError)) throw thrown; // else the clock tells
      } finally {
        asking = false;
      }
    };
    const timer = setInterval(() => {
      if (performance.now() - heard > timeoutMs)
        trip(`a change has cut it off: nothing was heard of it for ${options.timeoutS} s`);
      else if (!asking) void ask();
    }, timeoutMs / 3);
    guard.stop = () => {
      over = true;
      clearInterval(timer);
    };
    void ask(); // opens the shell now, before become may be broken
  }

  function armingOf(guard: Guard): Arming {
    const { target } = guard;
    let problem: TransportError | undefined;
    if (guard.state === 'idle') guard.state = 'asked';
    const users = [...new Set([options.loginUser(target), ...(target.identity.user === 'root' ? ['root'] : [])])];
    return {
      sh: armGuard(run, users, options.timeoutS),
      answered(answer) {
        if (answer === null) {
          if (guard.state === 'asked') guard.state = 'idle';
          return;
        }
        const { status, stderr } = answer;
        if (status === 0 && guard.state === 'asked') {
          guard.state = 'armed';
          beat(guard);
        } else if (status !== 0) {
          problem = new TransportError(
            'no room',
            `the access guard cannot be armed: ${text(stderr) || `status ${status}`}`,
            'Nothing was changed. --no-guard goes without it.',
          );
        }
      },
      problem: () => problem,
    };
  }

  /** A new login and a new become, by which it is disarmed. Tried again where the host is only not there yet. */
  async function prove(guard: Guard, variables: ValueMap): Promise<TransportError | undefined> {
    const startedAt = performance.now();
    for (;;) {
      const problem = await proveOnce(guard, variables);
      if (problem === undefined || guard.tripped !== undefined) return problem;
      const again = problem.fault === 'unreachable' || problem.fault === 'lost';
      if (!again || performance.now() - startedAt > timeoutMs / 3) return problem;
      await delay(FIRST_PAUSE_MS);
    }
  }

  async function proveOnce(guard: Guard, variables: ValueMap): Promise<TransportError | undefined> {
    try {
      const answer = await askAnew(guard.target, variables, disarmGuard(run));
      if (answer.status === GONE) guard.tripped ??= 'it took longer than --guard-timeout to log in again';
      if (answer.status === 0) return undefined;
      return new TransportError(
        'lost',
        `it could not be disarmed: ${text(answer.stderr) || `status ${answer.status}`}`,
      );
    } catch (thrown) {
      if (thrown instanceof TransportError) return thrown;
      throw thrown;
    }
  }

  async function askAnew(target: Target, variables: ValueMap, question: Sh): Promise<Answer> {
    const connection = await connections.anew(target, variables, timeoutMs);
    try {
      const shell = await connection.shell(target.identity);
      return (await shell.ask([question], { timeoutMs }))[0] as Answer;
    } finally {
      await connection.close();
    }
  }

  /** By the connection that is still open, if it is. The ports that sshd is told to listen on. */
  async function tellToRevert(guard: Guard, reason: string): Promise<readonly number[]> {
    const told = (async () => {
      const answer = await askApart(guard, revertGuard(run, reason), WORD_MS);
      return text(answer.parts.get('ports')).split('\n').map(Number).filter(Boolean);
    })();
    return await Promise.race([told.catch(() => []), delay(WORD_MS, [])]);
  }

  /** Nobody gets in any more: waits until the host has put itself back, and one does. */
  async function bringBack(
    guard: Guard,
    reason: string,
    problem: TransportError | undefined,
  ): Promise<Verdict | undefined> {
    const ports = await tellToRevert(guard, reason);
    guard.stop();
    const deadline = performance.now() + timeoutMs + REVERT_MS;
    let last = problem;
    for (let pause = FIRST_PAUSE_MS; performance.now() < deadline; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      await delay(pause);
      try {
        const answer = await askAnew(guard.target, {}, readGuard(run));
        const state = text(answer.stdout);
        if (state === 'reverted') return reverted(guard.target.host, reason, answer, movedPort(guard, ports));
        if (state === 'gone') return undefined; // it had not been armed yet, or the word that it is disarmed was lost
      } catch (thrown) {
        if (!(thrown instanceof TransportError)) throw thrown;
        last = thrown;
      }
    }
    const message = `${reason}; the access guard did not bring it back: ${last?.message ?? 'it does not end'}`;
    return {
      type: 'host-unreachable',
      host: guard.target.host,
      message,
      hint: `What it did stands in the run's directory on the host (/var/lib/runbook/runs/${run}/guard.log).`,
    };
  }

  function movedPort(guard: Guard, ports: readonly number[]): string | undefined {
    const { route } = connections.reach(guard.target);
    if (route.kind === 'local' || ports.length === 0 || ports.includes(route.port)) return undefined;
    const port = ports[0] as number;
    return `sshd was told to listen on port ${ports.join(', ')} and no longer on ${route.port}. A play that moves the port lets it through the firewall and sets it for itself (set_fact: ansible_port: ${port}); the inventory is changed after it.`;
  }

  async function settle(guard: Guard, variables: ValueMap): Promise<Verdict | undefined> {
    try {
      const alone = guard.tripped !== undefined;
      const problem = alone ? undefined : await prove(guard, variables);
      if (!alone && problem === undefined) return undefined;
      const { user } = guard.target.identity;
      const what = problem?.fault === 'become' ? `${user ?? 'that user'} can be become` : 'a login works';
      const reason = guard.tripped ?? `after the changes no longer ${what}: ${problem?.message}`;
      return await bringBack(guard, reason, problem);
    } finally {
      guard.stop();
      await guard.own?.then((own) => own.close()).catch(() => {});
      guard.own = undefined;
      guard.state = 'idle';
      guard.tripped = undefined;
    }
  }

  return {
    hold() {
      const held = new Set<Guard>();
      const holder = new AbortController();
      return {
        signal: holder.signal,
        arming(target) {
          if (!concerns(target)) return undefined;
          const guard = guardOf(target);
          guard.holders.add(holder);
          held.add(guard);
          return guard.state === 'armed' ? undefined : armingOf(guard);
        },
        async settle(variables) {
          const verdicts: Verdict[] = [];
          for (const guard of held) {
            guard.holders.delete(holder);
            // Whoever changes the host last proves that all is well.
            if (guard.holders.size > 0 || guard.state === 'idle') continue;
            const verdict = await settle(guard, variables);
            if (verdict !== undefined) verdicts.push(verdict);
          }
          return verdicts;
        },
      };
    },
  };
}

function reverted(host: string, message: string, answer: Answer, hint: string | undefined): Verdict {
  const log = text(answer.parts.get('log')).split('\n');
  return { type: 'host-reverted', host, message, log, ...(hint !== undefined && { hint }) };
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes).trim();
}
