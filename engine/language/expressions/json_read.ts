import { DEEPEST_VALUE } from './limits.ts';
import { dictOf, float, type Operand } from './operand.ts';
import { Problem } from './problem.ts';

interface Reader {
  readonly text: string;
  at: number;
  depth: number;
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/y;
const WORD = /true|false|null|NaN|-?Infinity/y;
const WORDS: ReadonlyMap<string, null | boolean | number> = new Map<string, null | boolean | number>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/**
 * JSON as Python's json.loads reads it: `1.0` stays a float, and an integer that a double cannot hold becomes a
 * text rather than a wrong number.
 */
export function readJson(text: string): Operand {
  const reader: Reader = { text, at: 0, depth: 0 };
  const value = readValue(reader);
  take(reader, SPACE);
  if (reader.at < text.length) throw wrong(reader, 'expected the end');
  return value;
}

function readValue(reader: Reader): Operand {
  take(reader, SPACE);
  const character = reader.text.charAt(reader.at);
  if (character === '{' || character === '[') return readNested(reader, character);
  const string = take(reader, STRING);
  if (string !== undefined) return JSON.parse(string) as string;
  const word = take(reader, WORD);
  if (word !== undefined) return WORDS.get(word) ?? null;
  const number = take(reader, NUMBER);
  if (number === undefined) throw wrong(reader, 'expected a value');
  if (/[.eE]/.test(number)) return float(Number(number));
  const value = Number(number);
  return Number.isSafeInteger(value) ? value : number;
}

function readNested(reader: Reader, bracket: '{' | '['): Operand {
  reader.depth += 1;
  if (reader.depth > DEEPEST_VALUE) throw wrong(reader, 'it is nested too deeply');
  reader.at += 1;
  const value = bracket === '{' ? readObject(reader) : readArray(reader);
  reader.depth -= 1;
  return value;
}

function readArray(reader: Reader): Operand {
  const items: Operand[] = [];
  if (closes(reader, ']')) return items;
  for (;;) {
    items.push(readValue(reader));
    if (closes(reader, ']')) return items;
    expect(reader, ',');
  }
}

function readObject(reader: Reader): Operand {
  const entries: [string, Operand][] = [];
  if (closes(reader, '}')) return dictOf(entries);
  for (;;) {
    take(reader, SPACE);
    const key = take(reader, STRING);
    if (key === undefined) throw wrong(reader, 'expected a key in double quotes');
    expect(reader, ':');
    entries.push([JSON.parse(key) as string, readValue(reader)]);
    if (closes(reader, '}')) return dictOf(entries);
    expect(reader, ',');
  }
}

function closes(reader: Reader, bracket: string): boolean {
  take(reader, SPACE);
  if (reader.text.charAt(reader.at) !== bracket) return false;
  reader.at += 1;
  return true;
}

function expect(reader: Reader, character: string): void {
  if (!closes(reader, character)) throw wrong(reader, `expected \`${character}\``);
}

function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found !== undefined) reader.at += found.length;
  return found;
}

function wrong({ text, at }: Reader, what: string): Problem {
  const before = text.slice(0, at).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return new Problem(`this is no JSON: ${what} in line ${before.length}, column ${column}`);
}
