import { classItem, literal, RegexProblem, readEscape, shorthand } from './python_regex_escapes.ts';

/**
 * Python's regular expressions (the `re` module's documentation) in terms of JavaScript's.
 *
 * What Python has and JavaScript cannot express is a problem with its place: conditionals, atomic groups,
 * possessive quantifiers, flags for a part of the pattern. A backreference to a group that took no part fails in
 * Python and matches nothing here.
 */
export interface PythonRegex {
  /** With the flags `g` and `v`; set `lastIndex` before use. */
  readonly js: RegExp;
  /** With `y` and `v`: a match at `lastIndex` that is not empty. Its first group is none of the pattern's. */
  readonly moving: RegExp;
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
  /** Whether `^` and `$` match at line ends: by its flags, or by `(?m)`. */
  readonly multiline: boolean;
}

export interface RegexFlags {
  readonly ignoreCase?: boolean;
  readonly multiline?: boolean;
  readonly dotAll?: boolean;
  readonly verbose?: boolean;
  /**
   * For bytes held as Latin-1 (`Buffer.toString('latin1')`), as Python matches `bytes`: classes are ASCII.
   * The pattern has to be in the same form.
   */
  readonly bytes?: boolean;
}

export type RegexResult =
  | { readonly ok: true; readonly regex: PythonRegex }
  /** `at`: offset in the pattern. */
  | { readonly ok: false; readonly problem: string; readonly at: number };

export function compilePythonRegex(pattern: string, flags: RegexFlags = {}): RegexResult {
  try {
    const parser = new Translation(pattern, flags);
    const source = parser.translate();
    const flagged = parser.ignoreCase ? 'iv' : 'v';
    const js = new RegExp(source, `g${flagged}`);
    // What is left of the text at the end of the match is not all that was left at its start.
    const moving = new RegExp(`(?=([\\s\\S]*))(?:${shiftBackreferences(source)})(?!\\1$)`, `y${flagged}`);
    return { ok: true, regex: { js, moving, groups: parser.groups, names: parser.names, multiline: parser.multiline } };
  } catch (e) {
    if (e instanceof RegexProblem) return { ok: false, problem: e.message, at: e.at };
    if (e instanceof SyntaxError) return { ok: false, problem: e.message, at: 0 };
    throw e;
  }
}

/** Backreferences are written `(?:\1)` here, and nothing else is. */
function shiftBackreferences(source: string): string {
  return source.replaceAll(/\(\?:\\(\d+)\)/g, (_, number: string) => `(?:\\${Number(number) + 1})`);
}

/** One walk over one pattern; its fields are where it stands and what it has met. */
class Translation {
  readonly pattern: string;
  readonly names = new Map<string, number>();
  groups = 0;
  ignoreCase: boolean;
  multiline: boolean;
  #dotAll: boolean;
  #verbose: boolean;
  #ascii: boolean;
  readonly #bytes: boolean;
  readonly #open = new Set<number>();
  #at = 0;

  constructor(pattern: string, flags: RegexFlags) {
    this.pattern = pattern;
    this.ignoreCase = flags.ignoreCase === true;
    this.multiline = flags.multiline === true;
    this.#dotAll = flags.dotAll === true;
    this.#verbose = flags.verbose === true;
    this.#bytes = flags.bytes === true;
    this.#ascii = this.#bytes;
  }

  translate(): string {
    this.#globalFlags();
    const source = this.#alternatives();
    if (this.#at < this.pattern.length) this.#fail('a ) with no ( before it');
    return source;
  }

  #fail(problem: string, at = this.#at): never {
    throw new RegexProblem(problem, at);
  }

  #rest(): string {
    return this.pattern.slice(this.#at);
  }

  /** `(?imsx)` at the start is for the whole pattern. */
  #globalFlags(): void {
    for (
      let found = /^\(\?([aiLmsux]+)\)/.exec(this.#rest());
      found;
      found = /^\(\?([aiLmsux]+)\)/.exec(this.#rest())
    ) {
      const letters = found[1] as string;
      if (letters.includes('L')) this.#fail('the flag L, which depends on a locale, is not supported');
      this.ignoreCase ||= letters.includes('i');
      this.multiline ||= letters.includes('m');
      this.#dotAll ||= letters.includes('s');
      this.#verbose ||= letters.includes('x');
      this.#ascii ||= letters.includes('a');
      this.#at += found[0].length;
    }
  }

  #alternatives(): string {
    const branches = [this.#sequence()];
    while (this.pattern[this.#at] === '|') {
      this.#at += 1;
      branches.push(this.#sequence());
    }
    return branches.join('|');
  }

  #sequence(): string {
    let out = '';
    while (this.#at < this.pattern.length) {
      if (this.#verbose && this.#skipBlank()) continue;
      const char = this.pattern[this.#at] as string;
      if (char === '|' || char === ')') break;
      const start = this.#at;
      const place = this.#place();
      const atom = place ?? this.#atom();
      const quantifier = this.#quantifier();
      if (quantifier !== '' && (place !== undefined || atom === '')) this.#fail('nothing to repeat', start);
      out += atom + quantifier;
    }
    return out;
  }

  #skipBlank(): boolean {
    const blank = /^(?:[ \t\n\r\f\v]+|#[^\n]*)/.exec(this.#rest());
    if (blank === null) return false;
    this.#at += blank[0].length;
    return true;
  }

  #atom(): string {
    const char = this.pattern[this.#at] as string;
    switch (char) {
      case '*':
      case '+':
      case '?':
        return this.#fail('nothing to repeat');
      case '.':
        this.#at += 1;
        return this.#dotAll ? '[\\s\\S]' : '[^\\n]';
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '\\':
        return this.#escape();
      default: {
        if (/^\{(?:\d+|\d*,\d*)\}/.test(this.#rest())) this.#fail('nothing to repeat');
        const whole = String.fromCodePoint(this.pattern.codePointAt(this.#at) as number);
        this.#at += whole.length;
        return literal(whole);
      }
    }
  }

  /** `{` that begins no quantifier stands for itself. */
  #quantifier(): string {
    while (this.#verbose && this.#skipBlank());
    const found = /^(?:[*+?]|\{(?:(\d+)|(\d*)(,)(\d*))?\})/.exec(this.#rest());
    if (found === null) return '';
    const [text, exactly, atLeast = '', comma = '', most = ''] = found;
    const least = exactly ?? atLeast;
    if (text === '{}') return '';
    if (most !== '' && Number(least) > Number(most)) this.#fail('the least number of repetitions is above the most');
    this.#at += text.length;
    const quantifier = text.startsWith('{') ? `{${least === '' ? 0 : least}${comma}${most}}` : text;
    const next = this.pattern[this.#at];
    if (next === '+') this.#fail('possessive quantifiers are not supported');
    if (next === '?') {
      this.#at += 1;
      return `${quantifier}?`;
    }
    if (/^(?:\*|\{\d+\}|\{\d*,\d*\})/.test(this.#rest())) this.#fail('multiple repeat');
    return quantifier;
  }

  #group(): string {
    const start = this.#at;
    const opening = /^\((?:\?(?:P<([^>]*)>|P=([^)]*)\)|#[^)]*\)|:|=|!|<=|<!))?/.exec(this.#rest());
    const [text, name, back] = opening as RegExpExecArray;
    if (text.startsWith('(?#')) {
      this.#at += text.length;
      return '';
    }
    if (back !== undefined) {
      this.#at += text.length;
      return this.#backreference(this.names.get(back), back, start);
    }
    if (text === '(' && this.pattern[start + 1] === '?') this.#unsupported();
    this.#at += text.length;
    const captures = text === '(' || name !== undefined;
    const number = captures ? this.#newGroup(name, start) : 0;
    const inner = this.#alternatives();
    if (this.pattern[this.#at] !== ')') this.#fail('a ( that is never closed', start);
    this.#at += 1;
    this.#open.delete(number);
    if (captures) return `(${inner})`;
    // A look around can be repeated in Python; in JavaScript only a group can.
    return text === '(?:' ? `(?:${inner})` : `(?:${text}${inner}))`;
  }

  #newGroup(name: string | undefined, at: number): number {
    this.groups += 1;
    this.#open.add(this.groups);
    if (name !== undefined) {
      if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) this.#fail(`${JSON.stringify(name)} cannot name a group`, at);
      if (this.names.has(name)) this.#fail(`two groups are named ${name}`, at);
      this.names.set(name, this.groups);
    }
    return this.groups;
  }

  #unsupported(): never {
    const rest = this.#rest();
    if (rest.startsWith('(?(')) this.#fail('conditional groups are not supported');
    if (rest.startsWith('(?>')) this.#fail('atomic groups are not supported');
    if (/^\(\?[aiLmsux]+\)/.test(rest)) this.#fail('flags for the whole pattern have to stand at its start');
    if (/^\(\?[aiLmsux-]+:/.test(rest)) this.#fail('flags for a part of the pattern are not supported');
    return this.#fail('an unknown extension after (?');
  }

  #backreference(number: number | undefined, name: string, at: number): string {
    if (number === undefined || number > this.groups) this.#fail(`there is no group ${name} yet`, at);
    if (this.#open.has(number)) this.#fail(`group ${name} is still open`, at);
    return `(?:\\${number})`;
  }

  #escape(): string {
    const start = this.#at;
    const next = this.pattern[start + 1];
    if (next === undefined) return this.#fail('a \\ with nothing after it');
    const digits = /^\\([1-9]\d?)/.exec(this.#rest());
    if (digits !== null && !/^\\[0-3][0-7]{2}/.test(this.#rest())) {
      this.#at += digits[0].length;
      return this.#backreference(Number(digits[1]), digits[1] as string, start);
    }
    const set = shorthand(next, this.#ascii);
    if (set !== undefined) {
      this.#at += 2;
      return set;
    }
    const [char, length] = readEscape(this.pattern, start, this.#bytes);
    this.#at += length;
    return literal(char);
  }

  /** What matches between characters. */
  #place(): string | undefined {
    const [text] = /^(?:[\^$]|\\[AZbB])/.exec(this.#rest()) ?? [];
    if (text === undefined) return undefined;
    this.#at += text.length;
    const word = shorthand('w', this.#ascii) as string;
    switch (text) {
      case '^':
        return this.multiline ? '(?<![^\\n])' : '^';
      case '$':
        return this.multiline ? '(?=\\n|$)' : '(?=\\n?$)';
      case '\\A':
        return '^';
      case '\\Z':
        return '$';
      case '\\b':
        return `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
      default:
        // Not in an empty text: Python, before 3.14.
        return `(?:(?!^$)(?:(?<=${word})(?=${word})|(?<!${word})(?!${word})))`;
    }
  }

  #class(): string {
    const start = this.#at;
    this.#at += 1;
    const negated = this.pattern[this.#at] === '^';
    if (negated) this.#at += 1;
    let out = '';
    for (let first = true; ; first = false) {
      const char = this.pattern[this.#at];
      if (char === undefined) this.#fail('a [ that is never closed', start);
      if (char === ']' && !first) break;
      const from = classItem(this.pattern, this.#at, this.#ascii, this.#bytes);
      this.#at += from.length;
      const range = this.pattern[this.#at] === '-' && ![']', undefined].includes(this.pattern[this.#at + 1]);
      if (!range) {
        out += from.source;
        continue;
      }
      this.#at += 1;
      const to = classItem(this.pattern, this.#at, this.#ascii, this.#bytes);
      if (
        from.char === undefined ||
        to.char === undefined ||
        (from.char.codePointAt(0) ?? 0) > (to.char.codePointAt(0) ?? 0)
      ) {
        this.#fail('a range in [] whose ends do not go up');
      }
      this.#at += to.length;
      out += `${from.source}-${to.source}`;
    }
    this.#at += 1;
    return `[${negated ? '^' : ''}${out}]`;
  }
}
