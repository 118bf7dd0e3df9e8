import { posix } from 'node:path';
import type { Sources } from './sources.ts';

export type LinkKind = 'ids' | 'uuids' | 'labels';

/** Names of disks and partitions in /dev/disk. */
export interface DiskLinks {
  /** Kernel name (`sda1`) -> names, sorted. */
  readonly byName: Readonly<Record<LinkKind, ReadonlyMap<string, readonly string[]>>>;
  /** The file system's UUID of a device such as `/dev/sda1` or `/dev/mapper/vg-root`. */
  uuidOf(device: string): string | undefined;
}

const FOLDERS: Readonly<Record<LinkKind, string>> = {
  ids: '/dev/disk/by-id',
  uuids: '/dev/disk/by-uuid',
  labels: '/dev/disk/by-label',
};

export function diskLinks(sources: Sources): DiskLinks {
  const links = linkTargets(sources);
  const named = (folder: string): ReadonlyMap<string, readonly string[]> => {
    const found = new Map<string, string[]>();
    for (const [path, target] of links) {
      if (posix.dirname(path) !== folder) continue;
      const name = posix.basename(target);
      found.set(name, [...(found.get(name) ?? []), posix.basename(path)].sort());
    }
    return found;
  };
  const byName = { ids: named(FOLDERS.ids), uuids: named(FOLDERS.uuids), labels: named(FOLDERS.labels) };
  const mapped = mapperNames(sources);
  return {
    byName,
    uuidOf: (device) => byName.uuids.get(mapped.get(device) ?? posix.basename(device))?.[0],
  };
}

/** Symbolic links that the program looked up: path -> target as written. */
export function linkTargets(sources: Sources): ReadonlyMap<string, string> {
  const words = sources.text('links').split('\0');
  const found = new Map<string, string>();
  for (let i = 0; i + 1 < words.length; i += 2) found.set(words[i] as string, words[i + 1] as string);
  return found;
}

/** `/dev/mapper/NAME` -> `dm-0`. */
function mapperNames(sources: Sources): ReadonlyMap<string, string> {
  const paths = sources.matching(/^\/sys\/block\/[^/]+\/dm\/name$/);
  return new Map(paths.map((path) => [`/dev/mapper/${sources.file(path) ?? ''}`, path.split('/')[3] as string]));
}
