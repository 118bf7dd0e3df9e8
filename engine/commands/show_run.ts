import { chooseRun, RECORDS, type RunRecord, readRecords } from '../applying/records.ts';
import { error } from '../language/diagnostics.ts';
import type { PlannedTask } from '../planning/plan.ts';
import { auditText } from '../reporting/audit_text.ts';
import { runHead } from '../reporting/history_text.ts';
import { tasksText } from '../reporting/plan_text.ts';
import { recapText } from '../reporting/recap_text.ts';
import { hasActed, plannedAgain, type RecordedTask } from '../reporting/recorded_task.ts';
import { createStyle } from '../reporting/style.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { EXIT } from './exit_code.ts';
import { keptRun, keptTasks } from './kept_run.ts';
import { refuse } from './refuse.ts';
import { reportFiles, writeReports } from './report_files.ts';
import { summaryOf } from './run_summary.ts';
import { wantsColor } from './terminal.ts';

export interface ShowOptions {
  readonly verbose: number;
  readonly json?: true;
  readonly report: readonly string[];
  readonly color?: 'always' | 'never' | 'auto';
}

/** One run: its head, its diffs as the plan showed them, its recap; of an audit what it found. */
export async function showRun(name: string, options: ShowOptions, secrets: Secrets): Promise<number> {
  const all = readRecords(RECORDS);
  const chosen = chooseRun(all, name);
  if ('problem' in chosen) return refuse([error('option', chosen.problem, undefined, chosen.hint)], secrets, options);
  const { run } = chosen;
  if (options.report.length > 0) return reportOn(run, all, options, secrets);
  const tasks = keptTasks(run).filter(hasActed);
  const summary = summaryOf(run, all);
  if (options.json) {
    const lines = [
      { type: 'run', ...summary, recap: run.recap ?? [] },
      ...run.findings,
      ...tasks.map((task) => ({ type: 'task', ...task })),
    ];
    process.stdout.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return EXIT.done;
  }
  const style = createStyle(wantsColor(options, process.stdout));
  const shown = { style, verbosity: options.verbose, command: 'plan', mask: secrets.mask, width: 80 } as const;
  if (run.head.command === 'audit') {
    const judged = (run.recap ?? []).filter((host) => !host.unreachable).map(({ host }) => host);
    const text = auditText(run.findings, judged, { style, verbosity: options.verbose });
    process.stdout.write(`${runHead(summary, style)}\n${text}`);
    return EXIT.done;
  }
  const text = [
    runHead(summary, style),
    ...tasksText(byHost(tasks), shown),
    ...(run.recap === undefined ? [] : ['', recapText(run.recap, style, options.verbose, duration(run))]),
  ];
  process.stdout.write(`${text.join('\n').trimEnd()}\n`);
  return EXIT.done;
}

/** As the run itself would have been reported, as far as its journal holds it. */
async function reportOn(
  run: RunRecord,
  all: readonly RunRecord[],
  options: ShowOptions,
  secrets: Secrets,
): Promise<number> {
  const files = reportFiles(options.report);
  if (!files.ok) return refuse(files.diagnostics, secrets, options);
  const problems = await writeReports(files.value, keptRun(run), all, secrets);
  return problems.length > 0 ? refuse(problems, secrets, options) : EXIT.done;
}

function byHost(tasks: readonly RecordedTask[]): ReadonlyMap<string, readonly PlannedTask[]> {
  const found = new Map<string, PlannedTask[]>();
  for (const task of tasks) {
    const known = found.get(task.host);
    if (known === undefined) found.set(task.host, [plannedAgain(task)]);
    else known.push(plannedAgain(task));
  }
  return found;
}

function duration({ finishedAt, head }: RunRecord): number {
  return Math.max(0, (finishedAt ?? head.startedAt) - head.startedAt);
}
