import { isUtf8 } from 'node:buffer';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import { type Diagnostic, error, fail, ok, type Result, type Source } from './diagnostics.ts';
import type { Opener } from './opener.ts';
import { didYouMean } from './suggest.ts';

const SIZE_LIMIT = 16 * 1024 * 1024;

/** As much of a file as tells whether it is encrypted. */
const HEAD_BYTES = 100;

/** A text file the user wrote, whole, decrypted where it is encrypted. The byte order mark is dropped. */
export function readSource(path: string, opener?: Opener): Result<Source> {
  const shown = shownPath(path);
  let bytes: Buffer | Diagnostic;
  try {
    bytes = readBytes(path, shown);
  } catch (thrown) {
    return fail(unreadable(path, thrown as NodeJS.ErrnoException));
  }
  if (!Buffer.isBuffer(bytes)) return fail(bytes);
  opener?.read?.(path, bytes);
  if (opener?.isEncrypted(path, bytes) !== true) return toSource(shown, bytes, opener);
  const opened = opener.file(shown, bytes);
  if (!opened.ok) return opened;
  const source = toSource(shown, opened.value, opener);
  return source.ok ? ok({ ...source.value, sealed: true }) : source;
}

function toSource(path: string, bytes: Buffer, opener: Opener | undefined): Result<Source> {
  if (!isUtf8(bytes)) return fail(notUtf8(path, bytes));
  const text = bytes.toString('utf8');
  return ok({ path, text: text.startsWith('\ufeff') ? text.slice(1) : text, ...(opener && { opener }) });
}

/** Whether a file is there, readable and encrypted; all it takes is its beginning. */
export function isEncryptedFile(path: string, opener: Opener): boolean {
  try {
    // Opened without waiting, see readBytes.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      return opener.isEncrypted(path, head.subarray(0, readSync(file, head)));
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

/** What stands there, links followed; `undefined` where nothing does, or where it cannot be looked at. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Relative to where the user stands, unless that would lead upwards. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), resolve(path));
  if (near === '') return '.';
  return near.startsWith('..') || isAbsolute(near) ? resolve(path) : near;
}

function readBytes(path: string, shown: string): Buffer | Diagnostic {
  if (path.includes('\0')) return error('file', 'a path cannot hold a NUL character');
  // Opened without waiting: a pipe without a writer would block for ever.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) return error('file', `${shown} is a directory`, undefined, directoryHint(path, shown));
    if (!stat.isFile()) {
      return error('file', `${shown} is not a regular file`, undefined, 'Save what it holds to a file first.');
    }
    if (stat.size > SIZE_LIMIT) {
      const size = (stat.size / 1024 / 1024).toFixed(1);
      return error('file', `${shown} is too large: ${size} MiB`, undefined, 'At most 16 MiB of YAML are read.');
    }
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** Why the system did not let a file be read. */
export function unreadable(path: string, thrown: NodeJS.ErrnoException): Diagnostic {
  const shown = shownPath(path);
  switch (thrown.code) {
    case 'ENOENT':
      return error('file', `there is no file ${shown}`, undefined, missingHint(path));
    case 'ENOTDIR':
      return error('file', `there is no file ${shown}`, undefined, 'A part of the path is a file, not a directory.');
    case 'EACCES':
    case 'EPERM':
      return error('file', `${shown} may not be read`, undefined, `Check its permissions: \`ls -l ${shown}\`.`);
    case 'ELOOP':
      return error('file', `${shown} is a symbolic link that leads to itself`);
    case 'ENAMETOOLONG':
      return error('file', 'the name of the file is too long for this system');
    case 'ENXIO':
      return error('file', `${shown} is not a regular file`, undefined, 'Save what it holds to a file first.');
    case 'ERR_FS_FILE_TOO_LARGE':
      return error(
        'file',
        `${shown} is larger than 2 GiB`,
        undefined,
        'Larger files are not copied from this machine.',
      );
    default:
      return error('file', `${shown} could not be read: ${thrown.message}`);
  }
}

function missingHint(path: string): string {
  const directory = dirname(resolve(path));
  try {
    const near = didYouMean(basename(path), readdirSync(directory));
    const shown = shownPath(directory);
    return near ?? `${shown === '.' ? 'The working directory' : shown} is there, but holds no such file.`;
  } catch {
    return `The directory ${shownPath(directory)} is not there either.`;
  }
}

function directoryHint(path: string, shown: string): string {
  const file = readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()[0];
  return file === undefined ? 'Name a file.' : `Name a file in it, such as ${shown === '.' ? '' : `${shown}/`}${file}.`;
}

function notUtf8(shown: string, bytes: Buffer): Diagnostic {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    const hint = `Convert it: \`iconv -f UTF-16 -t UTF-8 ${shown}\`.`;
    return error('file', `${shown} is not UTF-8 but UTF-16`, undefined, hint);
  }
  const at = firstBadByte(bytes);
  const line = bytes.subarray(0, at).reduce((lines, byte) => (byte === 0x0a ? lines + 1 : lines), 1);
  const value = (bytes[at] ?? 0).toString(16).padStart(2, '0');
  return error(
    'file',
    `${shown} is not UTF-8: byte ${at + 1} (0x${value}, in line ${line}) begins no character`,
    undefined,
    `Save it as UTF-8; if it is Latin-1: \`iconv -f LATIN1 -t UTF-8 ${shown}\`.`,
  );
}

/** The longest prefix that is UTF-8 ends where the first bad character begins; found by halving. */
function firstBadByte(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (good < bad) {
    const middle = (good + bad + 1) >> 1;
    // A prefix may end within a good character: up to three further bytes complete it.
    const whole = [0, 1, 2, 3].some((more) => isUtf8(bytes.subarray(0, middle + more)));
    if (whole) good = middle;
    else bad = middle - 1;
  }
  while (good > 0 && !isUtf8(bytes.subarray(0, good))) good -= 1;
  return good;
}
