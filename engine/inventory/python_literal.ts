import { STRING_ESCAPES } from '../language/python_escapes.ts';
import { Float, type Value } from '../language/values.ts';

/** Brackets in brackets; Python itself gives up at about 200. */
const DEPTH_LIMIT = 100;

/** What a literal is not: kept apart from `null`, which is `None`. */
class NotLiteral extends Error {}

interface Reader {
  readonly text: string;
  at: number;
  depth: number;
}

/**
 * Reads a value as Python's `ast.literal_eval` does: strings, numbers, True, False, None, lists, tuples, sets and
 * dicts. `undefined` where it is no literal: Ansible then takes the text as it stands. Tuples and sets become lists;
 * numbers that a double cannot hold exactly become their text. Never throws.
 */
export function parsePythonLiteral(text: string): Value | undefined {
  // Most values are a small number or a bare word, which is no literal.
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  if (/^[a-z_/~][\w./:@-]*$/.test(text)) return undefined;
  const reader: Reader = { text, at: 0, depth: 0 };
  try {
    const value = readTop(reader);
    return reader.at === text.length ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof NotLiteral) return undefined;
    throw thrown;
  }
}

/** `80, 443` without brackets is a tuple. */
function readTop(reader: Reader): Value {
  skipBlank(reader);
  const first = readValue(reader);
  skipBlank(reader);
  if (peek(reader) !== ',') return first;
  const items = [first];
  while (peek(reader) === ',') {
    reader.at += 1;
    skipBlank(reader);
    if (reader.at === reader.text.length) break;
    items.push(readValue(reader));
    skipBlank(reader);
  }
  return items;
}

function readValue(reader: Reader): Value {
  skipBlank(reader);
  const char = peek(reader);
  if (char === '[') return readItems(reader, ']').items;
  if (char === '(') {
    const { items, commas } = readItems(reader, ')');
    return items.length === 1 && commas === 0 ? (items[0] as Value) : items;
  }
  if (char === '{') return readBraces(reader);
  if (char === '+' || char === '-') return readSigned(reader);
  if (/[0-9.]/.test(char)) return exact(readNumber(reader));
  const word = /^[A-Za-z_]+/.exec(reader.text.slice(reader.at, reader.at + 8))?.[0] ?? '';
  if (word === '' || /^["']/.test(reader.text.charAt(reader.at + word.length))) return readStrings(reader);
  const constants: ReadonlyMap<string, Value> = new Map<string, Value>([
    ['True', true],
    ['False', false],
    ['None', null],
  ]);
  const constant = constants.get(word);
  if (constant === undefined || /[\w]/.test(reader.text.charAt(reader.at + word.length))) throw new NotLiteral();
  reader.at += word.length;
  return constant;
}

function readItems(reader: Reader, close: string): { readonly items: readonly Value[]; readonly commas: number } {
  const items: Value[] = [];
  let commas = 0;
  open(reader);
  while (peek(reader) !== close) {
    items.push(readValue(reader));
    commas += separator(reader, close);
  }
  shut(reader);
  return { items, commas };
}

function readBraces(reader: Reader): Value {
  open(reader);
  const map: Record<string, Value> = Object.create(null) as Record<string, Value>;
  const set: Value[] = [];
  let pairs = 0;
  while (peek(reader) !== '}') {
    const key = readValue(reader);
    skipBlank(reader);
    if (peek(reader) === ':') {
      reader.at += 1;
      map[keyText(key)] = readValue(reader);
      pairs += 1;
    } else {
      set.push(key);
    }
    separator(reader, '}');
  }
  shut(reader);
  if (pairs > 0 && set.length > 0) throw new NotLiteral();
  return set.length > 0 ? set : { ...map };
}

function keyText(key: Value): string {
  if (typeof key === 'object' && key !== null && !(key instanceof Float)) throw new NotLiteral();
  return key === null ? 'None' : key === true ? 'True' : key === false ? 'False' : String(key);
}

function open(reader: Reader): void {
  reader.depth += 1;
  if (reader.depth > DEPTH_LIMIT) throw new NotLiteral();
  reader.at += 1;
  skipBlank(reader);
}

function shut(reader: Reader): void {
  reader.depth -= 1;
  reader.at += 1;
}

/** Steps over a comma; without one, the closing bracket must follow. Gives the number of commas. */
function separator(reader: Reader, close: string): number {
  skipBlank(reader);
  if (peek(reader) === close) return 0;
  if (peek(reader) !== ',') throw new NotLiteral();
  reader.at += 1;
  skipBlank(reader);
  return 1;
}

function readSigned(reader: Reader): Value {
  const sign = peek(reader);
  reader.at += 1;
  skipBlank(reader);
  if (!/[0-9.]/.test(peek(reader))) throw new NotLiteral();
  const digits = readNumber(reader);
  return exact(sign === '-' ? `-${digits}` : digits);
}

const NUMBER =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?)/y;

/** The number's text, without underscores. */
function readNumber(reader: Reader): string {
  NUMBER.lastIndex = reader.at;
  const found = NUMBER.exec(reader.text)?.[0];
  if (found === undefined || /[\w.]/.test(reader.text.charAt(reader.at + found.length))) throw new NotLiteral();
  const digits = found.replaceAll('_', '');
  // Python 3 has no octal numbers of the form 0644; a float may begin with zeros.
  if (/^0[0-9]+$/.test(digits) && !/^0+$/.test(digits)) throw new NotLiteral();
  reader.at += found.length;
  return digits;
}

function exact(digits: string): Value {
  const negative = digits.startsWith('-');
  const size = Number(negative ? digits.slice(1) : digits);
  if (!Number.isFinite(size)) throw new NotLiteral();
  const integer = /^-?[0-9]+$|^-?0[xXoObB]/.test(digits);
  if (integer && !Number.isSafeInteger(size)) return digits;
  const value = negative && size !== 0 ? -size : size;
  return !integer && Number.isInteger(value) ? new Float(value) : value;
}

/** Neighbouring strings are one; bytes and texts do not mix. */
function readStrings(reader: Reader): string {
  const bytes = isBytes(reader);
  let text = readString(reader);
  for (;;) {
    skipBlank(reader);
    if (!/^[bBuUrR]{0,2}["']/.test(reader.text.slice(reader.at, reader.at + 3))) return text;
    if (isBytes(reader) !== bytes) throw new NotLiteral();
    text += readString(reader);
  }
}

function isBytes(reader: Reader): boolean {
  return /^[rR]?[bB]/.test(reader.text.slice(reader.at, reader.at + 2));
}

function readString(reader: Reader): string {
  const head = /^([bBuU]?[rR]?|[rR][bB])("""|'''|"|')/.exec(reader.text.slice(reader.at, reader.at + 5));
  if (head === null) throw new NotLiteral();
  const [all, prefix, quote] = head as unknown as [string, string, string];
  if (/^u.$/i.test(prefix)) throw new NotLiteral();
  const raw = /r/i.test(prefix);
  reader.at += all.length;
  let text = '';
  while (!reader.text.startsWith(quote, reader.at)) {
    const char = peek(reader);
    if (char === '' || (char === '\n' && quote.length === 1)) throw new NotLiteral();
    if (char === '\\') {
      text += raw ? reader.text.slice(reader.at, reader.at + 2) : readEscape(reader);
      if (raw) reader.at += 2;
    } else {
      text += char;
      reader.at += 1;
    }
  }
  reader.at += quote.length;
  return text;
}

/** A backslash before any other character stays what it is. */
function readEscape(reader: Reader): string {
  const rest = reader.text.slice(reader.at + 1, reader.at + 10);
  const simple = STRING_ESCAPES.get(rest.charAt(0));
  if (simple !== undefined) {
    reader.at += 2;
    return simple;
  }
  const octal = /^[0-7]{1,3}/.exec(rest)?.[0];
  if (octal !== undefined) {
    reader.at += 1 + octal.length;
    return String.fromCodePoint(Number.parseInt(octal, 8));
  }
  if (/^[xuUN]/.test(rest)) return readCodePoint(reader, rest);
  reader.at += 1;
  return '\\';
}

function readCodePoint(reader: Reader, rest: string): string {
  const hex = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest);
  const code = Number.parseInt(hex?.[1] ?? hex?.[2] ?? hex?.[3] ?? '', 16);
  if (hex === null || !(code <= 0x10ffff)) throw new NotLiteral();
  reader.at += 1 + hex[0].length;
  return String.fromCodePoint(code);
}

function peek(reader: Reader): string {
  return reader.text.charAt(reader.at);
}

function skipBlank(reader: Reader): void {
  while (/[ \t\f\r\n]/.test(peek(reader))) reader.at += 1;
  if (peek(reader) !== '#') return;
  const end = reader.text.indexOf('\n', reader.at);
  reader.at = end === -1 ? reader.text.length : end;
  if (end !== -1) skipBlank(reader);
}
