import { Problem } from './problem.ts';

/** What `\d`, `\w` and `\b` mean: in texts of ASCII alone they are short. */
export interface Flavour {
  /** Bodies of character classes. */
  readonly digit: string;
  readonly word: string;
  readonly boundary: string;
  readonly noBoundary: string;
}

export interface Flags {
  ignoreCase: boolean;
  multiline: boolean;
  dotAll: boolean;
  verbose: boolean;
}

/** Where the translation of a pattern stands. */
export interface Reader {
  readonly pattern: string;
  readonly flavour: Flavour;
  readonly flags: Flags;
  readonly names: Map<string, number>;
  at: number;
  groups: number;
  /** What stands right before, for a repetition: nothing, something simple, or a group that has several ways itself. */
  before: 'nothing' | 'atom' | 'choices';
  /** For each open group, whether it has several ways to match the same text. */
  readonly open: boolean[];
  loops: number;
  nestedLoops: boolean;
}

export function regexProblem(reader: Reader, what: string): Problem {
  return new Problem(`\`${reader.pattern}\` is no regular expression: ${what}`);
}

/** A character that means itself, inside a class and outside. */
export function literal(character: string): string {
  if (/^[A-Za-z0-9]$/.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  return code > 0x7f ? `\\u{${code.toString(16)}}` : `\\x${code.toString(16).padStart(2, '0')}`;
}
