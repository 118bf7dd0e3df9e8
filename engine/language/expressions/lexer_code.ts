import { syntaxProblem } from './problem.ts';
import { unescaped } from './string_literal.ts';
import type { Token } from './tokens.ts';

export interface CodeOptions {
  /** What ends the tag; `undefined`: the end of the text. */
  readonly end: string | undefined;
  /** Characters before the end that control white space. */
  readonly signs: string;
  readonly literalBackslashes: boolean;
  readonly newline: string;
}

const SPACE = /\s+/y;
const FLOAT = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}]*/uy;
const ASCII_NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const STRING = /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const OPERATOR = /\*\*|\/\/|==|!=|>=|<=|[-+/*%~[\](){}<>=.:|,;]/y;
const ESCAPED_QUOTE = /(?:^|[^\\])(?:\\\\)*\\['"]/;
const CLOSES: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

/**
 * The tokens of an expression or a statement, added to `tokens`. Gives where its end stands (brackets shield
 * `}}` and `%}`), or `undefined` where there is none.
 */
export function scanCode(
  text: string,
  from: number,
  tokens: Token[],
  options: CodeOptions,
): { readonly at: number; readonly sign: string } | undefined {
  const open: Token[] = [];
  let at = from;
  while (at < text.length) {
    const space = match(SPACE, text, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const end = open.length === 0 ? endAt(text, at, options) : undefined;
    if (end !== undefined) return end;
    const token = scanToken(text, at, options, tokens.at(-1));
    if (token.kind === 'operator') balance(token, open);
    tokens.push(token);
    at = token.end;
  }
  const left = open.at(-1);
  if (left !== undefined && options.end === undefined) throw syntaxProblem(`\`${left.text}\` is not closed`, left);
  return undefined;
}

function endAt(text: string, at: number, { end, signs }: CodeOptions): { at: number; sign: string } | undefined {
  if (end === undefined) return undefined;
  if (text.startsWith(end, at)) return { at, sign: '' };
  const sign = text.charAt(at);
  return signs.includes(sign) && text.startsWith(end, at + 1) ? { at: at + 1, sign } : undefined;
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function scanToken(text: string, at: number, options: CodeOptions, before: Token | undefined): Token {
  const make = (kind: Token['kind'], raw: string, value = raw): Token => ({
    kind,
    text: value,
    start: at,
    end: at + raw.length,
  });
  // `a.0.1` is two steps, not a float.
  const afterDot = before?.kind === 'operator' && before.text === '.' && before.end === at;
  const float = afterDot ? undefined : match(FLOAT, text, at);
  if (float !== undefined) return make('float', float, float.replaceAll('_', ''));
  const integer = match(INTEGER, text, at);
  if (integer !== undefined) return make('integer', integer, integer.replaceAll('_', ''));
  const name = nameAt(text, at);
  if (name !== undefined) return make('name', name);
  const string = match(STRING, text, at);
  if (string !== undefined) return make('string', string, stringValue(string, at, options));
  const operator = match(OPERATOR, text, at);
  if (operator !== undefined) return make('operator', operator);
  throw unexpected(text, at);
}

function nameAt(text: string, at: number): string | undefined {
  const ascii = match(ASCII_NAME, text, at);
  const next = text.charCodeAt(at + (ascii?.length ?? 0));
  return next > 127 ? match(NAME, text, at) : ascii;
}

function stringValue(raw: string, at: number, options: CodeOptions): string {
  const place = { start: at, end: at + raw.length };
  const body = raw.slice(1, -1);
  const value = options.newline === '\n' ? body : body.replaceAll('\n', options.newline);
  if (!options.literalBackslashes) return unescaped(value, place);
  // Ansible doubles the backslashes first, so an escaped quote would end the string there.
  if (ESCAPED_QUOTE.test(body) && body.includes(`\\${raw.charAt(0)}`)) {
    throw syntaxProblem(
      'a backslash does not escape a quote here',
      place,
      'Use the other kind of quotes around the text.',
    );
  }
  return value;
}

function unexpected(text: string, at: number): Error {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const place = { start: at, end: at + character.length };
  if (character === "'" || character === '"') return syntaxProblem('this text has no closing quote', place);
  const hint = character === '!' ? 'Write `not`.' : character === '&' ? 'Write `and`.' : undefined;
  return syntaxProblem(`unexpected character \`${character}\``, place, hint);
}

function balance(token: Token, open: Token[]): void {
  if (['(', '[', '{'].includes(token.text)) open.push(token);
  const opener = CLOSES.get(token.text);
  if (opener === undefined) return;
  const last = open.pop();
  if (last?.text === opener) return;
  const why = last === undefined ? 'closes nothing' : `does not close \`${last.text}\``;
  throw syntaxProblem(`\`${token.text}\` ${why}`, token);
}
