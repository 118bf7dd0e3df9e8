import type { Source } from '../diagnostics.ts';
import type { YamlScalar } from '../yaml.ts';
import { trimEnd } from './characters.ts';

export interface BlockScalar {
  readonly scalar: YamlScalar;
  /** The start of the line behind it. */
  readonly next: number;
}

/**
 * A `|` or `>` text that starts at `start`, below a node in column `parent`. `undefined` for what is rare: an
 * indentation given in the header, `+`, blank lines with more spaces than the text has.
 */
export function readBlockScalar(source: Source, start: number, parent: number): BlockScalar | undefined {
  const { text } = source;
  const header = /[|>](-?)(?: +#[^\n]*| *)(?:\n|$)/y;
  header.lastIndex = start;
  const found = header.exec(text);
  if (found === null) return undefined;
  const lines: string[] = [];
  let indent = -1;
  let at = header.lastIndex;
  let end = at;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const lineEnd = newline === -1 ? text.length : newline;
    const column = columnOf(text, at, lineEnd);
    const isBlank = at + column === lineEnd;
    if (!isBlank && indent === -1) indent = column;
    if (isBlank ? column > Math.max(indent, 0) : column < indent || column <= parent) {
      if (!isBlank) break;
      // Spaces beyond the indentation are text; before it is known they are a mistake.
      if (indent === -1) return undefined;
    }
    lines.push(text.slice(Math.min(at + Math.max(indent, 0), lineEnd), lineEnd));
    at = newline === -1 ? text.length : newline + 1;
    if (!isBlank) end = at;
  }
  while (lines.length > 0 && lines.at(-1)?.trim() === '') {
    if (lines.at(-1) !== '') return undefined;
    lines.pop();
  }
  const joined = text.charAt(start) === '|' ? lines.join('\n') : fold(lines);
  const value = lines.length === 0 || found[1] === '-' ? joined : `${joined}\n`;
  const span = { source, start, end: trimEnd(text, start, lines.length === 0 ? header.lastIndex : end) };
  return { scalar: { kind: 'scalar', value, text: value, style: 'block', span }, next: at };
}

function columnOf(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && text.charCodeAt(at) === 0x20) at += 1;
  return at - start;
}

/** A line break between two lines of text is a space; those around lines that are indented further stay. */
function fold(lines: readonly string[]): string {
  let value = '';
  let separator = '';
  let wasDeeper = false;
  for (const line of lines) {
    if (line.startsWith(' ')) {
      if (separator === ' ') separator = '\n';
      else if (!wasDeeper && separator === '\n') separator = '\n\n';
      value += separator + line;
      separator = '\n';
      wasDeeper = true;
    } else if (line === '') {
      if (separator === '\n') value += '\n';
      else separator = '\n';
    } else {
      value += separator + line;
      separator = ' ';
      wasDeeper = false;
    }
  }
  return value;
}
