import { count } from '../language/count.ts';
import { type Finding, isBad, shownFinding } from '../planning/finding.ts';
import type { PlannedTask, TaskFailure, TaskResult } from '../planning/plan.ts';
import { printable, printableLines } from './escape.ts';
import { findingLines, levelMark } from './finding_text.ts';
import { placeOf } from './place.ts';
import type { Style } from './style.ts';

/** As much of a failed command's output as is printed, from its end. */
const MOST_OUTPUT_LINES = 20;

/** How a task ended, in a line; a failure with all that is needed to go and look. Empty: not worth a line. */
export function resultLines(result: TaskResult, style: Style, verbosity: number): readonly string[] {
  const { task, outcome, failure } = result;
  const label = printable(task.item === undefined ? task.name : `${task.name} (${task.item})`);
  const head = `${printable(task.host)}: `;
  switch (outcome) {
    case 'changed': {
      const what = task.steps.length === 0 ? '' : ` (${count(task.steps.length, 'step')}, ${seconds(result.ms)})`;
      return [`${head}${style.change('changed')}: ${label}${style.faint(what)}`, ...messageLines(result)];
    }
    case 'failed':
    case 'unreachable':
    case 'ignored':
    case 'rescued': {
      const word = outcome === 'ignored' ? 'failed (ignored)' : outcome === 'rescued' ? 'failed (rescued)' : outcome;
      return [`${head}${style.bad(word)}: ${label}`, ...failureLines(result, failure, style)];
    }
    case 'ok':
      if (isBad(task.finding)) return findingOf(task, head, label, style, verbosity);
      return task.message === undefined && verbosity === 0 ? [] : [`${head}ok: ${label}`, ...messageLines(result)];
    case 'skipped':
      return verbosity === 0 ? [] : [`${head}${style.faint(`skipped: ${label}`)}`];
  }
}

/** What a check came to. */
function findingOf(task: PlannedTask, head: string, label: string, style: Style, verbosity: number): readonly string[] {
  const finding = shownFinding(task) as Finding;
  const lines = findingLines(finding, { style, verbosity });
  return [`${head}${levelMark(finding.level, style)}: ${label}`, ...lines.map((line) => `    ${line}`)];
}

function messageLines(result: TaskResult): readonly string[] {
  const { message, noLog } = result.task;
  return message === undefined || noLog ? [] : printableLines(message).map((line) => `    ${line}`);
}

function failureLines(result: TaskResult, failure: TaskFailure | undefined, style: Style): readonly string[] {
  const { task } = result;
  const place = `    ${style.place(placeOf(task))}`;
  if (failure === undefined) return [place];
  if (task.noLog)
    return [place, '    (hidden: no_log)', ...(failure.left === undefined ? [] : [`    ${printable(failure.left)}`])];
  const field = (name: string, text: string | undefined): readonly string[] =>
    text === undefined || text.trim() === '' ? [] : outputLines(name, text);
  return [
    ...printableLines(failure.message).map((line) => `    ${style.bad(line)}`),
    place,
    ...field('command', failure.command),
    ...field('stderr', failure.stderr),
    ...(failure.stderr?.trim() ? [] : field('stdout', failure.stdout)),
    ...field('state', failure.left),
    ...field('hint', failure.hint),
  ];
}

function outputLines(name: string, text: string): readonly string[] {
  const lines = printableLines(text);
  const last = lines.slice(-MOST_OUTPUT_LINES);
  if (last.length === 1) return [`    ${name}: ${last[0]}`];
  const cut = lines.length > last.length ? [`      ... ${count(lines.length - last.length, 'line')} before`] : [];
  return [`    ${name}:`, ...cut, ...last.map((line) => `      ${line}`)];
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
