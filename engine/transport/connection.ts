import type { Sh } from './sh.ts';

/** As whom a program runs on a host. `user: null` is the user who logs in. */
export interface Identity {
  readonly user: string | null;
  readonly method: 'sudo' | 'su';
}

export const LOGIN: Identity = { user: null, method: 'sudo' };

/** What one question of a batch gave back. */
export interface Answer {
  /** Exit status, 0 to 255. */
  readonly status: number;
  /** What was printed before the first part. */
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /**
   * What a program printed after `rb_part NAME` (a shell function that every program has), by NAME.
   * Parts are set apart by a random mark that no content on the host can know.
   */
  readonly parts: ReadonlyMap<string, Uint8Array>;
  /** How long it ran, in milliseconds, as far as the controller can tell. */
  readonly ms: number;
}

export interface AskOptions {
  /** Skip what follows a question that exits with anything but 0; skipped answers are `null`. */
  readonly stopOnFailure?: boolean;
  /**
   * The first question runs in the shell itself and not in a subshell: variables and open files stay for those after
   * it. It must not exit. What it opens as 9 stays the shell's own: no later question gets it.
   */
  readonly entering?: boolean;
  /** Per question. When it is over, the question's processes are killed and the answer is a TransportError of kind `timeout`. */
  readonly timeoutMs?: number | undefined;
  readonly onAnswer?: (index: number, answer: Answer) => void;
  /** Interrupts: the running question's processes are killed. */
  readonly signal?: AbortSignal | undefined;
}

/** A long-lived `sh` on a host as one identity. Questions are sent together and answered in order. */
export interface Shell {
  /**
   * Each question runs in a subshell, or in a function if it is tidy, with LC_ALL=C, stdin from /dev/null and umask 022.
   * Attachments are staged before; in a program, `$RB_STAGE/NAME` is the attachment's path.
   */
  ask(questions: readonly Sh[], options?: AskOptions): Promise<readonly (Answer | null)[]>;
}

/** One per host and run; shells are opened when first needed and share it. */
export interface Connection {
  /** `apart`: not the one that others use, but one by that name, which does not wait for theirs. */
  shell(identity: Identity, apart?: string): Promise<Shell>;
  /** Ends every shell and what still runs in it, removes the staging directories, and disconnects. */
  close(): Promise<void>;
}

export type TransportFault =
  | 'unreachable' // no route, refused, connect timeout, name not found
  | 'host-key' // unknown, changed or revoked
  | 'auth' // key or password refused
  | 'become' // sudo or su refused
  | 'no room' // the host is there and cannot take what is sent first: nothing was begun
  | 'lost' // the connection or the shell went away
  | 'timeout' // a question ran out of its time
  | 'interrupted';

/** A transport that broke: not the user's syntax and not a command's failure. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly fault: TransportFault;
  /** What to do about it, as a sentence. */
  readonly hint: string | undefined;
  /** Of a `timeout`: which question of the batch; what others answered went to `onAnswer`. */
  question: number | undefined;
  /** Of a `become`: there is no such user, who may come to be in the course of a run. */
  nobody = false;

  constructor(fault: TransportFault, message: string, hint?: string) {
    super(message);
    this.fault = fault;
    this.hint = hint;
  }
}
