import { count } from '../language/count.ts';
import { moment } from '../planning/moment.ts';
import { type Levels, levelsText } from './audit_text.ts';
import { printable } from './escape.ts';
import { hostsText } from './hosts_text.ts';
import type { Style } from './style.ts';

/** A run as a list of runs shows it. */
export interface RunSummary {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** User and machine. */
  readonly by: string;
  readonly kind: 'apply' | 'audit';
  readonly playbooks: readonly string[];
  readonly git?: { readonly commit: string; readonly dirty: boolean } | undefined;
  /** The run that it took back. */
  readonly undoes?: string | undefined;
  readonly hosts: readonly string[];
  readonly changed: number;
  readonly failed: number;
  readonly unreachable: number;
  readonly outcome: string;
  /** How many checks of an audit came to what. */
  readonly findings?: Levels | undefined;
}

const COLUMNS = ['id', 'when', 'who', 'what', 'hosts', 'changed', 'failed', 'outcome'] as const;

/** A table for a terminal. */
export function historyTable(runs: readonly RunSummary[], style: Style): string {
  const rows = runs.map(cells);
  const width = (i: number) => Math.max(COLUMNS[i]?.length ?? 0, ...rows.map((row) => row[i]?.length ?? 0));
  const widths = COLUMNS.map((_, i) => width(i));
  const last = COLUMNS.length - 1;
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === last ? cell : cell.padEnd(widths[i] as number))).join('  ');
  const lines = rows.map((row) => line([...row.slice(0, last), paint(row[last] as string, style)]));
  return `${[style.strong(line(COLUMNS)), ...lines].join('\n')}\n`;
}

/** A line a run for a pipe, its fields set apart by tabs. */
export function historyLines(runs: readonly RunSummary[]): string {
  return runs.map((run) => `${cells(run).join('\t')}\n`).join('');
}

function cells(run: RunSummary): readonly string[] {
  const hosts = hostsText(run.hosts, 0, false);
  const failed = run.failed + run.unreachable;
  return [
    run.id,
    timeText(run.startedAt),
    run.by,
    whatText(run),
    hosts,
    String(run.changed),
    String(failed),
    run.findings === undefined ? run.outcome : `${run.outcome}: ${levelsText(run.findings)}`,
  ].map(printable);
}

/** What stands above the diffs of one run. */
export function runHead(run: RunSummary, style: Style): string {
  const rows = [
    ['when', timeText(run.startedAt)],
    ['who', run.by],
    ['what', whatText(run)],
    ['hosts', `${count(run.hosts.length, 'host')}: ${run.hosts.join(', ')}`],
  ].map(([name, text]) => `${(name as string).padEnd(8)}${printable(text as string)}`);
  return `${[style.strong(`Run ${printable(run.id)}`), ...rows, `outcome ${paint(run.outcome, style)}`].join('\n')}\n`;
}

/** `play.yml at 1a2b3c4d5e6f, with changes of its own`. */
function whatText({ playbooks, git, undoes, kind }: RunSummary): string {
  if (undoes !== undefined) return `undo of ${undoes}`;
  const commit = git === undefined ? '' : ` at ${git.commit.slice(0, 12)}${git.dirty ? '+' : ''}`;
  return `${kind === 'audit' ? 'audit of ' : ''}${playbooks.join(', ')}${commit}`;
}

function timeText(at: number): string {
  return Number.isNaN(new Date(at).getTime()) ? '?' : moment(at).replace('T', ' ');
}

function paint(outcome: string, style: Style): string {
  if (/^ok\b/.test(outcome)) return style.good(outcome);
  if (/^warned\b/.test(outcome)) return style.change(outcome);
  return outcome === 'undone' ? style.faint(outcome) : style.bad(outcome);
}
