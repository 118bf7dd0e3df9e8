import type { Target } from './ast.ts';
import { from, nested, type Parser } from './parser.ts';
import { syntaxProblem } from './problem.ts';

const CONSTANT = /^(?:true|false|none|True|False|None)$/;

/** What is assigned to: a name, `namespace.attribute`, or several of them between commas. */
export function parseTargets(parser: Parser, ends: () => boolean): Target {
  const { cursor } = parser;
  const first = parseTarget(parser);
  if (!cursor.operator(',')) return first;
  const targets = [first];
  while (cursor.take('operator', ',')) {
    if (ends()) break;
    targets.push(parseTarget(parser));
  }
  return { kind: 'several', targets, ...from(first, parser) };
}

function parseTarget(parser: Parser): Target {
  const { cursor } = parser;
  if (cursor.operator('(')) {
    cursor.advance();
    const inner = nested(parser, () => parseTargets(parser, () => cursor.operator(')')));
    cursor.expect('operator', ')', '`)`');
    return inner;
  }
  const name = cursor.expect('name', undefined, 'a name to assign to');
  if (CONSTANT.test(name.text)) throw syntaxProblem(`\`${name.text}\` cannot be assigned to`, name);
  if (!cursor.take('operator', '.')) return { kind: 'name', name: name.text, ...from(name, parser) };
  const attribute = cursor.expect('name', undefined, 'the name of an attribute');
  return { kind: 'attribute', object: name.text, name: attribute.text, ...from(name, parser) };
}
