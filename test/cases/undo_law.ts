import assert from 'node:assert/strict';
import { restore } from '../../engine/applying/undo/restore.ts';
import type { RunJournal } from '../../engine/applying/undo/run_journal.ts';
import { type Change, keyOf, type Ref, type SetStep, type View, type Wish } from '../../engine/planning/contracts.ts';
import { sameValue } from '../../engine/planning/state.ts';
import type { PathValue } from '../../engine/resources/path_value.ts';
import { sh } from '../../engine/transport/sh.ts';
import type { Planned } from './driver.ts';
import type { Known } from './view.ts';

const RUN = 'run-1';
const DIR = '/var/lib/runbook/runs/run-1';

/**
 * What a run has changed an undo sets back to what it was, from what the journal and the images on the host hold; a
 * second undo finds nothing to do.
 */
export function restoreLaw(planned: Planned): void {
  const changes = planned.steps.flatMap((step) => (step.kind === 'change' ? [step.change] : []));
  const world = createWorld(planned.after, changes);
  const lost = new Set<string>();
  for (const group of world.groups.toReversed()) {
    const wish = undo(world, group);
    assert.equal(wish.failed?.message, undefined, 'the undo must not fail');
    for (const step of wish.steps as readonly SetStep[]) {
      assert.ok(!isSo(world, step), `the undo sets ${keyOf(step.ref)} to what it is`);
      world.values.set(keyOf(step.ref), step.to);
    }
    if ((wish.warnings ?? []).length > 0) for (const { change } of group) lost.add(keyOf(change.ref));
  }
  const first = new Map(changes.toReversed().map((change) => [keyOf(change.ref), change]));
  for (const [key, { ref, before }] of first) {
    if (lost.has(key)) continue;
    assert.ok(isSo(world, { ref, to: before }), `${key} is not what it was: ${JSON.stringify(world.values.get(key))}`);
  }
  if (lost.size > 0) return;
  for (const group of world.groups.toReversed()) {
    assert.deepEqual(undo(world, group).steps, [], 'a second undo finds nothing to do');
  }
}

interface Numbered {
  readonly n: number;
  readonly change: Change;
}

interface World {
  readonly values: Map<string, unknown>;
  readonly groups: readonly (readonly Numbered[])[];
  readonly view: View;
}

function createWorld(after: ReadonlyMap<string, Known>, changes: readonly Change[]): World {
  const values = new Map([...after].flatMap(([key, known]) => ('value' in known ? [[key, known.value] as const] : [])));
  const groups = grouped(changes);
  const images = new Map<string, unknown>();
  for (const { n, change } of groups.flat()) {
    if (change.ref.type.image?.(change, sh`to`) === undefined) continue;
    images.set(`path:${DIR}/before/${n}`, imageOf(change));
  }
  const journal = journalOf(groups, images);
  const find = (ref: Ref): unknown => {
    switch (ref.type.name) {
      case 'journal of a run':
        return journal;
      case 'what is inside':
        return { entries: namesBelow(values, ref.id), unnamed: [] };
      case 'candidate':
        return { version: null, versions: versionsOf(changes), providers: [] };
      case 'package names':
        return { names: ['dpkg'] };
      case 'apt simulation':
        return { rows: [], deleted: [] };
      default:
        return images.get(keyOf(ref)) ?? values.get(keyOf(ref)) ?? null;
    }
  };
  const view = {
    user: 'root',
    get: (ref: Ref) => find(ref),
    peek: (ref: Ref) => find(ref),
  } as unknown as View;
  return { values, groups, view };
}

function imageOf({ ref, before: value }: Change): PathValue {
  if (ref.type.name === 'user') return { kind: 'directory', mode: 0o700 };
  const before = value as PathValue | null;
  // A list, of packages.
  if (before === null) return { kind: 'file', mode: 0o600, content: { text: 'dpkg:amd64\n' } };
  return before.kind === 'file' && before.content === undefined ? { ...before, content: { text: 'kept' } } : before;
}

/** Changes of one type that stand together are made together, as when they are applied. */
function grouped(changes: readonly Change[]): readonly (readonly Numbered[])[] {
  const groups: Numbered[][] = [];
  for (const [i, change] of changes.entries()) {
    const last = groups.at(-1);
    if (last?.[0]?.change.ref.type === change.ref.type) last.push({ n: i + 1, change });
    else groups.push([{ n: i + 1, change }]);
  }
  return groups;
}

function journalOf(groups: World['groups'], images: ReadonlyMap<string, unknown>): RunJournal {
  const recorded = ({ ref: { type } }: Change, value: unknown): unknown =>
    JSON.parse(JSON.stringify(value === null || type.record === undefined ? value : type.record(value)));
  const entries = groups.map((group) => {
    const all = group.map(({ n, change }) => ({
      ...{ n, type: change.ref.type.name, id: change.ref.id, aspects: change.ref.aspects },
      before: recorded(change, change.before),
      after: recorded(change, change.after),
      options: JSON.parse(JSON.stringify(change.options)),
    }));
    return [(group[0] as Numbered).n, { run: undefined, again: undefined, changes: all }] as const;
  });
  const numbers = [...images.keys()].map((key) => Number(key.slice(key.lastIndexOf('/') + 1)));
  return { dir: DIR, entries: new Map(entries), images: new Set(numbers) };
}

function namesBelow(values: ReadonlyMap<string, unknown>, id: string): readonly string[] {
  const start = `path:${id}/`;
  return [...values].flatMap(([key, value]) =>
    key.startsWith(start) && value !== null ? [key.slice(start.length)] : [],
  );
}

function versionsOf(changes: readonly Change[]): readonly string[] {
  return changes.flatMap(({ before }) => (before as { version?: string } | null)?.version ?? []);
}

function undo({ view }: World, group: readonly Numbered[]): Wish {
  const params = { run: RUN, entry: (group[0] as Numbered).n, force: false };
  assert.ok(restore.looksAt(params, view).length > 0, 'it looks at what it takes back');
  return restore.wants(params, view);
}

function isSo({ values }: World, { ref, to }: Pick<SetStep, 'ref' | 'to'>): boolean {
  const now = values.get(keyOf(ref)) ?? null;
  return now === null || to === null ? now === to : sameValue(ref, now, to);
}
