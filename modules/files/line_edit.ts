import type { PythonRegex } from '../../engine/language/python_regex.ts';
import { expandTemplate, searchPython, type Template } from '../../engine/language/python_replace.ts';

/** Where a line goes that is not there yet. */
export type Place =
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' }
  | { readonly kind: 'after' | 'before'; readonly regex: PythonRegex };

export interface LineWish {
  readonly line: string;
  /** What finds the line that is to be replaced; `undefined`: only the very line itself counts. */
  readonly finds: ((line: string) => readonly (string | undefined)[] | null) | undefined;
  /** `line` with its backreferences taken apart; then nothing is done where nothing is found. */
  readonly backrefs: Template | undefined;
  readonly place: Place;
  /** The first match counts, not the last. */
  readonly firstmatch: boolean;
}

/** What finds lines by a regular expression or by a literal text. */
export function finder(regex: PythonRegex | undefined, text: string | undefined): LineWish['finds'] {
  if (regex !== undefined) return (line) => searchPython(regex, line);
  if (text !== undefined) return (line) => (line.includes(text) ? [text] : null);
  return undefined;
}

/** Lines with their line feeds; the last may have none. */
function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function bare(line: string): string {
  return line.replace(/[\r\n]+$/, '');
}

/** `state: present` of lineinfile; the text may stay the same. */
export function putLine(text: string, wish: LineWish): { readonly text: string; readonly message: string } {
  const lines = splitLines(text);
  const found = findLine(lines, wish);
  if (found !== undefined) {
    const wanted =
      wish.backrefs !== undefined && found.match !== null ? expandTemplate(wish.backrefs, found.match) : wish.line;
    const ended = wanted.endsWith('\n') ? wanted : `${wanted}\n`;
    if (lines[found.index] === ended) return { text, message: '' };
    return { text: lines.with(found.index, ended).join(''), message: 'line replaced' };
  }
  if (wish.backrefs !== undefined) return { text, message: '' };
  const at = placeIn(lines, wish);
  if (at === undefined) return { text, message: '' };
  // Ansible glues the new line to a last line that has no end; here it always begins a line of its own.
  const before = lines.slice(0, at).join('');
  const gap = before === '' || /[\r\n]$/.test(before) ? '' : '\n';
  return { text: `${before}${gap}${wish.line}\n${lines.slice(at).join('')}`, message: 'line added' };
}

interface FoundLine {
  readonly index: number;
  readonly match: readonly (string | undefined)[] | null;
}

/** The line that is to be replaced: what `finds` finds, else the very line itself. */
function findLine(lines: readonly string[], wish: LineWish): FoundLine | undefined {
  const { finds, firstmatch } = wish;
  let found: FoundLine | undefined;
  for (const [index, line] of lines.entries()) {
    const match = finds?.(line) ?? null;
    if (match !== null) found = { index, match };
    if (match !== null && firstmatch) break;
  }
  return found ?? sameLine(lines, wish);
}

/** Where the first match of the place counts, the search ends there: a line that is further down is not seen. */
function sameLine(lines: readonly string[], wish: LineWish): FoundLine | undefined {
  let found: FoundLine | undefined;
  for (const [index, line] of lines.entries()) {
    if (bare(line) === wish.line) found = { index, match: null };
    else if (wish.firstmatch && matchesPlace(line, wish.place)) break;
  }
  return found;
}

function matchesPlace(line: string, place: Place): boolean {
  return (place.kind === 'after' || place.kind === 'before') && searchPython(place.regex, line) !== null;
}

/** Number of lines before the new one; `undefined`: it stands there already. */
function placeIn(lines: readonly string[], wish: LineWish): number | undefined {
  const { place, firstmatch } = wish;
  if (place.kind === 'begin') return 0;
  if (place.kind === 'end') return lines.length;
  const matches = lines.flatMap((line, index) => (matchesPlace(line, place) ? [index] : []));
  const index = firstmatch ? matches[0] : matches.at(-1);
  if (index === undefined) return lines.length;
  if (place.kind === 'before') return index;
  const next = lines[index + 1];
  return next !== undefined && bare(next) === wish.line ? undefined : index + 1;
}

/** `state: absent` of lineinfile. */
export function dropLines(
  text: string,
  line: string | undefined,
  finds: LineWish['finds'],
): { readonly text: string; readonly found: number } {
  const lines = splitLines(text);
  const kept = lines.filter((one) => (finds === undefined ? bare(one) !== line : finds(one) === null));
  return { text: kept.join(''), found: lines.length - kept.length };
}
