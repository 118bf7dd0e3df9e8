import type { Ref, ResourceType, SetStep, View } from '../../planning/contracts.ts';
import { keyOf } from '../../planning/contracts.ts';
import { sameValue } from '../../planning/state.ts';
import type { JournalChange } from './run_journal.ts';

/** A kind of resource of which changes can be taken back. */
export interface Restorable<V = unknown> {
  readonly type: ResourceType<V>;
  /** A value as the journal has it; `undefined`: it is none. */
  read(value: unknown): V | undefined;
  /** Whether an id names a resource of this kind. */
  isId(id: string): boolean;
  /** What else has to be seen; asked again after each look. */
  looksAt?(changes: readonly Past<V>[], undoing: Undoing): readonly Ref[];
  /** Takes changes back that were made together; given newest first. */
  back(changes: readonly Past<V>[], undoing: Undoing): Back;
}

/** A change that was made once. */
export interface Past<V> {
  readonly ref: Ref<V>;
  readonly before: V | null;
  readonly after: V | null;
  readonly options: Readonly<Record<string, unknown>>;
  /** The file on the host that keeps what was there before, if it is kept. */
  readonly image: string | undefined;
}

export interface Undoing {
  readonly run: string;
  /** Also where the host is no longer as the run left it. */
  readonly force: boolean;
  readonly view: View;
}

export interface Back {
  readonly steps: readonly SetStep<never>[];
  /** What cannot be taken back, and why. */
  readonly lost: readonly string[];
  /** Why nothing may be done. */
  readonly refused: readonly string[];
}

export const NOTHING: Back = { steps: [], lost: [], refused: [] };

export function together(backs: readonly Back[]): Back {
  return {
    steps: backs.flatMap((back) => back.steps),
    lost: backs.flatMap((back) => back.lost),
    refused: backs.flatMap((back) => back.refused),
  };
}

/** A change of the journal with its values; `undefined` where they are none of their kind. */
export function readPast<V>(
  kind: Restorable<V>,
  change: JournalChange,
  image: string | undefined,
): Past<V> | undefined {
  const { id, aspects, options } = change;
  const before = change.before === null ? null : kind.read(change.before);
  const after = change.after === null ? null : kind.read(change.after);
  if (!kind.isId(id) || before === undefined || after === undefined) return undefined;
  return { ref: { type: kind.type, id, aspects }, before, after, options, image };
}

function isSame<V>(ref: Ref<V>, observed: V | null, wanted: V | null): boolean {
  return observed === null || wanted === null ? observed === wanted : sameValue(ref as Ref, observed, wanted);
}

/**
 * Goes through changes that were made together, newest first, in the world as each later one leaves it. What is as it
 * was before is left alone; what is not as the run left it is refused; the rest `back` sets back.
 */
export function eachBack<V>(
  changes: readonly Past<V>[],
  { run, force, view }: Undoing,
  was: (past: Past<V>) => V | null,
  back: (past: Past<V>, now: V | null) => Back,
): Back {
  const set = new Map<string, V | null>();
  const all: Back[] = [];
  for (const past of changes) {
    const { ref, after } = past;
    const key = keyOf(ref as Ref);
    const now = set.has(key) ? (set.get(key) as V | null) : view.get(ref);
    const before = was(past);
    set.set(key, before);
    if (isSame(ref, now, before)) continue;
    if (!force && !isSame(ref, now, after)) all.push({ ...NOTHING, refused: [moved(past, now, run)] });
    else all.push(back(past, now));
  }
  return together(all);
}

/** `file /etc/motd: its content is not what run X left`. */
function moved<V>({ ref, after }: Past<V>, now: V | null, run: string): string {
  const type = ref.type as ResourceType<unknown>;
  const diff = type.describe({ ref: ref as Ref, before: now, after, options: {} });
  if (now === null) return `${diff.title}: it is not there any more, and run ${run} left it there`;
  if (after === null) return `${diff.title}: it is there again, and run ${run} had removed it`;
  const names = [...diff.attributes.map(({ name }) => name), ...(diff.content === undefined ? [] : ['content'])];
  const what = names.length === 0 ? 'it' : names.join(', ');
  return `${diff.title}: ${what} ${names.length > 1 ? 'are' : 'is'} not what run ${run} left`;
}
