import type { Ref, ResourceType, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { sh, tidy } from '../transport/sh.ts';
import { isRecord, journalLines } from './journal_lines.ts';
import { type RunNote, STORES } from './store.ts';

/** A run that did not come to its end on a host: it was killed, cut off, or failed before its handlers ran. */
export interface UnfinishedRun {
  readonly note: RunNote;
  /** Tasks that were begun and never told to be over. */
  readonly begun: readonly string[];
  /** Its access guard is still armed. */
  readonly guarded: boolean;
  /** Its access guard has put back what lets people in. */
  readonly reverted: boolean;
  /** Paths that it was changing. */
  readonly paths: readonly string[];
  /** Handlers that were notified, by play. */
  readonly owed: ReadonlyMap<string, readonly string[]>;
}

/** What runs have left on a host, as one of its users sees it. Only looked at. */
const unfinishedType: ResourceType<readonly UnfinishedRun[]> = {
  name: 'unfinished runs',
  collect: () =>
    tidy(sh`for rb_home in ${STORES}; do
  for rb_mark in "$rb_home"/runs/*/unfinished; do
    if [ ! -r "$rb_mark" ] || [ ! -O "$rb_mark" ]; then continue; fi
    rb_dir=\${rb_mark%/unfinished}
    rb_part "note $rb_dir"; cat -- "$rb_dir/run.json"
    rb_part "journal $rb_dir"; cat -- "$rb_dir/journal"
    [ ! -d "$rb_dir/guard" ] || rb_part "guard $rb_dir"
  done
done
rb_part end`),
  parse,
  transition: () => {
    throw new Error('unfinished runs are only looked at');
  },
  describe: () => ({ title: 'unfinished runs', action: 'change', attributes: [] }),
};

/** `user`: as whom. */
export function unfinishedRuns(user: string): Ref<readonly UnfinishedRun[]> {
  return { type: unfinishedType, id: user, aspects: [] };
}

/** The runs that a look has found, if it was one for them. */
export function runsIn(seen: Seen): readonly UnfinishedRun[] {
  return seen.ref.type === (unfinishedType as unknown) && 'value' in seen
    ? (seen.value as readonly UnfinishedRun[])
    : [];
}

function parse(answer: Answer, refs: readonly Ref<readonly UnfinishedRun[]>[]): readonly Seen[] {
  const value = answer.parts.has('end') ? readRuns(answer.parts) : [];
  return refs.map((ref) => ({ ref, value }));
}

function readRuns(parts: ReadonlyMap<string, Uint8Array>): readonly UnfinishedRun[] {
  return [...parts].flatMap(([name, bytes]) => {
    if (!name.startsWith('note ')) return [];
    const note = (journalLines(bytes) as readonly unknown[]).find(isNote);
    const dir = name.slice('note '.length);
    const journal = journalLines(parts.get(`journal ${dir}`) ?? new Uint8Array());
    return note === undefined ? [] : [{ note, guarded: parts.has(`guard ${dir}`), ...fold(journal) }];
  });
}

function fold(entries: ReturnType<typeof journalLines>): Pick<UnfinishedRun, 'begun' | 'reverted' | 'paths' | 'owed'> {
  const begun = new Map<number, { readonly name: string; readonly paths: readonly string[] }>();
  const owed = new Map<string, string[]>();
  for (const entry of entries) {
    if (typeof entry.n !== 'number') continue;
    if (typeof entry.status === 'number') begun.delete(entry.n);
    else if (typeof entry.name === 'string') begun.set(entry.n, { name: entry.name, paths: pathsOf(entry.changes) });
    if (typeof entry.play !== 'string' || !Array.isArray(entry.notifies)) continue;
    const names = owed.get(entry.play) ?? [];
    for (const name of entry.notifies) if (typeof name === 'string' && !names.includes(name)) names.push(name);
    owed.set(entry.play, names);
  }
  const open = [...begun.values()];
  const reverted = entries.some((entry) => entry.reverted === true);
  return { begun: open.map(({ name }) => name), reverted, paths: open.flatMap(({ paths }) => paths), owed };
}

function pathsOf(changes: unknown): readonly string[] {
  if (!Array.isArray(changes)) return [];
  return changes.flatMap((change) =>
    isRecord(change) && WRITTEN.has(change.type) && typeof change.id === 'string' && change.id.startsWith('/')
      ? [change.id]
      : [],
  );
}

/** What is written beside the path first. */
const WRITTEN: ReadonlySet<unknown> = new Set(['path', 'secrets']);

/** The id becomes a file's name again: it must be one. */
function isNote(value: unknown): value is RunNote {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    /^[0-9A-Za-z-]{1,64}$/.test(value.id) &&
    typeof value.by === 'string' &&
    typeof value.startedAt === 'number' &&
    Array.isArray(value.playbooks)
  );
}
