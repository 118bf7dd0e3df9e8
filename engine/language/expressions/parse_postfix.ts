import type { ArgumentNodes, Expression } from './ast.ts';
import { from, type Parser } from './parser.ts';
import { syntaxProblem } from './problem.ts';
import { described } from './tokens.ts';

/** `.name`, `.0`, `[key]`, `[first:last:step]` */
export function parseSubscript(parser: Parser, object: Expression): Expression {
  const { cursor } = parser;
  if (cursor.take('operator', '.')) {
    const step = cursor.advance();
    if (step.kind === 'name') return { kind: 'attribute', object, name: step.text, ...from(object, parser) };
    if (step.kind !== 'integer') {
      throw syntaxProblem(`expected a name after \`.\`, found ${described(step)}`, step);
    }
    const key: Expression = { kind: 'constant', value: Number(step.text), start: step.start, end: step.end };
    return { kind: 'item', object, key, ...from(object, parser) };
  }
  cursor.advance();
  const first = cursor.operator(':') ? undefined : parser.expression(parser);
  if (cursor.operator(':')) return parseSlice(parser, object, first);
  cursor.expect('operator', ']', '`]`');
  if (first === undefined) throw syntaxProblem('expected a key between `[` and `]`', cursor.previous);
  return { kind: 'item', object, key: first, ...from(object, parser) };
}

function parseSlice(parser: Parser, object: Expression, first: Expression | undefined): Expression {
  const { cursor } = parser;
  cursor.advance();
  const last = cursor.operator(':') || cursor.operator(']') ? undefined : parser.expression(parser);
  const hasStep = cursor.take('operator', ':') !== undefined && !cursor.operator(']');
  const step = hasStep ? parser.expression(parser) : undefined;
  cursor.expect('operator', ']', '`]`');
  return { kind: 'slice', object, first, last, step, ...from(object, parser) };
}

/** The arguments of a filter, where there are any. */
export function parseCallOptions(parser: Parser): ArgumentNodes {
  return parser.cursor.operator('(') ? parseArguments(parser) : { positional: [], named: [] };
}

/** `(1, name=2, *list, **map)` */
export function parseArguments(parser: Parser): ArgumentNodes {
  const { cursor } = parser;
  cursor.advance();
  const positional: Expression[] = [];
  const named: { name: string; value: Expression }[] = [];
  const spread: { list?: Expression; map?: Expression } = {};
  for (let first = true; !cursor.operator(')'); first = false) {
    if (!first) cursor.expect('operator', ',', '`,` or `)`');
    if (cursor.operator(')')) break;
    if (cursor.take('operator', '**')) spread.map = parser.expression(parser);
    else if (cursor.take('operator', '*')) spread.list = parser.expression(parser);
    else if (cursor.is('name') && cursor.next.kind === 'operator' && cursor.next.text === '=') {
      named.push(parseNamed(parser, named));
    } else if (named.length > 0 || spread.list !== undefined || spread.map !== undefined) {
      throw syntaxProblem('an argument without a name stands before those with one', cursor.current);
    } else positional.push(parser.expression(parser));
  }
  cursor.advance();
  return { positional, named, spread: spread.list, spreadNamed: spread.map };
}

function parseNamed(parser: Parser, before: readonly { readonly name: string }[]) {
  const name = parser.cursor.advance();
  if (before.some((each) => each.name === name.text)) {
    throw syntaxProblem(`the argument \`${name.text}\` is given twice`, name);
  }
  parser.cursor.advance();
  return { name: name.text, value: parser.expression(parser) };
}
