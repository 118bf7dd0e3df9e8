import type { Answer } from '../../transport/connection.ts';
import { partLines, partText } from '../answer_text.ts';

/** What the program printed, by file and by part. Nothing in it is trusted. */
export interface Sources {
  /** Content of a file, without white space around it; `undefined`: not there, not readable, or empty. */
  file(path: string): string | undefined;
  /** Paths that were read and match, sorted. */
  matching(pattern: RegExp): readonly string[];
  exists(path: string): boolean;
  /** Paths that exist and match, sorted. */
  existing(pattern: RegExp): readonly string[];
  lines(part: string): readonly string[];
  text(part: string): string;
}

export function readSources(answer: Answer): Sources {
  const files = once(() => readFiles(partText(answer, 'files')));
  const exists = once(() => new Set(partLines(answer, 'exists')));
  return {
    file: (path) => files().get(path)?.trim() || undefined,
    matching: (pattern) => [...files().keys()].filter((path) => pattern.test(path)).sort(),
    exists: (path) => exists().has(path),
    existing: (pattern) => [...exists()].filter((path) => pattern.test(path)).sort(),
    lines: (part) => partLines(answer, part),
    text: (part) => partText(answer, part),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** `path NUL line`; a file's content may itself have NULs. */
function readFiles(text: string): ReadonlyMap<string, string> {
  const files = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const end = line.indexOf('\0');
    if (end < 0) continue;
    const path = line.slice(0, end);
    const known = files.get(path);
    if (known === undefined) files.set(path, [line.slice(end + 1)]);
    else known.push(line.slice(end + 1));
  }
  return new Map([...files].map(([path, all]) => [path, all.join('\n')]));
}

/** `NAME=value` lines with or without quotes, as in os-release(5); the last one counts. */
export function assignments(text: string | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of (text ?? '').split('\n')) {
    const [, name, value] = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    found.set(
      name,
      value
        .trim()
        .replace(/^(['"])(.*)\1$/, '$2')
        .replace(/\\([\\"'$`])/g, '$1'),
    );
  }
  return found;
}

/** `name: value` lines, as in /proc/meminfo; the first one counts. */
export function fields(text: string | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of (text ?? '').split('\n')) {
    const at = line.indexOf(':');
    if (at > 0 && !found.has(line.slice(0, at).trim())) found.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return found;
}
