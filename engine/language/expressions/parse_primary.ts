import type { Expression } from './ast.ts';
import { float } from './operand.ts';
import { from, type Parser } from './parser.ts';
import { type Place, syntaxProblem } from './problem.ts';
import { described } from './tokens.ts';

/** What cannot be the name of a variable. */
export const RESERVED: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'is', 'if', 'else']);

const CONSTANTS: ReadonlyMap<string, null | boolean> = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

/** A name, a literal, or something in brackets. */
export function parsePrimary(parser: Parser): Expression {
  const token = parser.cursor.current;
  switch (token.kind) {
    case 'name':
      return parseName(parser);
    case 'string':
      return parseString(parser);
    case 'integer':
    case 'float':
      parser.cursor.advance();
      return { kind: 'constant', value: numberOf(token.kind, token.text, token), ...from(token, parser) };
    case 'operator':
      if (token.text === '(') return parseParenthesis(parser);
      if (token.text === '[') return parseList(parser);
      if (token.text === '{') return parseMap(parser);
      break;
    default:
      break;
  }
  throw syntaxProblem(`expected an expression, found ${described(token)}`, token, expressionHint(token.text));
}

function expressionHint(text: string): string | undefined {
  return text === '=' ? 'Compare with `==`.' : undefined;
}

function parseName(parser: Parser): Expression {
  const token = parser.cursor.advance();
  const constant = CONSTANTS.get(token.text);
  if (constant !== undefined) return { kind: 'constant', value: constant, ...from(token, parser) };
  if (RESERVED.has(token.text)) throw syntaxProblem(`expected an expression, found ${described(token)}`, token);
  return { kind: 'name', name: token.text, ...from(token, parser) };
}

function parseString(parser: Parser): Expression {
  const first = parser.cursor.advance();
  let value = first.text;
  for (let more = parser.cursor.take('string'); more !== undefined; more = parser.cursor.take('string')) {
    value += more.text;
  }
  return { kind: 'constant', value, ...from(first, parser) };
}

function numberOf(kind: 'integer' | 'float', text: string, place: Place) {
  const value = Number(text);
  if (kind === 'float') return float(value);
  if (Number.isSafeInteger(value)) return value;
  throw syntaxProblem(
    'this integer is too large: beyond 2^53 it would be rounded',
    place,
    'Write it as a text, in quotes.',
  );
}

function parseParenthesis(parser: Parser): Expression {
  const { cursor } = parser;
  const open = cursor.advance();
  if (cursor.take('operator', ')')) return { kind: 'tuple', items: [], ...from(open, parser) };
  const inner = parser.expression(parser);
  const whole = cursor.operator(',') ? parseRest(parser, inner, parser.expression, () => cursor.operator(')')) : inner;
  cursor.expect('operator', ')', '`)`');
  return whole;
}

/** What follows the first of several expressions between commas. */
export function parseRest(
  parser: Parser,
  first: Expression,
  parse: (parser: Parser) => Expression,
  ends: () => boolean,
): Expression {
  const items = [first];
  while (parser.cursor.take('operator', ',')) {
    if (ends()) break;
    items.push(parse(parser));
  }
  return { kind: 'tuple', items, ...from(first, parser) };
}

function parseList(parser: Parser): Expression {
  const { cursor } = parser;
  const open = cursor.advance();
  const items: Expression[] = [];
  while (!cursor.operator(']')) {
    if (items.length > 0) cursor.expect('operator', ',', '`,` or `]`');
    if (cursor.operator(']')) break;
    items.push(parser.expression(parser));
  }
  cursor.advance();
  return { kind: 'list', items, ...from(open, parser) };
}

function parseMap(parser: Parser): Expression {
  const { cursor } = parser;
  const open = cursor.advance();
  // `{{ x }}` where an expression is expected anyway: what it means is plain.
  if (cursor.operator('{') && cursor.current.start === open.end) return parseBraces(parser);
  const entries: { key: Expression; value: Expression }[] = [];
  while (!cursor.operator('}')) {
    if (entries.length > 0) cursor.expect('operator', ',', '`,` or `}`');
    if (cursor.operator('}')) break;
    const key = parser.expression(parser);
    cursor.expect('operator', ':', '`:` after the key');
    entries.push({ key, value: parser.expression(parser) });
  }
  cursor.advance();
  return { kind: 'map', entries, ...from(open, parser) };
}

function parseBraces(parser: Parser): Expression {
  const { cursor } = parser;
  cursor.advance();
  const inner = parser.expression(parser);
  cursor.expect('operator', '}', '`}}`');
  cursor.expect('operator', '}', '`}}`');
  return inner;
}
