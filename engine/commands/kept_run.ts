import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunHead } from '../applying/journal.ts';
import { journalLine, journalLines } from '../applying/journal_lines.ts';
import type { RunRecord } from '../applying/records.ts';
import type { RecordedTask } from '../reporting/recorded_task.ts';
import type { KeptEvent, KeptRun } from '../reporting/report/fold.ts';
import type { ReportHead, ReportRun } from '../reporting/report/report.ts';
import { MOST_RUNS, type PastRun } from '../reporting/report/trend.ts';

/** A run as its journal holds it: what a report is made from. */
export function keptRun(run: RunRecord): KeptRun {
  const events = run.text.split('\n').map(journalLine) as readonly (KeptEvent | undefined)[];
  return {
    head: reportHead(run.head),
    events: events.filter((event) => event !== undefined && KEPT.has(event.type)) as readonly KeptEvent[],
    tasks: keptTasks(run),
  };
}

/** Of the head of a journal what a report says. */
export function reportHead({ id, by, playbooks, undoes, git, startedAt }: RunHead): ReportHead {
  return { id, by, playbooks, undoes, git, startedAt };
}

const KEPT: ReadonlySet<string> = new Set<KeptEvent['type']>([
  ...(['run-started', 'host-looked', 'host-unreachable', 'host-refused', 'host-reverted'] as const),
  ...(['apply-started', 'play-started', 'warning', 'run-finished', 'end'] as const),
]);

/** What was written by this program's own hand, line by line; what was cut off is left out. */
export function keptTasks(run: RunRecord): readonly RecordedTask[] {
  try {
    const lines = journalLines(readFileSync(join(dirname(run.path), 'diffs.jsonl')));
    return lines.filter((line) => Array.isArray(line.steps)) as unknown as readonly RecordedTask[];
  } catch {
    return [];
  }
}

/** Earlier runs of the same playbooks by the same command, newest first, as far back as a trend looks. */
export function pastRuns(run: ReportRun, all: readonly RunRecord[]): readonly PastRun[] {
  if (run.undoes !== undefined) return [];
  const same = all.filter(
    ({ head, recap }) =>
      head.startedAt < run.startedAt &&
      head.id !== run.id &&
      head.undoes === undefined &&
      (head.command ?? 'apply') === run.command &&
      head.playbooks.join('\n') === run.playbooks.join('\n') &&
      recap !== undefined,
  );
  return same.slice(0, MOST_RUNS).map((past) => {
    const { id, startedAt } = past.head;
    return { id, startedAt, command: run.command, tasks: keptTasks(past) };
  });
}
