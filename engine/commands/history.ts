import { RECORDS, readRecords } from '../applying/records.ts';
import { historyLines, historyTable } from '../reporting/history_text.ts';
import { createStyle } from '../reporting/style.ts';
import { EXIT } from './exit_code.ts';
import { summaryOf } from './run_summary.ts';
import { wantsColor } from './terminal.ts';

export interface HistoryOptions {
  readonly json?: true;
  readonly color?: 'always' | 'never' | 'auto';
}

/** The runs that were started here, newest first. */
export function history(options: HistoryOptions): number {
  const all = readRecords(RECORDS);
  const runs = all.map((run) => summaryOf(run, all));
  if (options.json) process.stdout.write(runs.map((run) => `${JSON.stringify(run)}\n`).join(''));
  else if (process.stdout.isTTY !== true) process.stdout.write(historyLines(runs));
  else if (runs.length === 0) process.stdout.write('No runs yet.\n');
  else process.stdout.write(historyTable(runs, createStyle(wantsColor(options, process.stdout))));
  return EXIT.done;
}
