import { count } from '../../language/count.ts';
import { printable } from '../escape.ts';
import { hostsText } from '../hosts_text.ts';
import { type TaskGroup, taskRows } from './groups.ts';
import { type Counts, labelOf, type Report } from './report.ts';
import { durationText, VERDICTS } from './words.ts';

/** As many rows as somebody reads in a chat. */
const MOST_ROWS = 30;

/** Short, for a chat or a ticket: what is wrong, and what became of the rest by number. */
export function markdownReport({ run, hosts, tasks, totals, warnings, trend }: Report): string {
  const groups = taskRows(tasks).flatMap((row) => row.groups);
  const told = SHOWN.flatMap((status) => groups.filter((group) => group.status === status));
  const took = run.finishedAt === undefined ? '' : ` in ${durationText(run.finishedAt - run.startedAt)}`;
  const numbers = NUMBERS.filter((status) => totals[status] > 0).map((status) => `**${totals[status]}** ${status}`);
  const out = hosts.filter(({ trouble }) => trouble !== undefined);
  const turned = trend && (trend.worse.length > 0 || trend.better.length > 0);
  const blocks = [
    `## runbook: ${plain(run.playbooks.join(', '))}: ${VERDICTS[run.verdict]}`,
    `${numbers.join(', ') || 'nothing to do'} on ${count(hosts.length, 'host')}, ${run.command}${took} by ${plain(run.by)}, run ${plain(run.id)}.`,
    ...(run.ended === undefined ? [] : [run.ended]),
    ...(turned
      ? [`Since the last run ${count(trend.worse.length, 'check')} got worse, ${trend.better.length} better.`]
      : []),
    [
      ...out.map(({ host, verdict, trouble }) => `- **${verdict}** ${plain(host)}: ${plain(trouble?.message ?? '')}`),
      ...warnings.map(
        ({ host, message }) => `- **warning** ${host === undefined ? '' : `${plain(host)}: `}${plain(message)}`,
      ),
    ].join('\n'),
    table(told, hosts.length),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

const SHOWN = ['fail', 'failed', 'warn', 'changed', 'pending', 'excused'] as const satisfies readonly (keyof Counts)[];
const NUMBERS: readonly (keyof Counts)[] = [...SHOWN, 'pass', 'ok', 'skipped'];

function table(groups: readonly TaskGroup[], all: number): string {
  if (groups.length === 0) return '';
  const rows = groups
    .slice(0, MOST_ROWS)
    .map(
      (group) =>
        `| ${group.status} | ${plain(labelOf(group.task))} | ${plain(hostsText(group.hosts, all, false))} | ${plain(said(group))} |`,
    );
  const rest = groups.length - MOST_ROWS;
  return [
    '| | what | where | |',
    '|---|---|---|---|',
    ...rows,
    ...(rest > 0 ? ['', `${count(rest, 'more row')} in the whole report.`] : []),
  ].join('\n');
}

function said({ task }: TaskGroup): string {
  const { finding, failure, steps } = task;
  if (finding !== undefined) return finding.summary;
  if (failure !== undefined) return failure.message.split('\n', 1)[0] as string;
  return steps.map((step) => ('run' in step ? step.run : `${step.action} ${step.title}`)).join(', ');
}

const MOST_CHARACTERS = 160;

/** Nothing in it is markup, a link or a new line (CommonMark 2.4: any punctuation may be escaped). */
function plain(text: string): string {
  const line = printable(text.replace(/\s+/g, ' ').trim());
  const short = line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS - 1)}…`;
  return short
    .replace(/[\\`*_[\]|~#!]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
}
