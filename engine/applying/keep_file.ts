import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '../vault/replace_file.ts';

/**
 * Puts what came from a host into a file of this machine, at once and for its user alone: it may be anything. Gives
 * why it could not.
 */
export function keepFile(path: string, bytes: Uint8Array): string | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replaceFile(path, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0o600);
    return undefined;
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === undefined) throw thrown;
    return `${path} on this machine cannot be written: ${message}`;
  }
}
