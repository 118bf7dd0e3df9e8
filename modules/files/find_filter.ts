import { compilePythonRegex } from '../../engine/language/python_regex.ts';
import { searchPython } from '../../engine/language/python_replace.ts';
import { fnmatch } from '../../engine/resources/fnmatch.ts';
import type { PathStat, PathValue } from '../../engine/resources/path_value.ts';
import { type Failure, isFailure } from './failure.ts';
import { resolveMode } from './mode.ts';

export interface FindParams {
  readonly paths: readonly string[];
  readonly patterns: readonly string[];
  readonly excludes: readonly string[];
  readonly use_regex: boolean;
  readonly contains?: string;
  readonly read_whole_file: boolean;
  readonly file_type: 'any' | 'directory' | 'file' | 'link';
  readonly recurse: boolean;
  readonly depth?: number;
  readonly age?: string;
  readonly age_stamp: 'atime' | 'ctime' | 'mtime';
  readonly size?: string;
  readonly hidden: boolean;
  readonly follow: boolean;
  readonly get_checksum: boolean;
  readonly checksum_algorithm: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
  readonly mode?: string;
  readonly exact_mode: boolean;
  readonly limit?: number;
}

/** Whether something of this name counts, as far as that can be told without reading it. */
export type Filter = (name: string, value: PathValue, stat: PathStat) => boolean;

/** `now`: in milliseconds since 1970. */
export function filterOf(params: FindParams, now: number): Filter | Failure {
  const wanted = namesOf(params.patterns.length === 0 ? undefined : params.patterns, params.use_regex, 'patterns');
  const unwanted = namesOf(params.excludes, params.use_regex, 'excludes');
  const age = measure(params.age, 'age', SECONDS, 'seconds, or a number with one of s, m, h, d, w');
  const size = measure(params.size, 'size', BYTES, 'bytes, or a number with one of b, k, m, g, t');
  const mode = params.mode === undefined ? undefined : modeOf(params.mode);
  for (const one of [wanted, unwanted, age, size, mode]) if (isFailure(one)) return one;
  const [names, not, oldest, most, bits] = [wanted, unwanted, age, size, mode] as [Names, Names, Bound, Bound, Bound];
  const kinds: readonly string[] = params.file_type === 'any' ? ANY : [params.file_type];
  const stamp = { atime: 'accessed', ctime: 'changed', mtime: 'modified' } as const;
  return (name, value, stat) => {
    if (!kinds.includes(value.kind) || (name.startsWith('.') && !params.hidden)) return false;
    if (!names(name) || not(name)) return false;
    if (oldest !== undefined && !reaches(now / 1000 - stat[stamp[params.age_stamp]], oldest)) return false;
    if (most !== undefined && value.kind === 'file' && !reaches(stat.size, most)) return false;
    const own = value.kind === 'link' ? 0o777 : value.mode;
    return bits === undefined || (params.exact_mode ? own === bits : (own & bits) !== 0);
  };
}

type Names = (name: string) => boolean;
type Bound = number | undefined;

const ANY = ['directory', 'file', 'link', 'other'];
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const BYTES = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

function namesOf(patterns: readonly string[] | undefined, regex: boolean, parameter: string): Names | Failure {
  if (patterns === undefined) return () => true;
  if (!regex) return (name) => patterns.some((pattern) => fnmatch(name, pattern));
  const tests: Names[] = [];
  for (const pattern of patterns) {
    const test = matcher(pattern, parameter);
    if (isFailure(test)) return test;
    tests.push(test);
  }
  return (name) => tests.some((test) => test(name));
}

/** Python's `re.match`: from the beginning. */
function matcher(pattern: string, parameter: string): Names | Failure {
  const compiled = compilePythonRegex(pattern);
  if (!compiled.ok) return { failed: `${pattern} is not a regular expression: ${compiled.problem}`, parameter };
  return (text) => searchPython(compiled.regex, text)?.index === 0;
}

/** Whether a text holds what `contains` says: in one of its lines, or anywhere. */
export function holdsMatch(pattern: string, whole: boolean): Names | Failure {
  const compiled = compilePythonRegex(pattern);
  if (!compiled.ok)
    return { failed: `${pattern} is not a regular expression: ${compiled.problem}`, parameter: 'contains' };
  if (whole) return (text) => searchPython(compiled.regex, text) !== null;
  return (text) =>
    (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).some((line) => searchPython(compiled.regex, line)?.index === 0);
}

function measure(
  text: string | undefined,
  parameter: string,
  units: Readonly<Record<string, number>>,
  what: string,
): Bound | Failure {
  if (text === undefined) return undefined;
  const [, number, unit = ''] = /^(-?\d+)([a-z]?)$/.exec(text.trim().toLowerCase()) ?? [];
  const factor = unit === '' ? 1 : units[unit];
  if (number === undefined || factor === undefined)
    return { failed: `${parameter} is ${text}, not ${what}`, parameter };
  return Number(number) * factor;
}

function reaches(value: number, bound: number): boolean {
  return bound >= 0 ? value >= bound : value <= -bound;
}

function modeOf(text: string): number | Failure {
  const mode = resolveMode(text, 0, false);
  return mode.ok ? mode.mode : { failed: mode.problem, parameter: 'mode' };
}
