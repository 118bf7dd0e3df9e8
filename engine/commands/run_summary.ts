import { outcomeOf, type RunRecord } from '../applying/records.ts';
import { levelsOf } from '../reporting/audit_text.ts';
import type { RunSummary } from '../reporting/history_text.ts';

/** A run of the journal as `history` and `show` tell it. */
export function summaryOf(run: RunRecord, all: readonly RunRecord[]): RunSummary {
  const { id, startedAt, by, playbooks, git, undoes, command = 'apply' } = run.head;
  const recap = run.recap ?? [];
  const failing = new Set([
    ...recap.filter((host) => host.failed > 0).map(({ host }) => host),
    ...run.findings.filter(({ finding }) => finding.level === 'fail').map(({ host }) => host),
  ]);
  return {
    ...{ id, startedAt, by, kind: command, playbooks, git, undoes },
    hosts: run.recap === undefined ? [...run.entries.keys()] : recap.map(({ host }) => host),
    changed: recap.reduce((sum, host) => sum + host.changed, 0),
    failed: failing.size,
    unreachable: recap.filter((host) => host.unreachable).length,
    outcome: outcomeOf(run, all),
    ...(command === 'audit' && { findings: levelsOf(run.findings) }),
  };
}
