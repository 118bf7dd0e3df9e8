import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Source } from '../language/diagnostics.ts';
import type { LocalFile } from './contracts.ts';

/** Files on the controller, read once per run. */
export interface LocalFiles {
  /** Searched as Ansible does: `files/` (or `templates/`) beside each directory, then the directory itself. */
  find(path: string, kind: 'file' | 'template', dirs: readonly string[]): LocalFile | undefined;
}

export function createLocalFiles(): LocalFiles {
  const known = new Map<string, LocalFile | undefined>();

  function open(path: string): LocalFile | undefined {
    if (!known.has(path)) known.set(path, read(path));
    return known.get(path);
  }

  return {
    find(path, kind, dirs) {
      const folder = kind === 'file' ? 'files' : 'templates';
      const candidates = isAbsolute(path) ? [path] : dirs.flatMap((dir) => [join(dir, folder, path), join(dir, path)]);
      for (const candidate of candidates) {
        const file = open(resolve(candidate));
        if (file !== undefined) return file;
      }
      return undefined;
    },
  };
}

function read(path: string): LocalFile | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !(stat.isFile() || stat.isDirectory())) return undefined;
  let bytes: Uint8Array | undefined;
  let entries: readonly string[] | undefined;
  let links: ReadonlyMap<string, string> | undefined;
  const list = () => (entries ??= stat.isDirectory() ? below(path).sort() : []);
  return {
    path,
    mode: stat.mode & 0o7777,
    kind: stat.isDirectory() ? 'directory' : 'file',
    bytes: () => (bytes ??= readFileSync(path)),
    entries: list,
    links: () => (links ??= linksAmong(path, list())),
  };
}

/** `readdirSync` with `recursive` enters links to directories. */
function below(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const inside = entry.isDirectory() ? below(join(directory, entry.name)) : [];
    return [entry.name, ...inside.map((name) => `${entry.name}/${name}`)];
  });
}

function linksAmong(directory: string, entries: readonly string[]): ReadonlyMap<string, string> {
  const links = entries.filter((entry) => lstatSync(join(directory, entry)).isSymbolicLink());
  return new Map(links.map((entry) => [entry, readlinkSync(join(directory, entry))]));
}

/** A file as text; undefined where it is none, or not UTF-8. */
export function textOf(file: LocalFile | undefined): Source | undefined {
  if (file === undefined || file.kind !== 'file') return undefined;
  try {
    return { path: file.path, text: new TextDecoder('utf-8', { fatal: true }).decode(file.bytes()) };
  } catch {
    return undefined;
  }
}
