import { STRING_ESCAPES } from '../python_escapes.ts';
import { type Place, syntaxProblem } from './problem.ts';

const HEX: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/** What stands between the quotes of a Python string, with its escapes resolved. An unknown escape stays as it is. */
export function unescaped(body: string, place: Place): string {
  if (!body.includes('\\')) return body;
  let made = '';
  let at = 0;
  while (at < body.length) {
    const backslash = body.indexOf('\\', at);
    if (backslash === -1) break;
    made += body.slice(at, backslash);
    const { text, length } = escapeAt(body, backslash + 1, place);
    made += text;
    at = backslash + 1 + length;
  }
  return made + body.slice(at);
}

function escapeAt(body: string, at: number, place: Place): { readonly text: string; readonly length: number } {
  const letter = body.charAt(at);
  const simple = STRING_ESCAPES.get(letter);
  if (simple !== undefined) return { text: simple, length: 1 };
  const octal = /^[0-7]{1,3}/.exec(body.slice(at, at + 3))?.[0];
  if (octal !== undefined) return { text: String.fromCharCode(Number.parseInt(octal, 8)), length: octal.length };
  const digits = HEX.get(letter);
  if (digits === undefined) {
    if (letter === 'N' && body.charAt(at + 1) === '{') {
      throw syntaxProblem('`\\N{...}` is not supported: write the character itself', place);
    }
    return { text: `\\${letter}`, length: 1 };
  }
  const hex = body.slice(at + 1, at + 1 + digits);
  const code = Number.parseInt(hex, 16);
  if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length < digits || code > 0x10ffff) {
    throw syntaxProblem(`\`\\${letter}\` is followed by ${digits} hexadecimal digits`, place);
  }
  return { text: String.fromCodePoint(code), length: 1 + digits };
}
