import { count } from '../language/count.ts';
import type { Evidence, Finding } from '../planning/finding.ts';
import { printable, printableLines } from './escape.ts';
import type { Style } from './style.ts';

interface FindingTextOptions {
  readonly style: Style;
  readonly verbosity: number;
}

/** More rows of evidence than this are cut on a screen; -v shows all of them. */
const MOST_ROWS = 12;

/** Cells of evidence are cut at this many characters; -v shows all of them. */
const WIDEST = 60;

export function levelMark(level: Finding['level'], style: Style): string {
  return { pass: style.good('pass'), warn: style.change('WARN'), fail: style.bad('FAIL') }[level];
}

/** A finding without its name and level: what is so, on what it rests, what to do. */
export function findingLines(finding: Finding, options: FindingTextOptions): readonly string[] {
  const { style } = options;
  const field = (name: string, text: string | undefined): readonly string[] =>
    text === undefined ? [] : printableLines(text).map((line, i) => `${i === 0 ? `${name}: ` : '  '}${line}`);
  return [
    ...printableLines(finding.summary),
    ...(finding.evidence === undefined ? [] : evidenceLines(finding.evidence, options)),
    ...(finding.level === 'pass' ? [] : field('remedy', finding.remedy)),
    ...field('see', finding.reference).map(style.faint),
  ];
}

function evidenceLines({ columns, rows, more = 0 }: Evidence, options: FindingTextOptions): readonly string[] {
  if (rows.length === 0) return [];
  const { style, verbosity } = options;
  const shown = verbosity > 0 ? rows : rows.slice(0, MOST_ROWS);
  const cells = [columns, ...shown].map((row) => columns.map((_, i) => cut(printable(row[i] ?? ''), verbosity)));
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => (row[i] as string).length)));
  const last = columns.length - 1;
  const lines = cells.map((row) =>
    `  ${row.map((cell, i) => (i === last ? cell : cell.padEnd(widths[i] as number))).join('  ')}`.trimEnd(),
  );
  const left = rows.length - shown.length + more;
  return [
    style.faint(lines[0] as string),
    ...lines.slice(1),
    ...(left === 0 ? [] : [style.faint(`  (${count(left, 'more row')}${more > 0 ? '' : '; -v shows all'})`)]),
  ];
}

function cut(text: string, verbosity: number): string {
  return verbosity > 0 || text.length <= WIDEST ? text : `${text.slice(0, WIDEST - 1)}…`;
}
