import type { Readable, Writable } from 'node:stream';
import { TransportError } from './connection.ts';

/** A program that runs on a host: a child process here, or an exec channel of an SSH connection. */
export interface RemoteProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when it is over and both streams are read to their end. Never rejects. */
  readonly ended: Promise<Ended>;
  /** Cuts it off at once. What it started on the host may live on: see stop.ts. */
  destroy(): void;
}

export interface Ended {
  /** `null`: a signal ended it, or nobody knows. */
  readonly status: number | null;
  readonly signal: string | null;
}

/** A way to run programs on one host as the user who logs in. */
export interface Link {
  /** How messages call the host. */
  readonly host: string;
  readonly user: string;
  /** Runs a command through the login shell. Throws a TransportError. */
  exec(command: string): Promise<RemoteProcess>;
  /** Why the link is gone, if it is. */
  failure(): string | undefined;
  close(): Promise<void>;
}

/** The host opens no further channel on this connection (MaxSessions in sshd_config(5)). */
export class ChannelRefused extends TransportError {}
