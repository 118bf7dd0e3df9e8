import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A text in the clear, for an editor, where nobody else can come. */
export interface PrivateCopy {
  readonly path: string;
  read(): Buffer;
  /** Overwrites and removes it, and all that an editor left beside it. May be called again. */
  destroy(): void;
}

/** Magic numbers of the file systems that live in memory (linux/magic.h): tmpfs and ramfs. */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

export function privateCopy(name: string, bytes: Buffer): PrivateCopy {
  const dir = privateDirectory();
  const path = join(dir, name);
  writeFileSync(path, bytes, { mode: 0o600, flag: 'wx' });
  return {
    path,
    read: () => readFileSync(path),
    destroy() {
      for (const file of filesIn(dir)) overwrite(file);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Mode 0700 (mkdtemp(3)), on a file system that no disk keeps where there is one. */
function privateDirectory(): string {
  for (const dir of [process.env.XDG_RUNTIME_DIR, '/dev/shm']) {
    try {
      if (dir && IN_MEMORY.has(statfsSync(dir).type)) return mkdtempSync(join(dir, 'runbook-'));
    } catch {
      // It is not there, or not ours to write to: the next one.
    }
  }
  return mkdtempSync(join(tmpdir(), 'runbook-'));
}

function filesIn(dir: string): readonly string[] {
  try {
    const entries = readdirSync(dir, { withFileTypes: true });
    return entries.flatMap((entry) => {
      const path = join(dir, entry.name);
      return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
    });
  } catch {
    return []; // destroyed before
  }
}

function overwrite(path: string): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
  try {
    const { size } = fstatSync(file);
    writeSync(file, Buffer.alloc(size));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
