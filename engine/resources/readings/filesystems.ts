import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { sh } from '../../transport/sh.ts';
import { complaint, count, partLines } from '../answer_text.ts';
import { readingType } from '../reading.ts';

/** A file system of this machine's own that holds files on a disk. */
export interface FilesystemValue {
  readonly mount: string;
  readonly type: string;
  /** Bytes: used, and still to be had by those who are not root. */
  readonly used: number;
  readonly free: number;
  /** Missing where inodes are made as they are needed (btrfs, vfat). */
  readonly inodes?: { readonly used: number; readonly free: number };
}

const filesystemsType = readingType<readonly FilesystemValue[]>({
  name: 'file systems',
  collect,
  parse,
  derived: true,
});

export const FILESYSTEMS: Ref<readonly FilesystemValue[]> = { type: filesystemsType, id: 'local', aspects: [] };

/** Without those of other machines: one that is away would hang, and it is not ours to judge. */
function collect() {
  return sh`rb_part df
df -l -B1 --output=fstype,used,avail,iused,iavail,target || :`;
}

/** In memory, read-only by nature, or a view of another one. */
const NO_DISK = new Set(['tmpfs', 'devtmpfs', 'squashfs', 'iso9660', 'ramfs', 'efivarfs', 'fuse.snapfuse', 'nullfs']);

function parse(answer: Answer, refs: readonly Ref<readonly FilesystemValue[]>[]): readonly Seen[] {
  const [head, ...rows] = partLines(answer, 'df');
  if (head === undefined) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const value = rows.flatMap(filesystem);
  return refs.map((ref) => ({ ref, value }));
}

function filesystem(line: string): readonly FilesystemValue[] {
  const [, type = '', used, free, inodesUsed, inodesFree, mount = ''] =
    /^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
  // A container's root is an overlay, and so is each container that Docker runs.
  if (NO_DISK.has(type) || (type === 'overlay' && mount !== '/')) return [];
  // What a container's host lends it: a file of another's disk.
  if (mount.startsWith('/run/')) return [];
  const bytes = { used: count(used), free: count(free) };
  if (bytes.used === undefined || bytes.free === undefined || bytes.used + bytes.free === 0) return [];
  const inodes = { used: count(inodesUsed) ?? 0, free: count(inodesFree) ?? 0 };
  const some = inodes.used + inodes.free > 0;
  return [{ mount, type, used: bytes.used, free: bytes.free, ...(some && { inodes }) }];
}
