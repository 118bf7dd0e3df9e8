import { literal, type Reader, regexProblem } from './regex_reader.ts';
import { PYTHON_SPACE } from './text.ts';

const CONTROLS: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);
const HEX: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/** A backslash and what follows it, outside of a class. */
export function readEscape(reader: Reader): string {
  const letter = reader.pattern.charAt(reader.at + 1);
  const assertion = assertionOf(letter, reader);
  if (assertion !== undefined) {
    reader.at += 2;
    reader.before = 'nothing';
    return assertion;
  }
  reader.before = 'atom';
  const category = categoryOf(letter, reader);
  if (category !== undefined) {
    reader.at += 2;
    return `[${category}]`;
  }
  return groupReference(reader) ?? literal(readCharacter(reader));
}

function assertionOf(letter: string, { flavour }: Reader): string | undefined {
  switch (letter) {
    case 'A':
      return '(?<![^])';
    case 'Z':
      return '(?![^])';
    case 'b':
      return flavour.boundary;
    case 'B':
      return flavour.noBoundary;
    default:
      return undefined;
  }
}

/** The body of a class for `\d` and the like. */
function categoryOf(letter: string, { flavour }: Reader): string | undefined {
  switch (letter) {
    case 'd':
      return flavour.digit;
    case 'D':
      return `[^${flavour.digit}]`;
    case 'w':
      return flavour.word;
    case 'W':
      return `[^${flavour.word}]`;
    case 's':
      return PYTHON_SPACE;
    case 'S':
      return `[^${PYTHON_SPACE}]`;
    default:
      return undefined;
  }
}

/** `\1`; an octal code has a zero first or three digits. */
function groupReference(reader: Reader): string | undefined {
  const digits = /^[1-9]\d?/.exec(reader.pattern.slice(reader.at + 1, reader.at + 3))?.[0];
  if (digits === undefined || /^[0-3][0-7]{2}/.test(reader.pattern.slice(reader.at + 1))) return undefined;
  if (Number(digits) > reader.groups) throw regexProblem(reader, `there is no group ${digits} before`);
  reader.at += 1 + digits.length;
  return `(?:\\${digits})`;
}

/** The character that an escape stands for. Moves behind it. */
function readCharacter(reader: Reader): string {
  const { pattern, at } = reader;
  const letter = String.fromCodePoint(pattern.codePointAt(at + 1) ?? 0);
  if (at + 1 >= pattern.length) throw regexProblem(reader, 'it ends with a backslash');
  const octal = /^(?:0[0-7]{0,2}|[1-3][0-7]{2})/.exec(pattern.slice(at + 1))?.[0];
  if (octal !== undefined) {
    reader.at += 1 + octal.length;
    return String.fromCharCode(Number.parseInt(octal, 8));
  }
  const digits = HEX.get(letter);
  if (digits !== undefined) return readHex(reader, letter, digits);
  reader.at += 1 + letter.length;
  const control = CONTROLS.get(letter);
  if (control !== undefined) return control;
  if (/[A-Za-z0-9]/.test(letter)) throw regexProblem(reader, `\`\\${letter}\` means nothing`);
  return letter;
}

function readHex(reader: Reader, letter: string, digits: number): string {
  const hex = reader.pattern.slice(reader.at + 2, reader.at + 2 + digits);
  const code = Number.parseInt(hex, 16);
  if (hex.length < digits || !/^[0-9a-fA-F]+$/.test(hex) || code > 0x10ffff) {
    throw regexProblem(reader, `\`\\${letter}\` is followed by ${digits} hexadecimal digits`);
  }
  reader.at += 2 + digits;
  return String.fromCodePoint(code);
}

/** One member of a class: its source, and its code if it is a single character. */
export interface ClassItem {
  readonly source: string;
  readonly code: number | undefined;
}

export function readClassItem(reader: Reader): ClassItem {
  const character = String.fromCodePoint(reader.pattern.codePointAt(reader.at) ?? 0);
  if (character !== '\\') {
    reader.at += character.length;
    return single(character);
  }
  const letter = reader.pattern.charAt(reader.at + 1);
  const category = categoryOf(letter, reader);
  if (category !== undefined || letter === 'b') {
    reader.at += 2;
    return category === undefined ? single('\b') : { source: category, code: undefined };
  }
  return single(readCharacter(reader));
}

function single(character: string): ClassItem {
  return { source: literal(character), code: character.codePointAt(0) };
}
