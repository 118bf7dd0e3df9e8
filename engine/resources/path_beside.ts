import type { Answer } from '../transport/connection.ts';
import { partText } from './answer_text.ts';
import { CONTENT_LIMIT, type Content, contentOf } from './content.ts';
import { isKernelFile, type PathQuestions } from './path_look.ts';
import type { PathStat, PathValue } from './path_value.ts';
import { readTar } from './tar.ts';

/** A stat record, and what goes beside it. */
export interface Found {
  readonly value: PathValue;
  readonly content?: Read;
}

/** What came of reading a file; of a big one only the hash. */
export type Read = Content | { readonly sum: string } | { readonly fault: string };

const LOSSY = new TextDecoder('utf-8', { ignoreBOM: true });

/** Contents, hashes and the rest by the path that was asked; put beside the record that they belong to. */
export function readBeside(answer: Answer, questions: PathQuestions): (path: string, value: PathValue) => Found {
  const contents = readContents(answer, questions);
  const digests = new Map<string, Record<string, string>>();
  questions.sums.forEach(({ algorithm }, i) => {
    for (const [path, sum] of hashes(answer.parts.get(`sum${i}`))) {
      digests.set(path, { ...digests.get(path), [algorithm]: sum });
    }
  });
  const access = readAccess(answer, questions);
  const mimes = readMimes(answer, questions);
  const attributes = readAttributes(answer, questions);
  return (path, bare) => {
    const flags = attributes.get(path);
    const value = flags === undefined || bare.kind === 'link' ? bare : { ...bare, flags: settable(flags.letters) };
    const mime = mimes.get(path);
    const empty = value.stat?.size === 0 && !isKernelFile(path) ? { text: '' } : undefined;
    const content = contents.get(path) ?? empty;
    const extra = {
      ...(access.has(path) && { access: access.get(path) as NonNullable<PathStat['access']> }),
      ...(mime !== undefined && { mime }),
      ...(flags !== undefined && { version: flags.version, letters: flags.letters }),
      ...(digests.has(path) && { digests: digests.get(path) as Record<string, string> }),
    };
    const stat = value.stat === undefined ? undefined : { ...value.stat, ...extra };
    return { value: { ...value, ...(stat && { stat }) }, ...(content && { content }) };
  };
}

/** What was read of each path; what is empty was not, and stands in its stat record. */
function readContents(answer: Answer, questions: PathQuestions): ReadonlyMap<string, Read> {
  const into = new Map<string, Read>();
  const faults = LOSSY.decode(answer.stderr).split('\n');
  questions.read.forEach(({ limit, paths }, i) => {
    for (const path of paths) {
      const line = faults.find((one) => one.includes(`: ${path}: `));
      if (line !== undefined && /Cannot |shrank/.test(line)) into.set(path, { fault: lastReason(line) ?? line });
    }
    for (const [path, bytes] of readTar(answer.parts.get(`tar${i}`) ?? new Uint8Array())) {
      if (!into.has(path)) into.set(path, contentOf(bytes, limit));
    }
    for (const [path, sum] of hashes(answer.parts.get(`big${i}`))) into.set(path, { sum });
  });
  questions.kernel.forEach((path, k) => {
    const fault = answer.parts.get(`kernel_fault${k}`);
    const bytes = answer.parts.get(`kernel${k}`);
    if (fault !== undefined) into.set(path, { fault: lastReason(LOSSY.decode(fault)) ?? 'it took too long' });
    else if (bytes !== undefined && bytes.length > CONTENT_LIMIT) into.set(path, { fault: 'it does not end' });
    else if (bytes !== undefined) into.set(path, contentOf(bytes));
  });
  return into;
}

/** Texts that each end in NUL. */
export function splitNul(bytes: Uint8Array | undefined): readonly string[] {
  const text = LOSSY.decode(bytes);
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

/** Lines of `sha256sum -z`: `HASH  PATH`. */
function hashes(bytes: Uint8Array | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of splitNul(bytes)) {
    const [, sum, path] = /^([0-9a-f]{32,128}) [ *](.+)$/s.exec(line) ?? [];
    if (sum !== undefined && path !== undefined) found.set(path, sum);
  }
  return found;
}

function readAccess(answer: Answer, questions: PathQuestions): ReadonlyMap<string, PathStat['access']> {
  const found = new Map<string, PathStat['access']>();
  questions.access.forEach((paths, i) => {
    const letters = partText(answer, `access${i}`);
    paths.forEach((path, k) => {
      const own = letters.slice(3 * k, 3 * k + 3);
      if (own.length === 3) {
        found.set(path, { read: own.includes('r'), write: own.includes('w'), execute: own.includes('x') });
      }
    });
  });
  return found;
}

/** `file -0`: `PATH NUL : TYPE; charset=CHARSET NEWLINE`. */
function readMimes(answer: Answer, questions: PathQuestions): ReadonlyMap<string, NonNullable<PathStat['mime']>> {
  const found = new Map<string, NonNullable<PathStat['mime']>>();
  questions.mime.forEach((paths, i) => {
    let rest = partText(answer, `mime${i}`);
    for (const path of paths) {
      if (!rest.startsWith(`${path}\0`)) continue;
      const end = rest.indexOf('\n', path.length);
      const line = rest.slice(path.length + 1, end < 0 ? undefined : end);
      const [, type, charset] = /^:?\s*([^\s;]+);\s*charset=(\S+)/.exec(line) ?? [];
      if (type !== undefined && charset !== undefined) found.set(path, { type, charset });
      rest = end < 0 ? '' : rest.slice(end + 1);
    }
  });
  return found;
}

/** Without the letters that only tell how the file system keeps the file (chattr(1): E, e, I, N, V, h). */
function settable(letters: string): string {
  return [...letters.replaceAll(/[EeINVh]/g, '')].sort().join('');
}

/** `lsattr -vd`: `VERSION LETTERS PATH NEWLINE`, in order, without those that have no attributes. */
function readAttributes(
  answer: Answer,
  questions: PathQuestions,
): ReadonlyMap<string, { readonly letters: string; readonly version: string }> {
  const found = new Map<string, { letters: string; version: string }>();
  questions.attributes.forEach((paths, i) => {
    let rest = partText(answer, `attributes${i}`);
    for (const path of paths) {
      const [head, version, letters] = /^ *(\d+) ([-A-Za-z]{8,}) /.exec(rest) ?? [];
      if (head === undefined || version === undefined || letters === undefined) break;
      if (!rest.startsWith(`${path}\n`, head.length)) continue;
      found.set(path, { letters: letters.replaceAll('-', ''), version });
      rest = rest.slice(head.length + path.length + 1);
    }
  });
  return found;
}

/** What coreutils put after the last colon. */
export function lastReason(line: string): string | undefined {
  return /: ([^:]+)$/.exec(line.trim())?.[1];
}
