import type { Result, Span } from './diagnostics.ts';

/** Opens what is encrypted in the files that a user writes. */
export interface Opener {
  /** Whether a file that begins so, and is called so, is encrypted. */
  isEncrypted(path: string, head: Uint8Array): boolean;
  /** What an encrypted file holds. `path` is what the user sees. */
  file(path: string, bytes: Buffer): Result<Buffer>;
  /** What a `!vault` value holds. */
  value(text: string, span: Span): Result<string>;
  /** This text came out of an encrypted file: from now on nobody sees it. */
  keep(text: string): void;
  /** Told of each file that is read, as it stands on the disk. */
  read?(path: string, bytes: Uint8Array): void;
}
