import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** A node of a file system as far as it is anybody's wish: times are not. */
export interface Entry {
  readonly type: 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'device';
  /** `0644`. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  /** SHA-256 of a file's content, hexadecimal. */
  readonly content?: string;
  /** Of a link. */
  readonly target?: string;
}

/** How a path differs from what the host was made of; `null`: it is not there. */
export interface Difference {
  readonly path: string;
  readonly before: Entry | null;
  readonly after: Entry | null;
}

/**
 * What changes by itself, by logging in or by being managed by anybody, and says nothing about a run's result.
 * A path stands for itself and all below it.
 */
export const IGNORED: readonly RegExp[] = [
  /^\/var\/log\//,
  /^\/var\/cache\//,
  /^\/var\/tmp\//,
  /^\/var\/spool\/rsyslog\//,
  /^\/var\/lib\/systemd\/(timers|catalog|random-seed|rfkill|backlight|timesync)\b/,
  /^\/var\/lib\/private$/,
  /^\/var\/lib\/apt\/(lists|periodic|daily_lock)\b/,
  /^\/var\/lib\/dpkg\/(lock|lock-frontend|status-old|available-old|available|diversions-old|statoverride-old|triggers\/Lock)$/,
  /^\/var\/lib\/dpkg\/(updates|tmp\.ci)\b/,
  /^\/var\/backups\//,
  /^\/var\/lib\/(ucf\/cache|logrotate)\b/,
  /^\/etc\/\.pwd\.lock$/,
  /^\/etc\/(passwd|shadow|group|gshadow|subuid|subgid)-$/, // the tools' own backups
  /^\/(root|home\/[^/]+)\/(\.ansible|\.cache|\.bash_history|\.sudo_as_admin_successful|\.lesshst|\.viminfo)\b/,
  /^\/var\/lib\/runbook\b/, // runbook's own trace on a host
];

/**
 * Every path that differs between an overlay and its lower layers, sorted.
 * @param merged where the overlay is mounted
 * @param upper its upper directory, which holds all that may differ
 * @param lower the layers below, topmost first
 */
export function differences(merged: string, upper: string, lower: readonly string[]): Difference[] {
  const found: Difference[] = [];
  const visit = (path: string, everything: boolean): void => {
    const before = entryOf(lower, path);
    const after = entryOf([merged], path);
    if (path !== '/' && !same(before, after)) found.push({ path, before, after });
    if (after?.type !== 'directory') return;
    // A folder that replaced another hides what was in it without a sign of its own: hence the lower layers' names.
    const names = new Set(everything ? namesIn(join(merged, path)) : namesIn(join(upper, path)));
    for (const layer of lower) {
      for (const name of namesIn(join(layer, path))) if (statOf(join(merged, path, name)) === null) names.add(name);
    }
    for (const name of names) visit(join(path, name), before?.type !== 'directory');
  };
  visit('/', false);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function isIgnored(path: string, more: readonly RegExp[] = []): boolean {
  return [...IGNORED, ...more].some((pattern) => pattern.test(path));
}

function entryOf(layers: readonly string[], path: string): Entry | null {
  for (const layer of layers) {
    const stat = statOf(join(layer, path));
    if (stat !== null) return describe(join(layer, path), stat);
  }
  return null;
}

function describe(file: string, stat: Stats): Entry {
  const mode = (stat.mode & 0o7777).toString(8).padStart(4, '0');
  const common = { mode, uid: stat.uid, gid: stat.gid };
  if (stat.isFile()) {
    return { type: 'file', ...common, content: createHash('sha256').update(readFileSync(file)).digest('hex') };
  }
  if (stat.isSymbolicLink()) return { type: 'link', ...common, target: readlinkSync(file) };
  if (stat.isDirectory()) return { type: 'directory', ...common };
  if (stat.isFIFO()) return { type: 'fifo', ...common };
  return { type: stat.isSocket() ? 'socket' : 'device', ...common };
}

function same(a: Entry | null, b: Entry | null): boolean {
  if (a === null || b === null) return a === b;
  return (['type', 'mode', 'uid', 'gid', 'content', 'target'] as const).every((key) => a[key] === b[key]);
}

function statOf(file: string): Stats | null {
  try {
    return lstatSync(file);
  } catch {
    return null; // also where a parent is no folder
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
