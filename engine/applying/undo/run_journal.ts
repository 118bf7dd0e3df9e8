import type { Ref, ResourceType, Seen, UnitVerb } from '../../planning/contracts.ts';
import { isUnitName, splitUnitId } from '../../resources/unit_name.ts';
import type { Answer } from '../../transport/connection.ts';
import { sh } from '../../transport/sh.ts';
import { isRecord, journalLines } from '../journal_lines.ts';
import { STORE } from '../store.ts';

/** What a host keeps of a run, as one of its users sees it. It comes from the host: nothing in it is trusted. */
export interface RunJournal {
  /** The directory of the run. */
  readonly dir: string;
  readonly entries: ReadonlyMap<number, JournalEntry>;
  /** Numbers of the changes whose before-images are there. */
  readonly images: ReadonlySet<number>;
}

interface JournalEntry {
  /** What was run, where it was no change; `changes` are then what is known to have come of it. */
  readonly run: string | undefined;
  readonly again: UnitVerb | undefined;
  /** Made together, in this order. */
  readonly changes: readonly JournalChange[];
}

/** A change as it was written down; the values are whatever the journal has. */
export interface JournalChange {
  readonly n: number;
  readonly type: string;
  readonly id: string;
  readonly aspects: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
  readonly options: Readonly<Record<string, unknown>>;
}

const journalType: ResourceType<RunJournal> = {
  name: 'journal of a run',
  collect: (refs) => sh`${STORE}
for rb_id in ${refs.map(runOf)}; do
  rb_dir=$rb_home/runs/$rb_id
  [ -r "$rb_dir/journal" ] || continue
  rb_part "dir $rb_id"; printf %s "$rb_dir"
  rb_part "journal $rb_id"; cat -- "$rb_dir/journal"
  rb_part "images $rb_id"; ls -- "$rb_dir/before"
done
rb_part end`,
  parse,
  transition: () => {
    throw new Error('the journal of a run is only looked at');
  },
  describe: ({ ref }) => ({ title: `journal of run ${runOf(ref)}`, action: 'change', attributes: [] }),
};

/** `user`: whose store it is in. */
export function runJournal(run: string, user: string): Ref<RunJournal> {
  return { type: journalType, id: `${run} ${user}`, aspects: [] };
}

function runOf(ref: Ref<unknown>): string {
  return ref.id.slice(0, ref.id.indexOf(' '));
}

function parse(answer: Answer, refs: readonly Ref<RunJournal>[]): readonly Seen[] {
  if (!answer.parts.has('end')) return [];
  const text = (part: string) => new TextDecoder().decode(answer.parts.get(part));
  return refs.map((ref) => {
    const run = runOf(ref);
    const journal = answer.parts.get(`journal ${run}`);
    if (journal === undefined) return { ref, value: null };
    const images = text(`images ${run}`).split('\n').filter(isNumber).map(Number);
    return { ref, value: { dir: text(`dir ${run}`), entries: readEntries(journal), images: new Set(images) } };
  });
}

function isNumber(name: string): boolean {
  return /^\d{1,9}$/.test(name);
}

function readEntries(journal: Uint8Array): ReadonlyMap<number, JournalEntry> {
  const entries = new Map<number, JournalEntry>();
  for (const line of journalLines(journal)) {
    const { n, run, changes, status } = line;
    // The other lines tell how an entry ended: whether it was made is seen on the host itself.
    if (typeof n !== 'number' || status !== undefined) continue;
    const all = Array.isArray(changes) ? changes.map(readChange) : [];
    if (all.includes(undefined)) continue;
    const text = typeof run === 'string' ? run : undefined;
    entries.set(n, { run: text, again: readAgain(line.again), changes: all as readonly JournalChange[] });
  }
  return entries;
}

function readAgain(value: unknown): UnitVerb | undefined {
  if (!isRecord(value)) return undefined;
  const { verb, unit } = value;
  if (verb === 'daemon-reload') return { verb };
  const named = typeof unit === 'string' && isUnitName(splitUnitId(unit).name);
  return named && (verb === 'restart' || verb === 'reload') ? { verb, unit } : undefined;
}

function readChange(value: unknown): JournalChange | undefined {
  if (!isRecord(value)) return undefined;
  const { n, type, id, aspects, before = null, after = null, options } = value;
  if (typeof n !== 'number' || typeof type !== 'string' || typeof id !== 'string' || id.includes('\0'))
    return undefined;
  if (!Array.isArray(aspects) || !aspects.every((one) => typeof one === 'string')) return undefined;
  return { n, type, id, aspects, before, after, options: isRecord(options) ? options : {} };
}
