import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TransportError } from './connection.ts';
import { type KnownHost, knownHostLine, parseKnownHosts } from './known_hosts.ts';

/** The known_hosts files of a run: each read once, and added to by one host after the other. */
export interface HostKeyStore {
  /** All entries of the files, in their order. A file that is not there has none. */
  entries(files: readonly string[]): Promise<readonly KnownHost[]>;
  /**
   * Writes a key down. `judge` is asked once more when it is the key's turn, as another host of the run may have
   * brought one under the same name meanwhile; the key is added only if it says so. Whether it was.
   */
  add(file: string, name: string, key: Uint8Array, judge: () => Promise<boolean>): Promise<boolean>;
}

export function createHostKeyStore(): HostKeyStore {
  const files = new Map<string, readonly KnownHost[]>();
  let queue: Promise<unknown> = Promise.resolve();

  function entriesOf(file: string): readonly KnownHost[] {
    const entries = files.get(file) ?? parseKnownHosts(readText(file), file);
    files.set(file, entries);
    return entries;
  }

  async function add(file: string, name: string, key: Uint8Array, judge: () => Promise<boolean>): Promise<boolean> {
    if (!(await judge())) return false;
    const line = knownHostLine(name, key);
    await append(file, line);
    files.set(file, [...entriesOf(file), ...parseKnownHosts(line, file)]);
    return true;
  }

  return {
    entries: async (names) => names.flatMap(entriesOf),
    add(...args) {
      const turn = queue.then(() => add(...args));
      queue = turn.catch(() => {});
      return turn;
    },
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw new TransportError(
      'host-key',
      `cannot read the known hosts: ${(error as Error).message}`,
      'Without them nobody can tell a host from an impostor.',
    );
  }
}

/** One write in append mode, so that other programs' lines and ours never mix. */
async function append(file: string, line: string): Promise<void> {
  try {
    const { mkdir, open } = await import('node:fs/promises');
    await mkdir(dirname(file), { mode: 0o700 }).catch(ignoreExisting); // as ssh: one level
    const handle = await open(file, 'a+', 0o600);
    try {
      const { size } = await handle.stat();
      const last = Buffer.alloc(1);
      const unfinished = size > 0 && (await handle.read(last, 0, 1, size - 1)).bytesRead === 1 && last[0] !== 0x0a;
      await handle.appendFile(unfinished ? `\n${line}` : line);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new TransportError(
      'host-key',
      `cannot write down the new host key: ${(error as Error).message}`,
      `Make ${file} writable, or name another file with UserKnownHostsFile.`,
    );
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
