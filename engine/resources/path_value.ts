import { posix } from 'node:path';
import { type Content, sameContent } from './content.ts';

/**
 * What stands at a path, not followed if it is a link. Plain data.
 *
 * `mode` holds the 12 permission bits. `owner` and `group` are names, or decimal ids where there is no name;
 * in a value that is to be made they may be missing: then it is whatever making it gives.
 */
export type PathValue = FileValue | DirectoryValue | LinkValue | OtherValue;

interface Owned {
  readonly owner?: string;
  readonly group?: string;
  /** Times to be set; only in values that are to be made. */
  readonly times?: Times;
  /** What else was seen. No part of what is wanted: equality and diffs pass it over. */
  readonly stat?: PathStat;
}

interface Permitted extends Owned {
  readonly mode: number;
  /** Letters of chattr(1) that can be set, sorted. Aspect `attributes`. */
  readonly flags?: string;
}

export interface FileValue extends Permitted {
  readonly kind: 'file';
  /** Aspect `content`: up to CONTENT_LIMIT as it is, beyond that by its hash. Aspect `whole`: up to WHOLE_LIMIT. */
  readonly content?: Content;
  /** To be made a hard link to this path; only in values that are to be made. */
  readonly hard?: string;
}

export interface DirectoryValue extends Permitted {
  readonly kind: 'directory';
}

export interface LinkValue extends Owned {
  readonly kind: 'link';
  /** As written in the link. */
  readonly target: string;
  /** Where it leads in the end, there or not; `null`: it leads in circles. Missing while it is only to be made. */
  readonly resolved?: string | null;
}

export interface OtherValue extends Permitted {
  readonly kind: 'other';
  readonly type: OtherType;
}

export type OtherType = 'fifo' | 'socket' | 'block device' | 'character device' | 'unknown';

/** `now`: when it is made. Otherwise the host's own wall clock, `2024-01-02 03:04:05`. */
export interface Times {
  readonly modified?: string;
  readonly accessed?: string;
}

/** Times in seconds since 1970. */
export interface PathStat {
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly blocks: number;
  /** Missing where a tree was listed. */
  readonly blockSize?: number;
  readonly device: number;
  readonly inode: number;
  readonly links: number;
  /** st_rdev of a device file, else 0. */
  readonly deviceType: number;
  readonly accessed: number;
  readonly modified: number;
  readonly changed: number;
  /** The same two by the host's own wall clock: `2024-01-02 03:04:05.000000000 +0100`. */
  readonly accessedLocal: string;
  readonly modifiedLocal: string;
  /** Hex digests of the content, by algorithm, of those aspects that were asked for. */
  readonly digests?: { readonly [algorithm: string]: string };
  /** Aspect `mime`. */
  readonly mime?: { readonly type: string; readonly charset: string };
  /** Version or generation number, and all letters, as lsattr(1) shows them. Aspect `attributes`. */
  readonly version?: string;
  readonly letters?: string;
  /** What the looking user may do. Aspect `access`. */
  readonly access?: { readonly read: boolean; readonly write: boolean; readonly execute: boolean };
}

/**
 * The id of a path: no doubled and no trailing slashes, no `.` components. `..` stays, since what it means
 * hangs on links.
 */
export function normalPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return (path.startsWith('/') ? '/' : '') + parts.join('/');
}

export function parentOf(path: string): string {
  return posix.dirname(path);
}

/** All directories above a path, nearest last, without the root. */
export function ancestorsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}

/** Where a link leads: as seen, or for one that is still to be made, as it is written. */
export function resolvedTarget(path: string, link: LinkValue): string | null {
  if (link.resolved !== undefined) return link.resolved;
  return normalPath(posix.resolve(parentOf(path), link.target));
}

/** Whether what was observed is what was wanted. */
export function samePath(observed: PathValue | null, wanted: PathValue | null): boolean {
  if (observed === null || wanted === null) return observed === wanted;
  if (observed.kind !== wanted.kind) return false;
  if (!sameName(observed.owner, observed.stat?.uid, wanted.owner)) return false;
  if (!sameName(observed.group, observed.stat?.gid, wanted.group)) return false;
  if (!sameTimes(observed, wanted)) return false;
  if (observed.kind === 'link' || wanted.kind === 'link') {
    return observed.kind === 'link' && wanted.kind === 'link' && observed.target === wanted.target;
  }
  if (observed.mode !== wanted.mode) return false;
  if (observed.flags !== undefined && wanted.flags !== undefined && observed.flags !== wanted.flags) return false;
  if (observed.kind === 'file' && wanted.kind === 'file') {
    if (!sameLink(observed, wanted)) return false;
    return !observed.content || !wanted.content || sameContent(observed.content, wanted.content);
  }
  return true;
}

/** A wanted number is met by the id, whatever name the host has for it. */
export function sameName(observed: string | undefined, id: number | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || observed === wanted || String(id) === wanted;
}

/** The times that a change sets: those of the wish, or, where a wish is taken back, those that were there before. */
export function timesToSet(before: PathValue | null, after: PathValue): Times {
  const { stat, times } = after;
  const modified = times?.modified ?? (before?.times?.modified === undefined ? undefined : stat?.modifiedLocal);
  const accessed = times?.accessed ?? (before?.times?.accessed === undefined ? undefined : stat?.accessedLocal);
  return { ...(modified !== undefined && { modified }), ...(accessed !== undefined && { accessed }) };
}

function sameTimes(observed: PathValue, wanted: PathValue): boolean {
  const { stat, times } = observed;
  const { modified, accessed } = wanted.times ?? {};
  return (
    sameTime(modified, times?.modified, stat?.modifiedLocal, wanted.stat?.modifiedLocal) &&
    sameTime(accessed, times?.accessed, stat?.accessedLocal, wanted.stat?.accessedLocal)
  );
}

/**
 * `now` is met when the time has moved from what it was when the wish was made (`stat` of a wanted value is
 * what was seen then); any other time when it is there, or is predicted.
 */
function sameTime(
  wanted: string | undefined,
  predicted: string | undefined,
  observed: string | undefined,
  was: string | undefined,
): boolean {
  if (wanted === undefined) return true;
  if (wanted === 'now') return observed !== was;
  return predicted === wanted || (observed !== undefined && wallClock(observed) === wanted);
}

/** `2024-01-02 03:04:05` of a time with no fraction, else the whole of it. */
function wallClock(local: string): string {
  return local.replace(/\.0+ .*$/, '');
}

/** Hard links are one inode; where the other one is still to be made, all that can be seen is that there are two. */
function sameLink(observed: FileValue, wanted: FileValue): boolean {
  if (wanted.hard === undefined || observed.hard === wanted.hard) return true;
  if (wanted.stat === undefined) return (observed.stat?.links ?? 0) > 1;
  return observed.stat?.inode === wanted.stat.inode && observed.stat.device === wanted.stat.device;
}

/**
 * A seen or predicted value as the start of a new wish: without the orders that made it, and without what else
 * was seen, which holds no longer once something has changed.
 */
export function asFound<V extends PathValue>(value: V): V {
  const { times: _times, hard: _hard, stat: _stat, ...rest } = value as V & { hard?: string };
  return rest as V;
}

/** A mode as people and Ansible write it: `0644`. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** The kind as a person calls it. */
export function kindName(value: PathValue): string {
  return value.kind === 'other' ? value.type : value.kind;
}
