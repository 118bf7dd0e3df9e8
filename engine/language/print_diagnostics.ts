import pc from 'picocolors';
import type { Secrets } from '../secrets/secrets.ts';
import type { Diagnostic, Span } from './diagnostics.ts';
import { lineOf, lineStarts } from './lines.ts';
import { maskDiagnostics } from './mask.ts';
import { escapeCharacter, layOut } from './text_layout.ts';

/** Columns of source shown; a longer line is cut around the caret. */
const WIDTH = 100;

/**
 * Diagnostics as a person reads them: message, place, the line with carets under the span, hint; in the order of
 * the text, duplicates dropped, their number in the last line. Nothing from a file can move the cursor, and nothing
 * secret is shown.
 */
export function printDiagnostics(diagnostics: readonly Diagnostic[], options: PrintOptions): string {
  const colors = pc.createColors(options.color);
  const shown = maskDiagnostics(withoutDuplicates(diagnostics), options.secrets);
  const blocks = inOrder(shown).map((diagnostic) => printOne(diagnostic, colors));
  return [...blocks, `${countLine(shown)}\n`].join('\n');
}

export interface PrintOptions {
  readonly color: boolean;
  readonly secrets: Pick<Secrets, 'mask' | 'cover'>;
}

type Colors = ReturnType<typeof pc.createColors>;

function printOne({ severity, message, span, hint }: Diagnostic, colors: Colors): string {
  const paint = severity === 'error' ? colors.red : colors.yellow;
  const lines = [`${colors.bold(paint(`${severity}:`))} ${colors.bold(escapeText(message))}`];
  if (span !== undefined) lines.push(...printPlace(span, paint, colors));
  if (hint !== undefined) lines.push(`  ${colors.cyan('hint:')} ${escapeText(hint)}`);
  return `${lines.join('\n')}\n`;
}

function printPlace(span: Span, paint: (text: string) => string, colors: Colors): readonly string[] {
  const { line, column } = positionOf(span);
  const number = String(line);
  const gutter = ' '.repeat(number.length);
  const [shown, start, width] = cut(span);
  const carets = ' '.repeat(start) + paint('^'.repeat(width));
  return [
    `${gutter}${colors.blue('-->')} ${escapeText(span.source.path)}:${line}:${column}`,
    `${gutter} ${colors.blue('|')}`,
    `${colors.blue(`${number} |`)} ${shown}`.trimEnd(),
    `${gutter} ${colors.blue('|')} ${carets}`,
  ];
}

/** Counted from 1; a column is a character (code point), not a cell of the terminal. */
export function positionOf(span: Span): { readonly line: number; readonly column: number } {
  const line = lineOf(span);
  const lineStart = lineStarts(span.source)[line - 1];
  return { line, column: [...span.source.text.slice(lineStart, span.start)].length + 1 };
}

/** The line as shown, where in it the carets begin, and how many there are, in cells of the terminal. */
function cut({ source, start, end }: Span): readonly [string, number, number] {
  const { text } = source;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const found = text.indexOf('\n', lineStart);
  const lineEnd = found === -1 ? text.length : found;
  const line = text.slice(lineStart, lineEnd).replace(/\r$/, '');
  const cells = layOut(line);
  const from = cells.at(start - lineStart);
  const until = Math.max(cells.at(Math.min(end, lineStart + line.trimEnd().length) - lineStart), from + 1);
  if (cells.width <= WIDTH) return [cells.text(0, cells.width), from, until - from];
  // Keep what comes before the caret where there is room for it, since that says what the place is.
  const left = Math.max(0, Math.min(from - Math.floor(WIDTH / 3), cells.width - WIDTH));
  const right = Math.min(cells.width, left + WIDTH);
  const before = left > 0 ? '...' : '';
  const shown = `${before}${cells.text(left, right)}${right < cells.width ? '...' : ''}`;
  return [shown, from - left + before.length, Math.max(1, Math.min(until, right) - from)];
}

function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const files = new Map<string, number>();
  for (const { span } of diagnostics) {
    if (span !== undefined && !files.has(span.source.path)) files.set(span.source.path, files.size);
  }
  const rank = ({ span }: Diagnostic) => (span === undefined ? -1 : (files.get(span.source.path) ?? 0));
  return [...diagnostics].sort((a, b) => rank(a) - rank(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0));
}

function withoutDuplicates(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const { severity, message, span } = diagnostic;
    const key = JSON.stringify([severity, message, span?.source.path, span?.start, span?.end]);
    if (!seen.has(key)) seen.set(key, diagnostic);
  }
  return [...seen.values()];
}

function countLine(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic['severity']) => diagnostics.filter((each) => each.severity === severity).length;
  const parts = (['error', 'warning'] as const).flatMap((severity) => {
    const number = count(severity);
    return number === 0 ? [] : [`${number} ${severity}${number === 1 ? '' : 's'}`];
  });
  return parts.join(', ');
}

function escapeText(text: string): string {
  return [...text].map((character) => escapeCharacter(character) ?? character).join('');
}
