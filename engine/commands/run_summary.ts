import { outcomeOf, type RunRecord } from '../applying/records.ts';
import type { RunSummary } from '../reporting/history_text.ts';

/** A run of the journal as `history` and `show` tell it. */
export function summaryOf(run: RunRecord, all: readonly RunRecord[]): RunSummary {
  const { id, startedAt, by, playbooks, git, undoes } = run.head;
  const recap = run.recap ?? [];
  return {
    ...{ id, startedAt, by, playbooks, git, undoes },
    hosts: run.recap === undefined ? [...run.entries.keys()] : recap.map(({ host }) => host),
    changed: recap.reduce((sum, host) => sum + host.changed, 0),
    failed: recap.filter((host) => host.failed > 0).length,
    unreachable: recap.filter((host) => host.unreachable).length,
    outcome: outcomeOf(run, all),
  };
}
