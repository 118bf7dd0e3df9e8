/** Leaves the translation of a pattern from however deep; `compilePythonRegex` turns it into its result. */
export class RegexProblem extends Error {
  readonly at: number;

  constructor(problem: string, at: number) {
    super(problem);
    this.at = at;
  }
}

/** A character that stands for itself, wherever it is put. */
export function literal(char: string): string {
  return /^[A-Za-z0-9]$/.test(char) ? char : `\\u{${(char.codePointAt(0) as number).toString(16)}}`;
}

// str.isspace() and str.isalnum() of Python, in terms of Unicode.
const SPACE =
  '[\\t-\\r\\u{1c}-\\u{20}\\u{85}\\u{a0}\\u{1680}\\u{2000}-\\u{200a}\\u{2028}\\u{2029}\\u{202f}\\u{205f}\\u{3000}]';
const UNICODE: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  s: SPACE,
  S: `[^${SPACE}]`,
  w: '[\\p{L}\\p{N}_]',
  W: '[^\\p{L}\\p{N}_]',
};
const ASCII: Readonly<Record<string, string>> = {
  d: '[0-9]',
  D: '[^0-9]',
  s: '[\\t-\\r\\u{20}]',
  S: '[^\\t-\\r\\u{20}]',
  w: '[A-Za-z0-9_]',
  W: '[^A-Za-z0-9_]',
};

/** `\d`, `\s`, `\w` and their opposites; can stand in a class as well. */
export function shorthand(letter: string, ascii: boolean): string | undefined {
  return /^[dDsSwW]$/.test(letter) ? (ascii ? ASCII : UNICODE)[letter] : undefined;
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
]);

/** The character that an escape stands for, and how long the escape is. */
export function readEscape(pattern: string, at: number, bytes: boolean): readonly [string, number] {
  const rest = pattern.slice(at);
  const octal = /^\\(0[0-7]{0,2}|[0-3][0-7]{2})/.exec(rest);
  if (octal !== null) return [String.fromCodePoint(Number.parseInt(octal[1] as string, 8)), octal[0].length];
  const hex = (
    bytes ? /^\\(?:x([0-9a-fA-F]{2}))/ : /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/
  ).exec(rest);
  if (hex !== null) {
    const code = Number.parseInt(hex[1] ?? hex[2] ?? (hex[3] as string), 16);
    if (code > 0x10ffff) throw new RegexProblem(`${hex[0]} is beyond the last character`, at);
    return [String.fromCodePoint(code), hex[0].length];
  }
  const letter = String.fromCodePoint(pattern.codePointAt(at + 1) as number);
  const named = NAMED.get(letter);
  if (named !== undefined) return [named, 2];
  if (/^[A-Za-z0-9]$/.test(letter)) throw new RegexProblem(`\\${letter} means nothing in a regular expression`, at);
  return [letter, 1 + letter.length];
}

/** One item of a class: a set, or a character that can be the end of a range. */
export function classItem(
  pattern: string,
  at: number,
  ascii: boolean,
  bytes: boolean,
): { readonly source: string; readonly length: number; readonly char?: string } {
  const char = String.fromCodePoint(pattern.codePointAt(at) ?? 0);
  if (char !== '\\') return { source: literal(char), length: char.length, char };
  const next = pattern[at + 1];
  if (next === undefined) throw new RegexProblem('a \\ with nothing after it', at);
  const set = shorthand(next, ascii);
  if (set !== undefined) return { source: set, length: 2 };
  if (next === 'b') return { source: literal('\b'), length: 2, char: '\b' };
  const [escaped, length] = readEscape(pattern, at, bytes);
  return { source: literal(escaped), length, char: escaped };
}
