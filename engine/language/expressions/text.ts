import { checkCharacters } from './limits.ts';

/** Python counts code points where JavaScript counts UTF-16 units: these count as Python does. */

const ASTRAL = /[\ud800-\udfff]/;

export function characters(text: string): string[] {
  checkCharacters(text.length);
  return ASTRAL.test(text) ? Array.from(text) : text.split('');
}

export function lengthOf(text: string): number {
  return ASTRAL.test(text) ? characters(text).length : text.length;
}

/** Order by code point. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  if (!ASTRAL.test(left) && !ASTRAL.test(right)) return left < right ? -1 : 1;
  const a = Array.from(left, (each) => each.codePointAt(0) ?? 0);
  const b = Array.from(right, (each) => each.codePointAt(0) ?? 0);
  for (let at = 0; at < a.length && at < b.length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** What Python's str.isspace takes for white space. */
const SPACE = '\\t\\n\\v\\f\\r\\x1c-\\x1f \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const LEADING = new RegExp(`^[${SPACE}]+`);
const SPACES = new RegExp(`[${SPACE}]+`);
const ONE_SPACE = new RegExp(`[${SPACE}]`);

export function isSpace(character: string): boolean {
  return ONE_SPACE.test(character);
}

/** Where the first white space stands, in UTF-16 units; -1: there is none. */
export function spaceIn(text: string): number {
  return text.search(ONE_SPACE);
}

/** str.lstrip; `set`: the characters to take away instead of white space. */
export function stripStart(text: string, set?: string): string {
  if (set === undefined) return text.replace(LEADING, '');
  const all = characters(text);
  const unwanted = new Set(characters(set));
  const from = all.findIndex((each) => !unwanted.has(each));
  return from === -1 ? '' : all.slice(from).join('');
}

/** str.rstrip. Walks back by hand: a regular expression would try every run of spaces. */
export function stripEnd(text: string, set?: string): string {
  if (set === undefined) {
    let end = text.length;
    while (end > 0 && isSpace(text.charAt(end - 1))) end -= 1;
    return text.slice(0, end);
  }
  const all = characters(text);
  const unwanted = new Set(characters(set));
  const to = all.findLastIndex((each) => !unwanted.has(each));
  return all.slice(0, to + 1).join('');
}

export function strip(text: string, set?: string): string {
  return stripEnd(stripStart(text, set), set);
}

/** str.split(): by runs of white space, none of them at the ends. */
export function words(text: string): string[] {
  const stripped = strip(text);
  return stripped === '' ? [] : stripped.split(SPACES);
}

/** str.splitlines */
export function lines(text: string, keepEnds = false): string[] {
  const found: string[] = [];
  const end = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;
  let from = 0;
  for (let match = end.exec(text); match !== null; match = end.exec(text)) {
    found.push(text.slice(from, keepEnds ? end.lastIndex : match.index));
    from = end.lastIndex;
  }
  if (from < text.length) found.push(text.slice(from));
  return found;
}

/** str.capitalize. A letter may have a capital of several, of which only the first stays large: `ß` becomes `Ss`. */
export function capitalize(text: string): string {
  const upper = firstOf(text).toUpperCase();
  const capital = firstOf(upper);
  return capital + upper.slice(capital.length).toLowerCase() + text.slice(firstOf(text).length).toLowerCase();
}

/** The first character. */
export function firstOf(text: string): string {
  return text === '' ? '' : String.fromCodePoint(text.codePointAt(0) ?? 0);
}

/** str.title: a capital after everything that is no letter. */
export function title(text: string): string {
  return text.replace(/\p{L}+/gu, capitalize);
}

/** How often a text holds another, without overlaps; the empty text stands around every character. */
export function countIn(text: string, wanted: string): number {
  if (wanted === '') return lengthOf(text) + 1;
  let count = 0;
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length)) count += 1;
  return count;
}

/** str.replace with a count; below zero: all. How long the result gets is for the caller to check. */
export function replaceTimes(text: string, old: string, by: string, times: number): string {
  if (times < 0 && old !== '') return text.split(old).join(by);
  const pieces = old === '' ? ['', ...characters(text), ''] : text.split(old);
  const joints = times < 0 ? pieces.length - 1 : Math.min(times, pieces.length - 1);
  return pieces.map((piece, index) => (index === 0 ? piece : (index <= joints ? by : old) + piece)).join('');
}
