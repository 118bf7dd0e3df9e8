import { type Journal, openJournal, type RunHead } from '../applying/journal.ts';
import type { Piece } from '../applying/program.ts';
import { pruneRecords, RECORDS } from '../applying/records.ts';
import type { RunEnd } from '../applying/run.ts';
import type { Instance } from '../planning/instance.ts';
import { isPending } from '../planning/pending.ts';
import type { HostRecap, RunEvent } from '../planning/plan.ts';
import { recordTask } from '../reporting/recorded_task.ts';
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

  return {
    event(event) {
      if (event.type === 'apply-started') {
        journal = openJournal(RECORDS, head(), secrets.maskJson);
        for (const before of leftOut) journal.event(before);
      }
      if (event.type === 'host-refused' || event.type === 'host-unreachable') leftOut.push(event);
      if (event.type === 'host-refused') refused.add(event.host);
      if (event.type === 'run-finished') recap = event.recap;
      if (event.type === 'planned') {
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
