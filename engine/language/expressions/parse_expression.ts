import type { ArgumentNodes, ComparisonOperator, Expression } from './ast.ts';
import type { ArithmeticOperator } from './operators.ts';
import { parseArguments, parseCallOptions, parseSubscript } from './parse_postfix.ts';
import { parsePrimary, parseRest, RESERVED } from './parse_primary.ts';
import { checkDepth, from, nested, type Parser } from './parser.ts';
import { type Place, syntaxProblem } from './problem.ts';
import type { Cursor } from './tokens.ts';

/** How tightly an infix operator binds (jinja2/parser.py: parse_or down to parse_pow). */
const POWERS: ReadonlyMap<string, number> = new Map([
  ['or', 1],
  ['and', 2],
  ['in', 4],
  ['not', 4],
  ['==', 4],
  ['!=', 4],
  ['<', 4],
  ['<=', 4],
  ['>', 4],
  ['>=', 4],
  ['+', 5],
  ['-', 5],
  ['~', 6],
  ['*', 7],
  ['/', 7],
  ['//', 7],
  ['%', 7],
  ['**', 8],
]);
const NOT = 3;
const COMPARE = 4;
const CONCAT = 6;

export function newParser(cursor: Cursor): Parser {
  return { cursor, depth: 0, uses: [], expression: parseExpression };
}

/** An expression, with `a if b else c` unless it is left to whoever asks. */
export function parseExpression(parser: Parser, withChoice = true): Expression {
  return nested(parser, () => {
    let then = parseInfix(parser, 1);
    while (withChoice && parser.cursor.take('name', 'if')) {
      const condition = parseInfix(parser, 1);
      const otherwise = parser.cursor.take('name', 'else') ? parseExpression(parser) : undefined;
      then = { kind: 'choice', condition, then, otherwise, ...from(then, parser) };
    }
    return then;
  });
}

/** Expressions between commas: one alone is itself, several are a tuple. */
export function parseTuple(parser: Parser, withChoice: boolean, ends: () => boolean): Expression {
  const parse = () => parseExpression(parser, withChoice);
  const first = parse();
  return parser.cursor.operator(',') ? parseRest(parser, first, parse, ends) : first;
}

function parseInfix(parser: Parser, least: number): Expression {
  let left = parser.cursor.word('not') ? parseNot(parser, least) : parseUnary(parser, true);
  for (let links = 1; ; links += 1) {
    const power = powerOf(parser);
    if (power === undefined || power < least) return left;
    checkDepth(parser.depth + links, parser);
    left = extend(parser, left, power);
  }
}

function powerOf({ cursor }: Parser): number | undefined {
  const { current } = cursor;
  if (current.kind !== 'operator' && current.kind !== 'name') return undefined;
  if (current.text === 'not' && !(cursor.next.kind === 'name' && cursor.next.text === 'in')) return undefined;
  return POWERS.get(current.text);
}

function extend(parser: Parser, left: Expression, power: number): Expression {
  if (power === COMPARE) return parseComparison(parser, left);
  if (power === CONCAT) return parseConcatenation(parser, left);
  const operator = parser.cursor.advance().text;
  const right = nested(parser, () => parseInfix(parser, power + 1));
  const place = from(left, parser);
  if (operator === 'and' || operator === 'or') return { kind: operator, left, right, ...place };
  return { kind: 'arithmetic', operator: operator as ArithmeticOperator, left, right, ...place };
}

function parseComparison(parser: Parser, first: Expression): Expression {
  const rest: { operator: ComparisonOperator; operand: Expression }[] = [];
  while (powerOf(parser) === COMPARE) {
    const word = parser.cursor.advance().text;
    if (word === 'not') parser.cursor.advance();
    const operator = (word === 'not' ? 'not in' : word) as ComparisonOperator;
    rest.push({ operator, operand: nested(parser, () => parseInfix(parser, COMPARE + 1)) });
  }
  return { kind: 'comparison', first, rest, ...from(first, parser) };
}

function parseConcatenation(parser: Parser, first: Expression): Expression {
  const parts = [first];
  while (parser.cursor.take('operator', '~')) parts.push(nested(parser, () => parseInfix(parser, CONCAT + 1)));
  return { kind: 'concatenation', parts, ...from(first, parser) };
}

function parseNot(parser: Parser, least: number): Expression {
  const word = parser.cursor.advance();
  if (least > NOT) throw syntaxProblem('`not` stands in brackets here', word, 'Write `(not ...)`.');
  const operand = nested(parser, () => parseInfix(parser, NOT));
  return { kind: 'not', operand, ...from(word, parser) };
}

/** A sign binds tighter than a filter, and a filter tighter than `**`: `-1 | abs` is 1. */
function parseUnary(parser: Parser, withFilters: boolean): Expression {
  const sign = parser.cursor.operator('-') || parser.cursor.operator('+') ? parser.cursor.advance() : undefined;
  let node: Expression;
  if (sign === undefined) {
    node = parsePrimary(parser);
  } else {
    const operand = nested(parser, () => parseUnary(parser, false));
    node = { kind: 'sign', operator: sign.text as '-' | '+', operand, ...from(sign, parser) };
  }
  return parsePostfix(parser, node, withFilters);
}

function parsePostfix(parser: Parser, start: Expression, withFilters: boolean): Expression {
  const { cursor } = parser;
  let node = start;
  let filtered = false;
  for (let links = 1; ; links += 1) {
    checkDepth(parser.depth + links, parser);
    if (cursor.operator('.') || cursor.operator('[')) {
      if (filtered) throw afterFilter(parser);
      node = parseSubscript(parser, node);
    } else if (cursor.operator('(')) {
      const args = parseArguments(parser);
      node = { kind: 'call', callee: node, args, ...from(node, parser) };
    } else if (withFilters && (cursor.operator('|') || cursor.word('is'))) {
      node = cursor.operator('|') ? parseFilter(parser, node) : parseTest(parser, node);
      filtered = true;
    } else {
      return node;
    }
  }
}

/** Jinja reads attributes and items before filters only. */
function afterFilter({ cursor }: Parser): Error {
  const hint = `Put what is before it in brackets: \`(... | filter)${cursor.current.text}\`.`;
  return syntaxProblem(`\`${cursor.current.text}\` does not follow a filter or a test`, cursor.current, hint);
}

/** `| name(args)`; the name may have dots: `ansible.builtin.combine`. */
export function parseFilter(parser: Parser, input: Expression): Expression {
  parser.cursor.take('operator', '|');
  const { name, place } = parseDotted(parser, 'the name of a filter');
  parser.uses.push({ kind: 'filter', name, place });
  return { kind: 'filter', name, input, args: parseCallOptions(parser), ...from(place, parser) };
}

function parseTest(parser: Parser, input: Expression): Expression {
  parser.cursor.advance();
  const negated = parser.cursor.take('name', 'not') !== undefined;
  const { name, place } = parseDotted(parser, 'the name of a test');
  parser.uses.push({ kind: 'test', name, place });
  const args = parser.cursor.operator('(') ? parseArguments(parser) : parseBareArgument(parser);
  return { kind: 'test', name, negated, input, args, ...from(input, parser) };
}

function parseDotted({ cursor }: Parser, expected: string): { readonly name: string; readonly place: Place } {
  const first = cursor.expect('name', undefined, expected);
  let name = first.text;
  while (cursor.take('operator', '.')) name += `.${cursor.expect('name', undefined, expected).text}`;
  return { name, place: { start: first.start, end: cursor.previous.end } };
}

/** `x is divisibleby 3`: one argument without brackets. */
function parseBareArgument(parser: Parser): ArgumentNodes {
  const { cursor } = parser;
  const { kind, text } = cursor.current;
  const begins =
    kind === 'string' ||
    kind === 'integer' ||
    kind === 'float' ||
    (kind === 'operator' && (text === '[' || text === '{')) ||
    (kind === 'name' && !RESERVED.has(text));
  if (!begins) return { positional: [], named: [] };
  let argument = nested(parser, () => parsePrimary(parser));
  for (let links = 1; cursor.operator('.') || cursor.operator('[') || cursor.operator('('); links += 1) {
    checkDepth(parser.depth + links, parser);
    argument = cursor.operator('(')
      ? { kind: 'call', callee: argument, args: parseArguments(parser), ...from(argument, parser) }
      : parseSubscript(parser, argument);
  }
  return { positional: [argument], named: [] };
}
