import { isMap } from '../../language/values.ts';
import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { join, type Sh, sh } from '../../transport/sh.ts';
import { complaint, count, partLines, partText } from '../answer_text.ts';
import { readJson } from '../json_text.ts';
import { readingType } from '../reading.ts';

/** What is in a directory of backups, by the host's clock. */
export interface BackupFilesValue {
  /** Seconds since 1970. */
  readonly now: number;
  readonly files: readonly BackupFile[];
}

export interface BackupFile {
  readonly name: string;
  readonly size: number;
  /** Last change, seconds since 1970. */
  readonly modified: number;
  /** Permission bits. */
  readonly mode: number;
  /** What its mark `NAME.verified` says, which is written once it was restored and compared. */
  readonly verified?: { readonly sha256: string; readonly rows: number; readonly tables: number };
}

const backupFilesType = readingType<BackupFilesValue>({ name: 'backup files', collect, parse, derived: true });

/** The files of a directory; null: it is not there. */
export function backupFiles(directory: string): Ref<BackupFilesValue> {
  return { type: backupFilesType, id: directory, aspects: [] };
}

/** Names with line breaks are no backups of ours. */
function collect(refs: readonly Ref<BackupFilesValue>[]): Sh {
  return join(
    refs.map(
      ({ id }, n) => sh`rb_part ${`files ${n}`}
date +%s
if [ -d ${id} ]; then find ${`${id}/.`} -maxdepth 1 -type f ! -name '*
*' -printf '%m %s %T@ %f\n'; else echo none; fi
rb_part ${`marks ${n}`}
if [ -d ${id} ]; then find ${`${id}/.`} -maxdepth 1 -type f -name '*.verified' -size -9 -exec head -c 4096 -- {} +; fi`,
    ),
  );
}

function parse(answer: Answer, refs: readonly Ref<BackupFilesValue>[]): readonly Seen[] {
  if (answer.status !== 0) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  return refs.map((ref, n) => {
    const [clock, ...lines] = partLines(answer, `files ${n}`);
    const now = count(clock);
    if (now === undefined) return { ref, error: complaint(answer) };
    if (lines[0] === 'none') return { ref, value: null };
    const marks = marksOf(partText(answer, `marks ${n}`));
    return { ref, value: { now, files: lines.flatMap((line) => fileOf(line, marks)) } };
  });
}

type Mark = NonNullable<BackupFile['verified']>;

function fileOf(line: string, marks: ReadonlyMap<string, Mark>): readonly BackupFile[] {
  const [, mode = '', size, seconds, name = ''] = /^([0-7]{1,4}) (\d+) (-?\d+)(?:\.\d+)? (.+)$/.exec(line) ?? [];
  const bytes = count(size);
  if (bytes === undefined) return [];
  const verified = marks.get(name);
  const modified = Number(seconds);
  return [{ name, size: bytes, modified, mode: Number.parseInt(mode, 8), ...(verified && { verified }) }];
}

/** A mark tells which database and when, and with that the name of its file. */
function marksOf(text: string): ReadonlyMap<string, Mark> {
  const found = new Map<string, Mark>();
  for (const line of text.split('\n')) {
    const mark = line.startsWith('{') ? readJson(line) : undefined;
    if (mark === undefined || !isMap(mark)) continue;
    const { database, at, sha256, rows, tables } = mark;
    if (typeof sha256 !== 'string' || typeof rows !== 'number' || typeof tables !== 'number') continue;
    found.set(`db_${String(database)}_${String(at)}.dump`, { sha256, rows, tables });
  }
  return found;
}
