import type { Entry } from './become.ts';
import { type Answer, type AskOptions, type Shell, TransportError } from './connection.ts';
import type { Link } from './link.ts';
import { type Session, startSession } from './session.ts';
import { type Sh, sh } from './sh.ts';
import { stageAttachments } from './staging.ts';

/** A shell, and what its connection needs to know of it. */
export interface HostShell extends Shell {
  /** Gives its channel back if it has one and is not using it; it takes a new one when it is next asked. */
  release(): Promise<boolean>;
  close(): Promise<void>;
}

/** Starts one after the other what may ask for a password, so that a wrong one is sent once and no more. */
export type InTurn = <T>(job: () => Promise<T>) => Promise<T>;

/** A `sh` as one identity: started when first asked, and again if it was lost. Calls wait for each other. */
export function createShell(link: Link, entry: Entry, inTurn: InTurn): HostShell {
  let session: Session | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  /** What was opened in it (AskOptions.entering) is lost with its channel. */
  let kept = false;
  let closed: TransportError | undefined;
  let refused: unknown;
  const closing = new AbortController();

  async function ready(signal: AbortSignal): Promise<Session> {
    if (session?.alive() === true) return session;
    if (refused !== undefined) throw refused;
    try {
      session = await inTurn(() => startSession(link, entry, signal));
      return session;
    } catch (error) {
      if (isRefusal(error)) refused = error;
      throw error;
    }
  }

  async function ask(questions: readonly Sh[], options: AskOptions): Promise<readonly (Answer | null)[]> {
    const signal = AbortSignal.any([closing.signal, ...(options.signal === undefined ? [] : [options.signal])]);
    check(signal);
    if (questions.length === 0) return [];
    const open = await ready(signal);
    const attachments = questions.flatMap((question) => question.attachments);
    try {
      // A refusal is told from the files' own trouble by asking the shell first.
      if (attachments.length > 0 && !open.begun()) await open.run([sh`:`], { signal: options.signal });
      await stageAttachments(link, entry, open.stage, open.staged, attachments, signal);
      check(signal);
      return await open.run(questions, options);
    } catch (error) {
      if (isRefusal(error)) refused = error;
      throw error;
    }
  }

  function check(signal: AbortSignal): void {
    if (closed !== undefined) throw closed;
    if (signal.aborted) throw new TransportError('interrupted', `interrupted on ${entry.host}`);
  }

  return {
    ask(questions, options = {}) {
      waiting++;
      kept ||= options.entering === true;
      const turn = queue.then(() => ask(questions, options)).finally(() => waiting--);
      queue = turn.catch(() => {});
      return turn;
    },

    async release() {
      if (kept || waiting > 0 || session?.alive() !== true) return false;
      await session.end(new TransportError('lost', `the shell on ${entry.host} was closed`));
      return true;
    },

    async close() {
      closed ??= new TransportError('lost', `the connection to ${entry.host} was closed`);
      closing.abort();
      await session?.leave(closed);
      await queue;
      await session?.leave(closed); // one that was just being started
    },
  };
}

/** It would be refused again. A user who is not there may come to be. */
function isRefusal(error: unknown): boolean {
  return error instanceof TransportError && error.fault === 'become' && !error.nobody;
}
