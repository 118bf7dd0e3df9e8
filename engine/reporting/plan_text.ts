import { count } from '../language/count.ts';
import type { Diff } from '../planning/contracts.ts';
import { isBad, shownFinding } from '../planning/finding.ts';
import { named } from '../planning/named.ts';
import { isPending } from '../planning/pending.ts';
import type { PlannedStep, PlannedTask, RunCommand } from '../planning/plan.ts';
import { printable, printableLines } from './escape.ts';
import { findingLines, levelMark } from './finding_text.ts';
import { hostsText } from './hosts_text.ts';
import { placeOf } from './place.ts';
import { quietSummary } from './quiet_summary.ts';
import { shownDiff } from './shown_diff.ts';
import type { Style } from './style.ts';
import { unifiedDiff } from './unified_diff.ts';

export interface PlanTextOptions {
  readonly style: Style;
  readonly verbosity: number;
  readonly command: RunCommand;
  /** Takes the secrets out of a text. */
  readonly mask: (text: string) => string;
  /** Columns; lines of contents are not wrapped. */
  readonly width: number;
}

/** A file's diff longer than this is cut on a screen; -v shows all of it. */
const MOST_LINES = 200;

/** One task of a plan as it is the same on some hosts. */
interface Entry {
  readonly task: PlannedTask;
  readonly hosts: string[];
}

/** The plan of a fleet: what is the same on many hosts is shown once, with their names. */
export function planText(plans: ReadonlyMap<string, readonly PlannedTask[]>, options: PlanTextOptions): string {
  const lines = [...tasksText(plans, options), '', summary(plans, options.style)];
  return `${lines.join('\n').replace(/^\n+/, '')}\n`;
}

/** The tasks alone, play by play. */
export function tasksText(
  plans: ReadonlyMap<string, readonly PlannedTask[]>,
  options: PlanTextOptions,
): readonly string[] {
  const lines: string[] = [];
  let play: string | undefined;
  for (const entry of merged(plans, options)) {
    if (entry.task.play !== play) {
      play = entry.task.play;
      lines.push('', options.style.strong(`Play: ${printable(play)}`));
    }
    lines.push('', ...entryLines(entry, plans.size, options));
  }
  return lines;
}

function merged(plans: ReadonlyMap<string, readonly PlannedTask[]>, options: PlanTextOptions): readonly Entry[] {
  const byTask = new Map<string, Map<string, Entry>>();
  for (const [host, tasks] of plans) {
    for (const task of tasks) {
      const id = `${task.play}\n${task.id}`;
      const variants = byTask.get(id) ?? new Map<string, Entry>();
      // Also where it is not shown for this host: it keeps its place for the next one.
      byTask.set(id, variants);
      if (!shown(task, options)) continue;
      const key = look(task, options);
      const entry = variants.get(key);
      if (entry === undefined) variants.set(key, { task, hosts: [host] });
      else entry.hosts.push(host);
    }
  }
  return [...byTask.values()].flatMap((variants) => [...variants.values()]);
}

function shown(task: PlannedTask, { verbosity, command }: Pick<PlanTextOptions, 'verbosity' | 'command'>): boolean {
  if (isPending(task) || task.status === 'fail' || task.warnings.length > 0 || isBad(task.finding)) return true;
  // An apply says it when it comes to it.
  if (task.status === 'ok' && task.message !== undefined) return command === 'plan' || verbosity > 0;
  return verbosity > 0;
}

/** Two tasks that look the same are the same to the reader. */
function look(task: PlannedTask, options: PlanTextOptions): string {
  const { status, name, item, waitsFor, message, warnings, noLog, delegate } = task;
  const finding = shownFinding(task);
  return JSON.stringify([
    status,
    name,
    item,
    waitsFor,
    message,
    warnings,
    noLog,
    delegate,
    finding,
    task.steps.map((step) => stepKey(step, options)),
  ]);
}

function stepKey(step: PlannedStep, { mask }: PlanTextOptions): unknown {
  return step.kind === 'action' ? step.summary : shownDiff(step, mask);
}

/** As many tasks as are named that another one waits for; `-v` names all. */
const MOST_AWAITED = 3;

const MARKS = { ok: ' ', change: '~', skip: '-', fail: '!', provisional: '?' } as const;

function entryLines(entry: Entry, all: number, options: PlanTextOptions): readonly string[] {
  const { task, hosts } = entry;
  const { style, verbosity } = options;
  const label = printable(task.item === undefined ? task.name : `${task.name} (${task.item})`);
  const where = printable(hostsText(hosts, all, verbosity > 0));
  const role = `${task.handler ? 'handler ' : ''}${label}`;
  const as = task.delegate === undefined ? where : `${where} -> ${printable(task.delegate)}`;
  const paint = {
    ok: style.faint,
    change: style.strong,
    skip: style.faint,
    fail: style.bad,
    provisional: style.strong,
  };
  const caught = task.status === 'fail' && task.caught !== undefined ? ` (${task.caught})` : '';
  const lines = [`${MARKS[task.status]} ${paint[task.status](role)}${caught}  ${style.place(`[${as}]`)}`];
  if (task.status === 'provisional') {
    const names = task.waitsFor.map((name) => `"${printable(name)}"`);
    const waits = names.length === 0 ? 'an earlier task' : named(names, verbosity > 0 ? names.length : MOST_AWAITED);
    lines.push(`    ${style.change(`provisional: known after ${waits}`)}`);
  }
  if (task.message !== undefined && !task.noLog) {
    const mark = task.status === 'fail' ? style.bad : task.status === 'skip' ? style.faint : (text: string) => text;
    for (const line of printableLines(task.message)) lines.push(`    ${mark(line)}`);
  }
  if (task.status === 'fail') lines.push(`    ${style.place(placeOf(task))}`);
  const finding = shownFinding(task);
  if (finding !== undefined) {
    const [first, ...rest] = findingLines(finding, options);
    lines.push(`    ${levelMark(finding.level, style)}: ${first}`, ...rest.map((line) => `    ${line}`));
  }
  for (const text of task.warnings) lines.push(`    ${style.change(`warning: ${printable(text)}`)}`);
  // A task in order may still have what only reads, and what `check_mode` keeps it from doing.
  const steps = task.status === 'ok' ? task.steps.filter((step) => step.kind === 'action') : task.steps;
  for (const step of steps) lines.push(...stepLines(step, task, options).map((line) => `    ${line}`));
  return lines;
}

function stepLines(step: PlannedStep, task: PlannedTask, options: PlanTextOptions): readonly string[] {
  const { style } = options;
  if (step.kind === 'action') {
    const summary = task.noLog ? '(hidden: no_log)' : printable(step.summary);
    return [`${style.change('>')} ${summary}${step.access ? style.change('  ! access') : ''}`];
  }
  const { change } = step;
  const diff = shownDiff(step, options.mask);
  const sign = { create: style.add('+'), change: style.change('~'), remove: style.remove('-') }[diff.action];
  const access = change.ref.type.access?.(change.ref.id) ? style.change('  ! access') : '';
  const lines = [`${sign} ${printable(diff.title)}${access}`];
  if (task.noLog || diff.secret)
    return [...lines, `    ${style.faint(`(hidden: ${task.noLog ? 'no_log' : 'secret'})`)}`];
  for (const attribute of diff.attributes) lines.push(`    ${attributeText(attribute, diff, style)}`);
  if (diff.content !== undefined) lines.push(...contentLines(diff.content, options).map((line) => `    ${line}`));
  return lines;
}

function attributeText(attribute: Diff['attributes'][number], diff: Diff, style: Style): string {
  const { name } = attribute;
  const before = attribute.before === undefined ? undefined : printable(attribute.before);
  const after = attribute.after === undefined ? undefined : printable(attribute.after);
  if (before === undefined && diff.action === 'create') return `${name}: ${style.add(after ?? 'none')}`;
  if (after === undefined && diff.action === 'remove') return `${name}: ${style.remove(before ?? 'none')}`;
  return `${name}: ${style.remove(before ?? 'none')} -> ${style.add(after ?? 'none')}`;
}

function contentLines(content: NonNullable<Diff['content']>, options: PlanTextOptions): readonly string[] {
  const { style } = options;
  if (content.kind === 'opaque') {
    return [
      `content: ${style.remove(printable(content.before ?? 'none'))} -> ${style.add(printable(content.after ?? 'none'))}`,
    ];
  }
  const lines = unifiedDiff(content.before, content.after);
  if (lines === undefined) {
    return [
      `content: ${count(content.before.length, 'character')} -> ${count(content.after.length, 'character')} (too different to show)`,
    ];
  }
  const painted = lines.map((line) => paintLine(printable(line), style));
  if (options.verbosity > 0 || painted.length <= MOST_LINES) return painted;
  const rest = painted.length - MOST_LINES;
  return [...painted.slice(0, MOST_LINES), style.faint(`(${count(rest, 'more line')}; -v shows all)`)];
}

function paintLine(line: string, style: Style): string {
  if (line.startsWith('+')) return style.add(line);
  if (line.startsWith('-')) return style.remove(line);
  return line.startsWith('@') || line.startsWith('\\') ? style.faint(line) : line;
}

/** The last line: what would be done, and that nothing was. */
function summary(plans: ReadonlyMap<string, readonly PlannedTask[]>, style: Style): string {
  let changes = 0;
  let actions = 0;
  let provisional = 0;
  let failures = 0;
  let busy = 0;
  for (const tasks of plans.values()) {
    const due = tasks.filter(isPending);
    const broken = tasks.filter((task) => task.status === 'fail' && task.caught === undefined);
    provisional += due.filter((task) => task.status === 'provisional').length;
    failures += broken.length;
    for (const step of due.flatMap((task) => (task.status === 'change' ? task.steps : []))) {
      if (step.kind === 'action') actions += 1;
      else changes += 1;
    }
    if (due.length > 0 || broken.length > 0) busy += 1;
  }
  const parts = [
    ...(changes > 0 ? [count(changes, 'change')] : []),
    ...(actions > 0 ? [count(actions, 'action')] : []),
    ...(provisional > 0 ? [`${provisional} provisional`] : []),
    ...(failures > 0 ? [style.bad(count(failures, 'failure'))] : []),
  ];
  const quiet = plans.size - busy;
  if (parts.length === 0) return quietSummary(plans.size, style);
  const rest = quiet > 0 ? `; ${count(quiet, 'host')} unchanged` : '';
  return style.strong(`Plan: ${parts.join(', ')} on ${count(busy, 'host')}${rest}. Nothing has been touched.`);
}
