import { type Journal, openJournal, type RunHead } from '../applying/journal.ts';
import type { Piece } from '../applying/program.ts';
import { pruneRecords, RECORDS } from '../applying/records.ts';
import type { RunEnd } from '../applying/run.ts';
import { type Finding, findingsOf } from '../planning/finding.ts';
import type { Instance } from '../planning/instance.ts';
import { isPending } from '../planning/pending.ts';
import type { HostRecap, PlannedTask, RunEvent } from '../planning/plan.ts';
import type { RecordedTask } from '../reporting/recorded_task.ts';
import type { KeptRun } from '../reporting/report/fold.ts';
import { createGathering } from '../reporting/report/gather.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { hasFailed } from './exit_code.ts';
import { reportHead } from './kept_run.ts';
import { writeRetryLimit } from './retry_limit.ts';

/** Follows a run: keeps its journal from the first change on, and what its exit code hangs on. */
export interface Witness {
  /** Throws JournalFault. */
  event(event: RunEvent): void;
  /** What is about to be done. Throws JournalFault. */
  intend(host: string, instances: readonly Instance[], pieces: readonly Piece[]): void;
  recap(): readonly HostRecap[];
  /** A task of a plan fails that nothing catches. */
  planFailed(): boolean;
  /** Something is left to be done. */
  pending(): boolean;
  /** A check of an audit has come to this. */
  found(level: Finding['level']): boolean;
  ended(end: RunEnd): void;
  /** What a report is made from. */
  kept(): KeptRun;
  /** Closes the journal. What there is to say of the hosts that did not come through. */
  close(keep: number): string | undefined;
}

/** `head` is asked when the first change is near, and for a report. */
export function createWitness(head: () => RunHead, secrets: Secrets): Witness {
  let journal: Journal | undefined;
  let recap: readonly HostRecap[] = [];
  let planFailed = false;
  let pending = false;
  let auditing = false;
  let acting = false;
  let unreached: readonly RecordedTask[] = [];
  const refused = new Set<string>();
  const tasks: PlannedTask[] = [];
  const gathering = createGathering(secrets.mask);

  /** What was before anything was done is written with the rest. */
  function open(): Journal {
    const opened = openJournal(RECORDS, head(), secrets.maskJson);
    for (const before of gathering.events) if (before.type !== 'end') opened.event(before);
    return opened;
  }

  /** Nothing is done in an audit, so all of it is written when it is over. */
  function writeAudit(): Journal {
    const opened = open();
    for (const found of findingsOf(tasks)) opened.found(found);
    for (const task of gathering.planned()) opened.keep(task);
    return opened;
  }

  function stopped(): readonly string[] {
    return recap.filter((host) => hasFailed(host) || host.unreachable || refused.has(host.host)).map(nameOf);
  }

  return {
    event(event) {
      if (event.type === 'apply-started') {
        acting = true;
        journal = open();
      }
      if (event.type === 'run-started') auditing = event.command === 'audit';
      if (event.type === 'run-finished' && auditing) journal = writeAudit();
      if (event.type === 'host-refused') refused.add(event.host);
      if (event.type === 'run-finished') recap = event.recap;
      if (event.type === 'planned') {
        if (auditing) tasks.push(...event.tasks);
        planFailed ||= event.tasks.some((task) => task.status === 'fail' && task.caught === undefined);
        pending ||= event.tasks.some(isPending);
      }
      const kept = gathering.event(event);
      if (event.type === 'task-finished') journal?.keep(gathering.done.at(-1) as RecordedTask);
      journal?.event(kept ?? event);
    },
    intend: (host, instances, pieces) => journal?.intend(host, instances, pieces),
    recap: () => recap,
    planFailed: () => planFailed,
    pending: () => pending,
    found: (level) => tasks.some(({ finding }) => finding?.level === level),
    ended(end) {
      gathering.ended(end.kind);
      if (acting) unreached = gathering.unreached(end.kind === 'interrupted' ? recap.map(nameOf) : stopped());
      for (const task of unreached) journal?.keep(task);
      journal?.end(end.kind);
    },
    kept: () => ({
      head: reportHead(head()),
      events: gathering.events,
      tasks: acting ? [...gathering.done, ...unreached] : gathering.planned(),
    }),
    close(keep) {
      if (journal === undefined) return undefined;
      journal.close();
      pruneRecords(RECORDS, keep);
      const names = stopped();
      return names.length === 0 ? undefined : writeRetryLimit(journal.dir, names);
    },
  };
}

function nameOf({ host }: HostRecap): string {
  return host;
}
