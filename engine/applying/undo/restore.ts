import { type Action, defineModule, type Ref, type UnitVerb, type View, type Wish } from '../../planning/contracts.ts';
import { unitType } from '../../resources/unit.ts';
import { managerAction, unitAction } from '../../resources/unit_action.ts';
import { runs, type UnitValue } from '../../resources/unit_value.ts';
import { NOTHING, type Past, type Restorable, readPast, together, type Undoing } from './restorable.ts';
import { restorePackage } from './restore_package.ts';
import { restorePath } from './restore_path.ts';
import {
  restoreCrontab,
  restoreDebconf,
  restoreGroup,
  restoreHostname,
  restoreSysctl,
  restoreUfw,
  restoreUnit,
} from './restore_plain.ts';
import { restoreDatabase, restoreRole } from './restore_postgresql.ts';
import { restoreUser } from './restore_user.ts';
import { type JournalChange, type RunJournal, runJournal } from './run_journal.ts';

interface RestoreParams {
  readonly run: string;
  readonly entry: number;
  readonly force: boolean;
}

/** What can be taken back, by the names that journals have. */
const KINDS: ReadonlyMap<string, Restorable> = new Map(
  [
    restorePath,
    restorePackage,
    restoreUnit,
    restoreUser,
    restoreGroup,
    restoreCrontab,
    restoreSysctl,
    restoreRole,
    restoreDatabase,
    restoreUfw,
    restoreHostname,
    restoreDebconf,
  ].map((kind) => [kind.type.name, kind as unknown as Restorable]),
);

/** Takes back what a run noted under one number in the host's journal. No playbook has it: `runbook undo` makes it. */
export const restore = defineModule<RestoreParams>({
  name: 'restore',
  collection: 'runbook',
  summary: 'Takes back what a run has done',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['run', 'entry', 'force'],
    properties: {
      run: { type: 'string', description: 'The run.' },
      entry: { type: 'integer', description: 'The number in its journal on the host.' },
      force: { type: 'boolean', description: 'Also where the host is no longer as the run left it.' },
    },
  },
  looksAt(params, view) {
    const journal = view.peek(runJournal(params.run, view.user));
    const kind = journal ? kindOf(journal, params.entry) : undefined;
    const more = kind?.looksAt?.(pastOf(journal as RunJournal, params.entry), { ...params, view }) ?? [];
    const own = journal ? pastOf(journal, params.entry).map(({ ref }) => ref) : [];
    const again = journal?.entries.get(params.entry)?.again?.unit;
    return [
      runJournal(params.run, view.user) as Ref,
      ...(kind?.looksAt === undefined ? own : more),
      ...(again === undefined ? [] : [unitRef(again) as Ref]),
    ];
  },
  wants,
});

function wants(params: RestoreParams, view: View): Wish {
  const journal = view.get(runJournal(params.run, view.user));
  if (journal === null) {
    return { steps: [], warnings: [`cannot be undone: the host keeps nothing of run ${params.run} (any more)`] };
  }
  const entry = journal.entries.get(params.entry);
  // It was about to be done, and was not come to.
  if (entry === undefined) return { steps: [] };
  if (entry.again !== undefined) return { steps: doneAgain(entry.again, view) };
  if (entry.run !== undefined && entry.changes.length === 0)
    return { steps: [], warnings: [`cannot be undone: ${entry.run}`] };
  const unknown = entry.changes.filter((change) => readEntry(journal, change) === undefined);
  const undoing: Undoing = { ...params, view };
  const back = together([
    kindOf(journal, params.entry)?.back(pastOf(journal, params.entry), undoing) ?? NOTHING,
    { ...NOTHING, lost: unknown.map(({ type, id }) => `${type} ${id}: the journal on the host does not tell how`) },
  ]);
  const warnings = back.lost.map((what) => `cannot be undone: ${what}`);
  if (back.refused.length > 0) return { steps: [], failed: { message: back.refused.join('\n') }, warnings };
  return { steps: back.steps, warnings };
}

/** A unit that does not run, or no more, reads nothing. */
function doneAgain({ verb, unit }: UnitVerb, view: View): readonly Action[] {
  if (verb === 'daemon-reload' || unit === undefined) return [managerAction('daemon-reload', 'system')];
  const found = view.get(unitRef(unit));
  return runs(found) ? [unitAction(unit, verb, {}, found)] : [];
}

function unitRef(id: string): Ref<UnitValue> {
  return { type: unitType, id, aspects: [] };
}

/** What is made together is of one kind. */
function kindOf(journal: RunJournal, n: number): Restorable | undefined {
  return KINDS.get(journal.entries.get(n)?.changes[0]?.type ?? '');
}

/** The changes of an entry, newest first. */
function pastOf(journal: RunJournal, n: number): readonly Past<unknown>[] {
  const changes = journal.entries.get(n)?.changes ?? [];
  return changes.toReversed().flatMap((change) => readEntry(journal, change) ?? []);
}

function readEntry(journal: RunJournal, change: JournalChange): Past<unknown> | undefined {
  const kind = KINDS.get(change.type);
  const image = journal.images.has(change.n) ? `${journal.dir}/before/${change.n}` : undefined;
  return kind && readPast(kind, change, image);
}
