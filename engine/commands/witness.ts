import { type Journal, openJournal, type RunHead } from '../applying/journal.ts';
import type { Piece } from '../applying/program.ts';
import { pruneRecords, RECORDS } from '../applying/records.ts';
import type { RunEnd } from '../applying/run.ts';
import { type Finding, findingsOf } from '../planning/finding.ts';
import type { Instance } from '../planning/instance.ts';
import { isPending } from '../planning/pending.ts';
import type { HostRecap, PlannedTask, RunEvent } from '../planning/plan.ts';
import { recordPlanned, recordTask } from '../reporting/recorded_task.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { hasFailed } from './exit_code.ts';
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
  /** Closes the journal. What there is to say of the hosts that did not come through. */
  close(keep: number): string | undefined;
}

/** `head` is asked when the first change is near. */
export function createWitness(head: () => RunHead, secrets: Secrets): Witness {
  let journal: Journal | undefined;
  let recap: readonly HostRecap[] = [];
  let planFailed = false;
  let pending = false;
  const refused = new Set<string>();
  /** Hosts that were out before anything was done. */
  const leftOut: RunEvent[] = [];
  let auditing: RunEvent | undefined;
  const tasks: PlannedTask[] = [];

  function open(): Journal {
    const opened = openJournal(RECORDS, head(), secrets.maskJson);
    if (auditing !== undefined) opened.event(auditing);
    for (const before of leftOut) opened.event(before);
    return opened;
  }

  /** Nothing is done in an audit, so all of it is written when it is over. */
  function writeAudit(): Journal {
    const opened = open();
    for (const found of findingsOf(tasks)) opened.found(found);
    for (const task of tasks) opened.keep(recordPlanned(task, secrets.mask));
    return opened;
  }

  return {
    event(event) {
      if (event.type === 'apply-started') journal = open();
      if (event.type === 'run-started' && event.command === 'audit') auditing = event;
      if (event.type === 'run-finished' && auditing !== undefined) journal = writeAudit();
      if (event.type === 'host-refused' || event.type === 'host-unreachable') leftOut.push(event);
      if (event.type === 'host-refused') refused.add(event.host);
      if (event.type === 'run-finished') recap = event.recap;
      if (event.type === 'planned') {
        if (auditing !== undefined) tasks.push(...event.tasks);
        planFailed ||= event.tasks.some((task) => task.status === 'fail' && task.caught === undefined);
        pending ||= event.tasks.some(isPending);
      }
      if (event.type === 'task-finished') {
        journal?.keep(recordTask(event.result, secrets.mask, Date.now()));
      }
      journal?.event(event);
    },
    intend: (host, instances, pieces) => journal?.intend(host, instances, pieces),
    recap: () => recap,
    planFailed: () => planFailed,
    pending: () => pending,
    found: (level) => tasks.some(({ finding }) => finding?.level === level),
    ended: (end) => journal?.end(end.kind),
    close(keep) {
      if (journal === undefined) return undefined;
      journal.close();
      pruneRecords(RECORDS, keep);
      const again = recap.filter((host) => hasFailed(host) || host.unreachable || refused.has(host.host));
      const names = again.map(({ host }) => host);
      return names.length === 0 ? undefined : writeRetryLimit(journal.dir, names);
    },
  };
}
