import { randomBytes } from 'node:crypto';
import type { Become } from '../inventory/inventory.ts';
import { becomeRefusal, promptNeedsPassword, slowBecome, wrongPassword } from './become_refusal.ts';
import { type Identity, TransportError } from './connection.ts';
import type { Ended, RemoteProcess } from './link.ts';
import { quote } from './sh.ts';

/** How a program is started on a host as an identity. */
export interface Entry {
  /** As messages call the host. */
  readonly host: string;
  readonly method: 'login' | 'sudo' | 'su';
  /** The user who logs in. */
  readonly login: string;
  /** The user that the program runs as. */
  readonly user: string;
  readonly password: string | undefined;
}

/** sudo(8), su(1) and PAM may take their time: a failed password costs two seconds, a directory server more. */
export const BECOME_TIMEOUT_MS = 30_000;

export function entryOf(host: string, login: string, identity: Identity, become: Become): Entry {
  const user = identity.user ?? login;
  const method = user === login ? 'login' : identity.method;
  // root is never asked for a password, by neither.
  return { host, method, login, user, password: login === 'root' ? undefined : become.password };
}

export interface Start {
  /** For the login shell: short, on one line, and plain enough for csh and fish. */
  readonly command: string;
  /** Set where a password may be asked for: nothing but the password may be written before it has opened. */
  readonly gate: Gate | undefined;
}

interface Gate {
  /** Printed on stderr by the program itself: from here on stdin is its own. */
  readonly mark: string;
  readonly prompt: RegExp;
}

/** The command that starts `sh` as the entry's user; with a script, `sh -c SCRIPT`, whose stdin is free for data. */
export function startOf(entry: Entry, script?: string): Start {
  if (entry.method === 'login')
    return { command: script === undefined ? 'sh' : `sh -c ${quote(script)}`, gate: undefined };
  const asked = entry.login !== 'root' && (entry.method === 'su' || entry.password !== undefined);
  const secret = randomBytes(16).toString('hex');
  const mark = `runbook-open-${secret}`;
  const sh = opening(asked ? mark : undefined, script);
  if (entry.method === 'su') {
    const command = `env LC_ALL=C su -s /bin/sh -c ${quote(sh ?? 'exec sh')} -- ${quote(entry.user)}`;
    // util-linux's su asks by PAM's own words, on stderr, and reads the answer from stdin when that is no terminal.
    return { command, gate: asked ? { mark, prompt: /password[^\n]*: ?$/im } : undefined };
  }
  const prompt = `[runbook ${secret}] password: `;
  const how = asked ? `-S -p ${quote(prompt)}` : '-n';
  const what = sh === undefined ? 'sh' : `sh -c ${quote(sh)}`;
  const command = `env LC_ALL=C sudo -H ${how} -u ${quote(entry.user)} -- ${what}`;
  return { command, gate: asked ? { mark, prompt: new RegExp(`\\[runbook ${secret}\\] password: `) } : undefined };
}

function opening(mark: string | undefined, script: string | undefined): string | undefined {
  if (mark === undefined) return script;
  return `echo ${mark} >&2; ${script ?? 'exec sh'}`;
}

/**
 * Waits until the program has its stdin to itself, giving the password once if it is asked for.
 * Throws a TransportError if it is refused; the process is then gone. On return both streams are paused.
 */
export async function enter(process: RemoteProcess, entry: Entry, gate: Gate, signal?: AbortSignal): Promise<void> {
  const { password } = entry;
  if (password !== undefined && /[\n\r\0]/.test(password)) {
    process.destroy();
    throw new TransportError('become', `the ${entry.method} password holds a line break, which no prompt can take`);
  }
  const decoder = new TextDecoder();
  let text = '';
  let given = false;
  const outcome = await new Promise<TransportError | Ended | 'open'>((resolve) => {
    const timer = setTimeout(() => settle(slowBecome(entry, text)), BECOME_TIMEOUT_MS);
    const onAbort = () => settle(new TransportError('interrupted', `interrupted while becoming ${entry.user}`));
    const onData = (chunk: Uint8Array) => {
      text += decoder.decode(chunk, { stream: true });
      const prompts = text.split(gate.prompt).length - 1;
      if (text.includes(`${gate.mark}\n`)) settle('open');
      else if (prompts > 0 && password === undefined) settle(promptNeedsPassword(entry));
      // Never a second time: it would count towards a lock-out.
      else if (prompts > 1) settle(wrongPassword(entry));
      else if (prompts === 1 && !given) {
        given = true;
        process.stdin.write(`${password}\n`);
      }
    };
    function settle(result: TransportError | Ended | 'open'): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      process.stderr.off('data', onData).pause();
      process.stdout.pause();
      resolve(result);
    }
    process.stderr.on('data', onData);
    process.stdout.resume();
    void process.ended.then(settle);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
  if (outcome === 'open') return;
  process.destroy();
  if (outcome instanceof TransportError) throw outcome;
  throw given && wrongAnswer(text) ? wrongPassword(entry) : becomeRefusal(entry, text, outcome);
}

function wrongAnswer(text: string): boolean {
  return /incorrect password|sorry, try again|authentication failure|permission denied/i.test(text);
}
