import type { Entry } from './become.ts';
import { excerpt } from './become_refusal.ts';
import { TransportError } from './connection.ts';
import type { Link } from './link.ts';
import { feedOnce } from './run_once.ts';
import { type Attachment, type Sh, sh } from './sh.ts';

/** What tar says last, whatever it met: the reason stands before it. */
const TAR_ENDS = /^tar: Exiting with failure status due to previous errors$/m;

/** Names per transfer: the script that takes them is one argument of at most 128 KiB (execve(2)). */
const NAMES_PER_TRANSFER = 1000;

/**
 * Takes a tar archive from stdin into the directory and verifies every file against its name, which is its SHA-256.
 * A new directory has to be made by us: one that is already there belongs to somebody else.
 */
export function stagingScript(stage: string, names: readonly string[], make: boolean): Sh {
  const enter = make ? sh`mkdir "$d" || exit; cd "$d" || exit;` : sh`cd "$d" || exit;`;
  const undo = make ? sh`cd /; rm -rf "$d"` : sh`rm -f ${names}`;
  return sh`umask 077; d="\${TMPDIR:-/tmp}"/${stage}; ${enter} if LC_ALL=C tar -x -o -f - && for f in ${names}; do echo "$f  $f"; done | sha256sum -c >/dev/null; then :; else ${undo}; exit 1; fi`;
}

/** Brings the attachments into the staging directory, and sees that they arrived whole. Throws a TransportError. */
export async function stageAttachments(
  link: Link,
  entry: Entry,
  stage: string,
  staged: Set<string>,
  attachments: readonly Attachment[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const missing = [...new Map(attachments.filter((a) => !staged.has(a.name)).map((a) => [a.name, a])).values()];
  for (let i = 0; i < missing.length; i += NAMES_PER_TRANSFER) {
    const some = missing.slice(i, i + NAMES_PER_TRANSFER);
    const names = some.map((a) => a.name);
    const script = stagingScript(stage, names, staged.size === 0);
    const { status, stderr } = await feedOnce(link, entry, script, archive(some), { signal });
    if (status !== 0) {
      const said = excerpt(stderr.replace(TAR_ENDS, ''));
      throw new TransportError(
        'no room',
        `${some.length} file${some.length === 1 ? '' : 's'} could not be brought to ${entry.host}${said === '' ? '' : `: ${said}`}`,
        `It takes space in ${entry.user === 'root' ? '/tmp' : 'the directory for temporary files'} there, and tar and sha256sum.`,
      );
    }
    for (const name of names) staged.add(name);
  }
}

const BLOCK = 512;

/** A tar archive (POSIX ustar) of regular files with mode 0600. */
export function* archive(attachments: readonly Attachment[]): Generator<Uint8Array> {
  for (const { name, bytes } of attachments) {
    yield header(name, bytes.length);
    yield bytes;
    const rest = bytes.length % BLOCK;
    if (rest > 0) yield Buffer.alloc(BLOCK - rest);
  }
  yield Buffer.alloc(2 * BLOCK);
}

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  block.write(name, 0, 100, 'latin1');
  block.write(octal(0o600, 7), 100);
  block.write(octal(0, 7), 108); // owner
  block.write(octal(0, 7), 116); // group
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136); // time
  block.fill(' ', 148, 156); // counts as spaces in its own sum
  block.write('0', 156); // regular file
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return block;
}
