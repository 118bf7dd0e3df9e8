import { count } from '../language/count.ts';
import type { Finding, TaskFinding } from '../planning/finding.ts';
import { printable } from './escape.ts';
import { findingLines, levelMark } from './finding_text.ts';
import { hostsText } from './hosts_text.ts';
import type { Style } from './style.ts';

export interface AuditTextOptions {
  readonly style: Style;
  readonly verbosity: number;
}

/** How many findings there are of each level. */
export type Levels = Readonly<Record<Finding['level'], number>>;

export function levelsOf(found: readonly TaskFinding[]): Levels {
  const levels = { pass: 0, warn: 0, fail: 0 };
  for (const { finding } of found) levels[finding.level] += 1;
  return levels;
}

/** `2 fail, 1 warn, 40 pass` */
export function levelsText({ fail, warn, pass }: Levels): string {
  return `${fail} fail, ${warn} warn, ${pass} pass`;
}

/**
 * What an audit found: what fails first, then what warns; what is the same on many hosts once, with their names; what
 * passes by number, or with `-v` too. `hosts`: those that were judged.
 */
export function auditText(found: readonly TaskFinding[], hosts: readonly string[], options: AuditTextOptions): string {
  const { style, verbosity } = options;
  const entries = merged(found);
  const lines: string[] = [];
  for (const level of ['fail', 'warn', 'pass'] as const) {
    if (level === 'pass' && verbosity === 0) continue;
    for (const { finding, one, on } of entries.filter((entry) => entry.finding.level === level)) {
      const label = printable(one.item === undefined ? one.name : `${one.name} (${one.item})`);
      const where = style.place(`[${printable(hostsText(on, hosts.length, verbosity > 0))}]`);
      lines.push(`${levelMark(level, style)} ${style.strong(label)}  ${where}`);
      lines.push(...findingLines(finding, options).map((line) => `    ${line}`), '');
    }
  }
  return `${[...lines, ...table(found, hosts, style), '', total(found, hosts.length, style)].join('\n')}\n`;
}

interface Entry {
  readonly one: TaskFinding;
  readonly finding: Finding;
  readonly on: string[];
}

/** In the order of the tasks, whichever host has them first. */
function merged(found: readonly TaskFinding[]): readonly Entry[] {
  const tasks = new Map<string, Map<string, Entry>>();
  for (const one of found) {
    const task = JSON.stringify([one.play, one.id]);
    const known = tasks.get(task) ?? new Map<string, Entry>();
    tasks.set(task, known);
    const { measures: _, ...seen } = one.finding;
    const key = JSON.stringify([one.name, one.item, seen]);
    const entry = known.get(key);
    if (entry === undefined) known.set(key, { one, finding: one.finding, on: [one.host] });
    else entry.on.push(one.host);
  }
  return [...tasks.values()].flatMap((known) => [...known.values()]);
}

/** A row for each host; the worst last, where the eye is when the run ends. */
function table(found: readonly TaskFinding[], hosts: readonly string[], style: Style): readonly string[] {
  const rows = hosts.map((host) => ({ host, ...levelsOf(found.filter((one) => one.host === host)) }));
  rows.sort((a, b) => a.fail - b.fail || a.warn - b.warn);
  const width = Math.max(4, ...hosts.map((host) => printable(host).length));
  const cell = (number: number, paint: (text: string) => string) =>
    (number === 0 ? style.faint : paint)(String(number).padStart(7));
  return [
    style.strong(`${'host'.padEnd(width)}${['pass', 'warn', 'fail'].map((name) => name.padStart(7)).join('')}`),
    ...rows.map(
      ({ host, pass, warn, fail }) =>
        `${printable(host).padEnd(width)}${cell(pass, style.good)}${cell(warn, style.change)}${cell(fail, style.bad)}`,
    ),
  ];
}

function total(found: readonly TaskFinding[], hosts: number, style: Style): string {
  const levels = levelsOf(found);
  const paint = levels.fail > 0 ? style.bad : levels.warn > 0 ? style.change : style.good;
  return `${paint(levelsText(levels))} on ${count(hosts, 'host')}. Nothing has been touched.`;
}
