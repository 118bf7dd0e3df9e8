import { didYouMean } from '../suggest.ts';
import type { Expression, MacroSignature, Statement, Target } from './ast.ts';
import { parseExpression, parseFilter, parseTuple } from './parse_expression.ts';
import { parseTargets } from './parse_target.ts';
import { from, nested, type Parser } from './parser.ts';
import { type Place, syntaxProblem } from './problem.ts';

/** A whole template. */
export function parseTemplate(parser: Parser): readonly Statement[] {
  return parseBody(parser, [], undefined);
}

/**
 * Statements up to one of `ends`, whose tag is then open and its name taken last. `opener` is the tag that has to be
 * closed.
 */
function parseBody(parser: Parser, ends: readonly string[], opener: Place | undefined): readonly Statement[] {
  return nested(parser, () => {
    const { cursor } = parser;
    const body: Statement[] = [];
    for (;;) {
      const token = cursor.current;
      if (token.kind === 'end') {
        if (opener === undefined) return body;
        throw syntaxProblem(`this block is not closed`, opener, `Close it with \`{% ${ends.at(-1)} %}\`.`);
      }
      cursor.advance();
      if (token.kind === 'data') body.push({ kind: 'text', text: token.text, ...from(token, parser) });
      else if (token.kind === 'output_begin') body.push(parseOutput(parser));
      else {
        const word = cursor.expect('name', undefined, 'a statement such as `if` or `for`');
        if (ends.includes(word.text)) return body;
        body.push(...parseStatement(parser, word, ends));
        endTag(parser);
      }
    }
  });
}

function endTag(parser: Parser): void {
  parser.cursor.expect('block_end', undefined, 'the end of the statement');
}

function parseOutput(parser: Parser): Statement {
  const { cursor } = parser;
  if (cursor.is('output_end')) {
    throw syntaxProblem('there is nothing between the braces', {
      start: cursor.previous.start,
      end: cursor.current.end,
    });
  }
  const value = parseTuple(parser, true, () => cursor.is('output_end'));
  cursor.expect('output_end', undefined, '`}}`');
  return { kind: 'output', value, start: value.start, end: value.end };
}

const STATEMENTS = new Map<string, (parser: Parser, word: Place) => Statement | readonly Statement[]>([
  ['for', parseFor],
  ['if', parseIf],
  ['set', parseSet],
  ['with', parseWith],
  ['macro', parseMacro],
  ['call', parseCall],
  ['filter', parseFilterBlock],
  ['include', parseInclude],
  ['import', parseImport],
  ['from', parseFromImport],
  ['print', parsePrint],
]);

function parseStatement(parser: Parser, word: Place & { readonly text: string }, ends: readonly string[]) {
  const parse = STATEMENTS.get(word.text);
  if (parse !== undefined) return [parse(parser, word)].flat();
  if (['extends', 'block', 'do', 'autoescape', 'trans'].includes(word.text)) {
    throw syntaxProblem(`\`${word.text}\` is not supported`, word, 'Use `include`, macros or `set` instead.');
  }
  if (/^(?:end|elif$|else$)/.test(word.text)) {
    const what = ends.length === 0 ? 'nothing is open' : `the open block ends with \`${ends.at(-1)}\``;
    throw syntaxProblem(`\`${word.text}\` does not belong here: ${what}`, word);
  }
  throw syntaxProblem(`unknown statement \`${word.text}\``, word, didYouMean(word.text, STATEMENTS.keys()));
}

/** The body of a block, and the word that ended it. */
function block(parser: Parser, ends: readonly string[], opener: Place) {
  // Jinja lets Python's colon pass.
  parser.cursor.take('operator', ':');
  endTag(parser);
  const body = parseBody(parser, ends, opener);
  return { body, end: parser.cursor.previous.text };
}

function parseFor(parser: Parser, word: Place): Statement {
  const { cursor } = parser;
  const target = parseTargets(parser, () => cursor.word('in'));
  cursor.expect('name', 'in', '`in`');
  const over = parseTuple(parser, false, () => cursor.is('block_end') || cursor.word('recursive'));
  const condition = cursor.take('name', 'if') ? parseExpression(parser) : undefined;
  const recursive = cursor.take('name', 'recursive') !== undefined;
  const { body, end } = block(parser, ['else', 'endfor'], word);
  const otherwise = end === 'else' ? block(parser, ['endfor'], word).body : [];
  return { kind: 'for', target, over, condition, recursive, body, otherwise, start: word.start, end: over.end };
}

function parseIf(parser: Parser, word: Place): Statement {
  const branches: { condition: Expression; body: readonly Statement[] }[] = [];
  let end = 'elif';
  while (end === 'elif') {
    const condition = parseTuple(parser, false, () => parser.cursor.is('block_end'));
    const parsed = block(parser, ['elif', 'else', 'endif'], word);
    branches.push({ condition, body: parsed.body });
    end = parsed.end;
  }
  const otherwise = end === 'else' ? block(parser, ['endif'], word).body : [];
  return { kind: 'if', branches, otherwise, start: word.start, end: branches[0]?.condition.end ?? word.end };
}

function parseSet(parser: Parser, word: Place): Statement {
  const { cursor } = parser;
  const target = parseTargets(parser, () => cursor.operator('='));
  if (cursor.take('operator', '=')) {
    const value = parseTuple(parser, true, () => cursor.is('block_end'));
    return { kind: 'set', target, value, start: word.start, end: value.end };
  }
  let filter: Expression | undefined;
  while (cursor.operator('|')) filter = parseFilter(parser, filter ?? bodyOf(word));
  const place = { start: word.start, end: cursor.previous.end };
  return { kind: 'set_block', target, filter, body: block(parser, ['endset'], word).body, ...place };
}

function bodyOf(place: Place): Expression {
  return { kind: 'body', start: place.start, end: place.end };
}

function parseWith(parser: Parser, word: Place): Statement {
  const { cursor } = parser;
  const bindings: { target: Target; value: Expression }[] = [];
  while (!cursor.is('block_end')) {
    if (bindings.length > 0) cursor.expect('operator', ',', '`,`');
    const target = parseTargets(parser, () => cursor.operator('='));
    cursor.expect('operator', '=', '`=`');
    bindings.push({ target, value: parseExpression(parser) });
  }
  const place = from(word, parser);
  return { kind: 'with', bindings, body: block(parser, ['endwith'], word).body, ...place };
}

function parseSignature(parser: Parser): MacroSignature {
  const { cursor } = parser;
  const parameters: { name: string; otherwise?: Expression | undefined }[] = [];
  cursor.expect('operator', '(', '`(`');
  while (!cursor.operator(')')) {
    if (parameters.length > 0) cursor.expect('operator', ',', '`,` or `)`');
    if (cursor.operator(')')) break;
    const name = cursor.expect('name', undefined, 'the name of a parameter');
    const otherwise = cursor.take('operator', '=') ? parseExpression(parser) : undefined;
    if (otherwise === undefined && parameters.at(-1)?.otherwise !== undefined) {
      throw syntaxProblem('a parameter without a default stands before those with one', name);
    }
    parameters.push({ name: name.text, otherwise });
  }
  cursor.advance();
  return { parameters };
}

function parseMacro(parser: Parser, word: Place): Statement {
  const name = parser.cursor.expect('name', undefined, 'the name of the macro').text;
  const signature = parseSignature(parser);
  const place = from(word, parser);
  return { kind: 'macro', name, signature, body: block(parser, ['endmacro'], word).body, ...place };
}

function parseCall(parser: Parser, word: Place): Statement {
  const signature = parser.cursor.operator('(') ? parseSignature(parser) : { parameters: [] };
  const call = parseExpression(parser);
  if (call.kind !== 'call') throw syntaxProblem('`call` calls a macro: `{% call name() %}`', call);
  const place = from(word, parser);
  return { kind: 'call', signature, call, body: block(parser, ['endcall'], word).body, ...place };
}

function parseFilterBlock(parser: Parser, word: Place): Statement {
  let filter = parseFilter(parser, bodyOf(word));
  while (parser.cursor.operator('|')) filter = parseFilter(parser, filter);
  const place = from(word, parser);
  return { kind: 'filter_block', filter, body: block(parser, ['endfilter'], word).body, ...place };
}

function parseInclude(parser: Parser, word: Place): Statement {
  const { cursor } = parser;
  const template = parseExpression(parser);
  const ignoreMissing = cursor.take('name', 'ignore') !== undefined;
  if (ignoreMissing) cursor.expect('name', 'missing', '`missing`');
  return { kind: 'include', template, ignoreMissing, withContext: parseContext(parser, true), ...from(word, parser) };
}

function parseContext({ cursor }: Parser, otherwise: boolean): boolean {
  if (!(cursor.word('with') || cursor.word('without')) || cursor.next.text !== 'context') return otherwise;
  const withContext = cursor.advance().text === 'with';
  cursor.advance();
  return withContext;
}

function parseImport(parser: Parser, word: Place): Statement {
  const template = parseExpression(parser);
  parser.cursor.expect('name', 'as', '`as`');
  const name = parser.cursor.expect('name', undefined, 'a name').text;
  return { kind: 'import', template, name, withContext: parseContext(parser, false), ...from(word, parser) };
}

function parseFromImport(parser: Parser, word: Place): Statement {
  const { cursor } = parser;
  const template = parseExpression(parser);
  cursor.expect('name', 'import', '`import`');
  const names: { name: string; as: string }[] = [];
  do {
    const name = cursor.expect('name', undefined, 'the name of a macro').text;
    names.push({ name, as: cursor.take('name', 'as') ? cursor.expect('name', undefined, 'a name').text : name });
  } while (cursor.take('operator', ','));
  return { kind: 'from_import', template, names, withContext: parseContext(parser, false), ...from(word, parser) };
}

function parsePrint(parser: Parser): readonly Statement[] {
  const outputs: Statement[] = [];
  do {
    const value = parseExpression(parser);
    outputs.push({ kind: 'output', value, start: value.start, end: value.end });
  } while (parser.cursor.take('operator', ','));
  return outputs;
}
