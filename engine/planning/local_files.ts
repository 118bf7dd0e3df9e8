import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Source } from '../language/diagnostics.ts';
import type { Opener } from '../language/opener.ts';
import { isEncryptedFile, shownPath, unreadable } from '../language/source.ts';
import type { LocalFile } from './contracts.ts';
import { Mistaken } from './unreadable.ts';

/** Files on the controller, read once per run. */
export interface LocalFiles {
  /**
   * Searched as Ansible does: `files/` (or `templates/`) beside each directory, then the directory itself. Throws
   * Mistaken where it cannot be looked at, or is encrypted and cannot be opened; reading what it holds, where it
   * cannot be read.
   */
  find(path: string, kind: 'file' | 'template', dirs: readonly string[], decrypt?: boolean): LocalFile | undefined;
}

export function createLocalFiles(opener?: Opener): LocalFiles {
  const known = new Map<string, LocalFile | undefined>();

  function open(path: string, decrypt: boolean): LocalFile | undefined {
    const key = `${decrypt} ${path}`;
    if (!known.has(key)) known.set(key, read(path, opener, decrypt));
    return known.get(key);
  }

  return {
    find(path, kind, dirs, decrypt = true) {
      const folder = kind === 'file' ? 'files' : 'templates';
      const candidates = isAbsolute(path) ? [path] : dirs.flatMap((dir) => [join(dir, folder, path), join(dir, path)]);
      for (const candidate of candidates) {
        const file = open(resolve(candidate), decrypt);
        if (file !== undefined) return file;
      }
      return undefined;
    },
  };
}

/** An encrypted file is opened at once, so that a password that is missing is missed before anything is done. */
function read(path: string, opener: Opener | undefined, decrypt: boolean): LocalFile | undefined {
  const stat = reading(path, () => statSync(path, { throwIfNoEntry: false }));
  if (stat === undefined || !(stat.isFile() || stat.isDirectory())) return undefined;
  const opened = decrypt && stat.isFile() && opener !== undefined;
  let bytes: Uint8Array | undefined = opened ? decrypted(path, opener) : undefined;
  let entries: readonly string[] | undefined;
  let links: ReadonlyMap<string, string> | undefined;
  const list = () => (entries ??= stat.isDirectory() ? reading(path, () => below(path).sort()) : []);
  return {
    path,
    mode: stat.mode & 0o7777,
    kind: stat.isDirectory() ? 'directory' : 'file',
    bytes: () => (bytes ??= bytesOf(path, opener)),
    entries: list,
    links: () => (links ??= linksAmong(path, list())),
  };
}

/** What this machine does not give is the user's to mend, and no bug. */
function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw new Mistaken([unreadable(path, thrown as NodeJS.ErrnoException)]);
  }
}

function bytesOf(path: string, opener: Opener | undefined): Buffer {
  const bytes = reading(path, () => readFileSync(path));
  opener?.read?.(path, bytes);
  return bytes;
}

function decrypted(path: string, opener: Opener): Uint8Array | undefined {
  if (!isEncryptedFile(path, opener)) return undefined;
  const opened = opener.file(shownPath(path), bytesOf(path, opener));
  if (!opened.ok) throw new Mistaken(opened.diagnostics);
  return opened.value;
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

/** A file as text; undefined where it is none, or not UTF-8. Throws Mistaken where it cannot be read. */
export function textOf(file: LocalFile | undefined): Source | undefined {
  if (file === undefined || file.kind !== 'file') return undefined;
  const bytes = file.bytes();
  try {
    return { path: file.path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return undefined;
  }
}
