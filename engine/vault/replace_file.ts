import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Puts a file in the place of another at once: whoever reads finds the old one or the new one, whole. A link stays,
 * and what it leads to is replaced. `mode` and the owner are the new file's from its first byte.
 */
export function replaceFile(path: string, bytes: string | Buffer, mode: number): void {
  const old = statSync(path, { throwIfNoEntry: false });
  const target = old === undefined ? path : realpathSync(path);
  const beside = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
  const file = openSync(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    try {
      if (old !== undefined && !isOwn(old)) fchownSync(file, old.uid, old.gid);
      fchmodSync(file, mode);
      const all = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes;
      for (let at = 0; at < all.length; ) at += writeSync(file, all, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, target);
  } catch (thrown) {
    rmSync(beside, { force: true });
    throw thrown;
  }
}

function isOwn({ uid, gid }: Stats): boolean {
  return uid === process.geteuid?.() && gid === process.getegid?.();
}
