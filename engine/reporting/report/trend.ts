import type { Finding } from '../../planning/finding.ts';
import type { RecordedTask } from '../recorded_task.ts';
import { countsOf } from './fold.ts';
import { type Command, labelOf, type Report, type Series, type Trend, type TrendRun, type Turn } from './report.ts';

/** An earlier run of the same playbooks. */
export interface PastRun {
  readonly id: string;
  readonly startedAt: number;
  readonly command: Command;
  readonly tasks: readonly RecordedTask[];
}

/** As many runs as a trend looks back. */
export const MOST_RUNS = 20;

/** What became better and worse. `past`: newest first. */
export function withTrend(report: Report, past: readonly PastRun[]): Report {
  const before = past.slice(0, MOST_RUNS - 1);
  if (before.length === 0) return report;
  const { id, startedAt, command } = report.run;
  const runs = [...before].reverse();
  const last = before.find(({ tasks }) => tasks.some(({ finding }) => finding !== undefined));
  const turns = last === undefined ? [] : turnsBetween(last.tasks, report.tasks);
  const trend: Trend = {
    runs: [...runs, { id, startedAt, command, tasks: report.tasks }].map(trendRun),
    since: last && { id: last.id, startedAt: last.startedAt },
    better: turns.filter(({ from, to }) => RANK[to] < RANK[from]),
    worse: turns.filter(({ from, to }) => RANK[to] > RANK[from]),
    series: seriesOf(runs, report),
  };
  return { ...report, trend };
}

const RANK: Readonly<Record<Finding['level'], number>> = { pass: 0, warn: 1, fail: 2 };

function trendRun({ id, startedAt, command, tasks }: PastRun): TrendRun {
  const { pass, warn, fail, changed, failed } = countsOf(tasks);
  return { id, startedAt, command, pass, warn, fail, changed, failed };
}

/** The same check on the same host, also where other tasks have come before it. */
function keyOf(task: RecordedTask): string {
  return JSON.stringify([task.host, task.module, labelOf(task)]);
}

function turnsBetween(before: readonly RecordedTask[], now: readonly RecordedTask[]): readonly Turn[] {
  const levels = new Map(before.flatMap((task) => (task.finding ? [[keyOf(task), task.finding.level]] : [])));
  return now.flatMap((task) => {
    const from = levels.get(keyOf(task));
    if (task.finding === undefined || from === undefined || from === task.finding.level) return [];
    const { level, summary } = task.finding;
    return [{ host: task.host, check: labelOf(task), from, to: level, summary }];
  });
}

function seriesOf(past: readonly PastRun[], report: Report): readonly Series[] {
  const known = past.map(({ startedAt, tasks }) => ({ at: startedAt, values: measuresOf(tasks) }));
  return report.tasks.flatMap((task) =>
    (task.finding?.measures ?? []).flatMap(({ name, unit, value }) => {
      const key = JSON.stringify([keyOf(task), name, unit]);
      const earlier = known.flatMap(({ at, values }) => {
        const then = values.get(key);
        return then === undefined ? [] : [{ at, value: then }];
      });
      if (earlier.length === 0) return [];
      const points = [...earlier, { at: report.run.startedAt, value }];
      return [{ host: task.host, check: labelOf(task), name, unit, points }];
    }),
  );
}

function measuresOf(tasks: readonly RecordedTask[]): ReadonlyMap<string, number> {
  return new Map(
    tasks.flatMap((task) =>
      (task.finding?.measures ?? []).map(({ name, unit, value }): [string, number] => [
        JSON.stringify([keyOf(task), name, unit]),
        value,
      ]),
    ),
  );
}
