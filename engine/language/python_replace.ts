import type { PythonRegex } from './python_regex.ts';

/** A replacement text as `re.sub` and `match.expand` read it: literal pieces and numbers of groups. */
export type Template = readonly (string | number)[];

export type TemplateResult =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly problem: string; readonly at: number };

const NAMED: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
]);

/** Takes `\1`, `\g<1>`, `\g<name>` and escapes apart, as Python's `re` documents for `sub`. */
export function parseTemplate(text: string, regex: PythonRegex): TemplateResult {
  const pieces: (string | number)[] = [];
  let at = 0;
  const fail = (problem: string): TemplateResult => ({ ok: false, problem, at });
  while (at < text.length) {
    const backslash = text.indexOf('\\', at);
    if (backslash < 0) break;
    pieces.push(text.slice(at, backslash));
    at = backslash;
    const piece = readPiece(text.slice(at), regex);
    if (typeof piece === 'string') return fail(piece);
    pieces.push(piece.value);
    at += piece.length;
  }
  pieces.push(text.slice(at));
  return { ok: true, template: pieces.filter((piece) => piece !== '') };
}

type Piece = { readonly value: string | number; readonly length: number };

/** A piece that begins with a backslash, or what is wrong with it. */
function readPiece(rest: string, regex: PythonRegex): Piece | string {
  const letter = rest[1];
  if (letter === undefined) return 'a \\ with nothing after it';
  if (letter === 'g') return namedGroup(rest, regex);
  const octal = /^\\(0[0-7]{0,2}|[1-7][0-7]{2})/.exec(rest);
  if (octal !== null) {
    const code = Number.parseInt(octal[1] as string, 8);
    if (code > 0o377) return `${octal[0]} is beyond the octal escapes`;
    return { value: String.fromCharCode(code), length: octal[0].length };
  }
  const digits = /^\\([1-9]\d?)/.exec(rest);
  if (digits !== null) return group(Number(digits[1]), digits[0].length, regex);
  const named = NAMED.get(letter);
  if (named !== undefined) return { value: named, length: 2 };
  if (/^[A-Za-z]$/.test(letter)) return `\\${letter} means nothing in a replacement`;
  return { value: `\\${letter}`, length: 2 };
}

function namedGroup(rest: string, regex: PythonRegex): Piece | string {
  const found = /^\\g<([^>]+)>/.exec(rest);
  if (found === null) return '\\g is not followed by <name>';
  const name = found[1] as string;
  const number = /^\d+$/.test(name) ? Number(name) : regex.names.get(name);
  if (number === undefined) return `there is no group named ${name}`;
  return group(number, found[0].length, regex);
}

function group(number: number, length: number, regex: PythonRegex): Piece | string {
  return number > regex.groups ? `there is no group ${number}` : { value: number, length };
}

/** A group that took no part in the match gives nothing. */
export function expandTemplate(template: Template, match: readonly (string | undefined)[]): string {
  return template.map((piece) => (typeof piece === 'string' ? piece : (match[piece] ?? ''))).join('');
}

export function searchPython(regex: PythonRegex, text: string): RegExpExecArray | null {
  regex.js.lastIndex = 0;
  return regex.js.exec(text);
}

/** `re.subn`: the new text and how many were replaced; `count` 0 replaces all. */
export function replacePython(
  regex: PythonRegex,
  template: Template,
  text: string,
  count = 0,
): { readonly text: string; readonly count: number } {
  let out = '';
  let done = 0;
  let replaced = 0;
  for (const match of matchesOf(regex, text)) {
    if (count > 0 && replaced >= count) break;
    out += text.slice(done, match.index) + expandTemplate(template, match.groups);
    done = match.index + (match.groups[0] as string).length;
    replaced += 1;
  }
  return { text: out + text.slice(done), count: replaced };
}

export interface PythonMatch {
  readonly index: number;
  /** The whole match, then its groups. */
  readonly groups: readonly (string | undefined)[];
}

/** All matches as `re.finditer` finds them: after an empty one, a match that is not empty may begin at the same place. */
export function* matchesOf(regex: PythonRegex, text: string): Generator<PythonMatch> {
  const { js, moving } = regex;
  for (let at = 0; at <= text.length; ) {
    js.lastIndex = at;
    const match = js.exec(text);
    if (match === null) return;
    yield { index: match.index, groups: match };
    at = match.index + match[0].length;
    if (match[0] !== '') continue;
    moving.lastIndex = at;
    const longer = moving.exec(text);
    if (longer === null) {
      at += String.fromCodePoint(text.codePointAt(at) ?? 0).length;
    } else {
      yield { index: longer.index, groups: [longer[0], ...longer.slice(2)] };
      at = longer.index + longer[0].length;
    }
  }
}
