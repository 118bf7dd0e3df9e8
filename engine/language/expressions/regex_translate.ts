import { readClassItem, readEscape } from './regex_escape.ts';
import { type Flavour, literal, type Reader, regexProblem } from './regex_reader.ts';

export interface RegexFlags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
}

/** A pattern in JavaScript's syntax, for its `v` flag. */
export interface Translation {
  /** For texts of ASCII alone. */
  readonly ascii: string;
  readonly unicode: string;
  readonly ignoreCase: boolean;
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
  /** Whether backtracking in a text of that length may take very long. */
  readonly risky: (length: number) => boolean;
}

const WORD = '\\p{L}\\p{N}_';
const ASCII: Flavour = { digit: '0-9', word: 'A-Za-z0-9_', boundary: '\\b', noBoundary: '\\B' };
const UNICODE: Flavour = {
  digit: '\\p{Nd}',
  word: WORD,
  boundary: `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`,
  noBoundary: `(?:(?<=[${WORD}])(?=[${WORD}])|(?<![${WORD}])(?![${WORD}]))`,
};

/** Python's syntax (re: "Regular Expression Syntax") to JavaScript's. What has no counterpart is a Problem. */
export function translate(pattern: string, flags: RegexFlags): Translation {
  const ascii = newReader(pattern, flags, ASCII);
  const asciiSource = translateAll(ascii);
  const unicode = newReader(pattern, flags, UNICODE);
  const { loops, nestedLoops } = ascii;
  return {
    ascii: asciiSource,
    unicode: translateAll(unicode),
    ignoreCase: ascii.flags.ignoreCase,
    groups: ascii.groups,
    names: ascii.names,
    // Each loop may start anywhere: the steps grow with the length to the power of their number.
    risky: (length) => nestedLoops || length ** (loops + 1) > 1e8,
  };
}

function newReader(pattern: string, { ignoreCase, multiline }: RegexFlags, flavour: Flavour): Reader {
  return {
    pattern,
    flavour,
    flags: { ignoreCase, multiline, dotAll: false, verbose: false },
    names: new Map(),
    at: 0,
    groups: 0,
    before: 'nothing',
    open: [],
    loops: 0,
    nestedLoops: false,
  };
}

function translateAll(reader: Reader): string {
  readGlobalFlags(reader);
  let made = '';
  while (reader.at < reader.pattern.length) made += readPart(reader);
  if (reader.open.length > 0) throw regexProblem(reader, 'a `(` is not closed');
  return made;
}

/** `(?i)` and the like, which stand at the start. */
function readGlobalFlags(reader: Reader): void {
  const found = /^\(\?([aimsux]+)\)/.exec(reader.pattern);
  if (found === null) return;
  reader.at = found[0].length;
  const letters = found[1] ?? '';
  if (letters.includes('a')) throw regexProblem(reader, 'the flag `a` is not supported');
  reader.flags.ignoreCase ||= letters.includes('i');
  reader.flags.multiline ||= letters.includes('m');
  reader.flags.dotAll ||= letters.includes('s');
  reader.flags.verbose ||= letters.includes('x');
}

function readPart(reader: Reader): string {
  const character = String.fromCodePoint(reader.pattern.codePointAt(reader.at) ?? 0);
  if (reader.flags.verbose && /[\s#]/.test(character)) return skipVerbose(reader, character);
  switch (character) {
    case '\\':
      return readEscape(reader);
    case '[':
      return readClass(reader);
    case '(':
      return openGroup(reader);
    case ')':
      return closeGroup(reader);
    case '|':
      return alternative(reader);
    case '.':
      return simple(reader, reader.flags.dotAll ? '[^]' : '[^\\n]', true);
    case '^':
      return simple(reader, reader.flags.multiline ? '(?<=\\n|(?<![^]))' : '(?<![^])', false);
    case '$':
      return simple(reader, reader.flags.multiline ? '(?=\\n|(?![^]))' : '(?=\\n?(?![^]))', false);
    case '*':
    case '+':
    case '?':
    case '{':
      return readRepeat(reader);
    default:
      reader.at += character.length;
      reader.before = 'atom';
      return literal(character);
  }
}

function simple(reader: Reader, made: string, repeatable: boolean): string {
  reader.at += 1;
  reader.before = repeatable ? 'atom' : 'nothing';
  return made;
}

function alternative(reader: Reader): string {
  if (reader.open.length > 0) reader.open[reader.open.length - 1] = true;
  return simple(reader, '|', false);
}

function skipVerbose(reader: Reader, character: string): string {
  const end = character === '#' ? reader.pattern.indexOf('\n', reader.at) : reader.at;
  reader.at = end === -1 ? reader.pattern.length : end + 1;
  return '';
}

const REPEAT = /(?:[*+?]|\{(\d*)(,?)(\d*)\})([?+]?)/y;

function readRepeat(reader: Reader): string {
  REPEAT.lastIndex = reader.at;
  const found = REPEAT.exec(reader.pattern);
  const isBraces = reader.pattern.charAt(reader.at) === '{';
  if (found === null || (isBraces && found[1] === '' && found[3] === '')) return literalBrace(reader);
  if (reader.before === 'nothing') throw regexProblem(reader, 'there is nothing to repeat');
  if (found[4] === '+') throw regexProblem(reader, 'possessive repetition (`++`) is not supported');
  reader.at = REPEAT.lastIndex;
  const [whole, least = '', comma, most = ''] = found;
  const endless = isBraces ? comma === ',' && most === '' : whole.charAt(0) !== '?';
  if (endless || Number(most) > 10) noteLoop(reader);
  reader.before = 'nothing';
  if (!isBraces) return whole;
  if (most !== '' && Number(least || '0') > Number(most)) throw regexProblem(reader, 'its repetition is backwards');
  return `{${least || '0'}${comma}${most}}${found[4]}`;
}

function literalBrace(reader: Reader): string {
  return simple(reader, literal('{'), true);
}

function noteLoop(reader: Reader): void {
  reader.loops += 1;
  if (reader.before === 'choices') reader.nestedLoops = true;
  for (let index = 0; index < reader.open.length; index += 1) reader.open[index] = true;
}

const GROUP = /\(\?(?:P<([^>]*)>|P=([^)]*)\)|(#)[^)]*\)|(:|=|!|<=|<!))/y;

function openGroup(reader: Reader): string {
  GROUP.lastIndex = reader.at;
  const found = GROUP.exec(reader.pattern);
  if (found === null) {
    if (reader.pattern.startsWith('(?', reader.at)) throw regexProblem(reader, unsupportedGroup(reader));
    reader.groups += 1;
    return enter(reader, reader.at + 1, '(');
  }
  const [, name, reference, comment, kind] = found;
  if (comment !== undefined) return skipTo(reader, GROUP.lastIndex);
  if (reference !== undefined) return backReference(reader, reference, GROUP.lastIndex);
  if (name === undefined) return enter(reader, GROUP.lastIndex, `(?${kind}`);
  if (!/^[A-Za-z_]\w*$/.test(name)) throw regexProblem(reader, `\`${name}\` is no name of a group`);
  if (reader.names.has(name)) throw regexProblem(reader, `two groups are called \`${name}\``);
  reader.groups += 1;
  reader.names.set(name, reader.groups);
  return enter(reader, GROUP.lastIndex, '(');
}

function unsupportedGroup(reader: Reader): string {
  const start = reader.pattern.slice(reader.at, reader.at + 4);
  return `\`${start}\` is not supported here`;
}

function skipTo(reader: Reader, at: number): string {
  reader.at = at;
  return '';
}

function enter(reader: Reader, at: number, made: string): string {
  reader.at = at;
  reader.before = 'nothing';
  reader.open.push(false);
  return made;
}

function closeGroup(reader: Reader): string {
  const choices = reader.open.pop();
  if (choices === undefined) throw regexProblem(reader, 'a `)` closes nothing');
  reader.at += 1;
  reader.before = choices ? 'choices' : 'atom';
  return ')';
}

function backReference(reader: Reader, name: string, at: number): string {
  const number = reader.names.get(name);
  if (number === undefined) throw regexProblem(reader, `there is no group \`${name}\` before`);
  reader.at = at;
  reader.before = 'atom';
  return `(?:\\${number})`;
}

function readClass(reader: Reader): string {
  reader.at += 1;
  let made = '[';
  if (reader.pattern.charAt(reader.at) === '^') {
    made += '^';
    reader.at += 1;
  }
  for (let first = true; ; first = false) {
    const character = reader.pattern.charAt(reader.at);
    if (character === '') throw regexProblem(reader, 'a `[` is not closed');
    if (character === ']' && !first) break;
    made += readRange(reader);
  }
  reader.at += 1;
  reader.before = 'atom';
  return `${made}]`;
}

function readRange(reader: Reader): string {
  const from = readClassItem(reader);
  const next = reader.pattern.charAt(reader.at + 1);
  if (reader.pattern.charAt(reader.at) !== '-' || next === ']' || next === '') return from.source;
  reader.at += 1;
  const to = readClassItem(reader);
  if (from.code === undefined || to.code === undefined || from.code > to.code) {
    throw regexProblem(reader, `\`${from.source}-${to.source}\` is no range`);
  }
  return `${from.source}-${to.source}`;
}
