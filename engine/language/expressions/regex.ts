import { type Context, createContext, runInContext } from 'node:vm';
import { REGEX_PATIENCE } from './limits.ts';
import { Problem } from './problem.ts';
import { type RegexFlags, type Translation, translate } from './regex_translate.ts';

/** A pattern of Python's, ready to search one text with. */
export interface Regex {
  /** Every match from `from` on, as JavaScript's; `once`: the first only; `anchored`: it begins there. */
  readonly matches: (text: string, how?: { readonly once?: boolean; readonly anchored?: boolean }) => readonly Match[];
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
}

export interface Match {
  readonly index: number;
  /** The whole match, then its groups. */
  readonly groups: readonly (string | undefined)[];
}

const KNOWN_AT_MOST = 500;
const known = new Map<string, Regex>();

/** Python's re.compile. */
export function regex(pattern: string, flags: RegexFlags): Regex {
  const key = `${flags.ignoreCase ? 'i' : ''}${flags.multiline ? 'm' : ''}:${pattern}`;
  let found = known.get(key);
  if (found === undefined) {
    found = build(pattern, translate(pattern, flags));
    if (known.size >= KNOWN_AT_MOST) known.clear();
    known.set(key, found);
  }
  return found;
}

function build(pattern: string, { ascii, unicode, ignoreCase, groups, names, risky }: Translation): Regex {
  const compiled = new Map<string, RegExp>();
  const compile = (source: string, sticky: boolean): RegExp => {
    const flags = `${sticky ? 'y' : 'g'}v${ignoreCase ? 'i' : ''}`;
    const key = `${flags}:${source}`;
    const made = compiled.get(key) ?? new RegExp(source, flags);
    compiled.set(key, made);
    return made;
  };
  return {
    groups,
    names,
    matches(text, { once = false, anchored = false } = {}) {
      // `\w` and the like are simple in ASCII, and most texts are.
      const source = /^[\0-\x7f]*$/.test(text) ? ascii : unicode;
      const expression = compiledOr(() => compile(source, anchored), pattern);
      const search = () => matchAll(expression, text, once || anchored);
      return risky(text.length) ? patiently(search, pattern) : search();
    },
  };
}

function compiledOr(compile: () => RegExp, pattern: string): RegExp {
  try {
    return compile();
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw new Problem(`\`${pattern}\` is no regular expression: ${thrown.message.replace(/^.*\/[gyvi]*: /, '')}`);
  }
}

function matchAll(expression: RegExp, text: string, once: boolean): readonly Match[] {
  const found: Match[] = [];
  expression.lastIndex = 0;
  for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
    found.push({ index: match.index, groups: [...match] });
    if (once) break;
    if (match[0] === '') expression.lastIndex = nextIndex(text, expression.lastIndex);
  }
  return found;
}

function nextIndex(text: string, index: number): number {
  return index + ((text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1);
}

let patience: Context | undefined;

/**
 * JavaScript cannot stop a regular expression that backtracks without end, but it can stop a script of `node:vm`.
 * That takes a fraction of a millisecond, so only patterns that could take long are run this way.
 */
function patiently<T>(search: () => T, pattern: string): T {
  patience ??= createContext({});
  patience.search = search;
  try {
    return runInContext('search()', patience, { timeout: REGEX_PATIENCE }) as T;
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown;
    throw new Problem(`the regular expression \`${pattern}\` takes too long`, {
      hint: 'It repeats something that already repeats, such as `(a+)+`.',
    });
  }
}

/** Python's replacement text (`\1`, `\g<name>`, `\n`), as a function of a match. */
export function replacement(template: string, expression: Regex): (match: Match) => string {
  const parts = replacementParts(template, expression);
  return (match) => parts.map((part) => (typeof part === 'string' ? part : (match.groups[part] ?? ''))).join('');
}

const REPLACEMENT = /\\(?:g<([^>]*)>|(0[0-7]{0,2}|[1-3][0-7]{2}|[1-9]\d?)|([\s\S])|$)/g;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
]);

function replacementParts(template: string, expression: Regex): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  let from = 0;
  for (const match of template.matchAll(REPLACEMENT)) {
    parts.push(template.slice(from, match.index));
    from = match.index + match[0].length;
    const [whole, named, digits, letter] = match;
    if (named !== undefined) parts.push(groupNumber(named, expression));
    else if (digits !== undefined) parts.push(octalOrGroup(digits, expression));
    else parts.push(escapeOf(whole, letter));
  }
  return [...parts, template.slice(from)];
}

function octalOrGroup(digits: string, expression: Regex): string | number {
  if (digits.startsWith('0') || digits.length === 3) return String.fromCharCode(Number.parseInt(digits, 8));
  return groupNumber(digits, expression);
}

function escapeOf(whole: string, letter: string | undefined): string {
  if (letter === undefined) throw new Problem('the replacement ends with a backslash');
  const known = ESCAPES.get(letter);
  if (known !== undefined) return known;
  if (/[A-Za-z]/.test(letter)) throw new Problem(`\`${whole}\` means nothing in a replacement`);
  return whole;
}

/** The number of a group by number or name. */
export function groupNumber(group: string, expression: Regex): number {
  const number = /^\d+$/.test(group) ? Number(group) : expression.names.get(group);
  if (number === undefined || number > expression.groups) {
    throw new Problem(`the regular expression has no group \`${group}\``);
  }
  return number;
}
