import type { Diagnostic, Result } from '../diagnostics.ts';
import { fail, ok } from '../diagnostics.ts';
import { didYouMean } from '../suggest.ts';
import type { Expression } from './ast.ts';
import { filterNamed, filters } from './filters.ts';
import { type LexOptions, lexTemplate } from './lexer.ts';
import { scanCode } from './lexer_code.ts';
import { newParser, parseExpression } from './parse_expression.ts';
import { parseTemplate } from './parse_statements.ts';
import type { Parser } from './parser.ts';
import { Problem, syntaxProblem } from './problem.ts';
import { diagnosticOf } from './run.ts';
import type { TemplateText, TextPlace } from './template_text.ts';
import { testNamed, tests } from './tests.ts';
import { Cursor, described, type Token } from './tokens.ts';

/** A template of text and tags. One line break at its end is not a part of it. */
export function parseText(written: string, place: TextPlace, options: LexOptions): Result<TemplateText> {
  const { text, place: placed } = withoutReturns(written, place);
  return caught(placed, () => {
    const tokens = lexTemplate(text.endsWith('\n') ? text.slice(0, -1) : text, options);
    const parser = newParser(cursorOver(tokens, text.length));
    const body = parseTemplate(parser);
    checkNames(parser);
    return { text, place: placed, body };
  });
}

/** An expression by itself. */
export function parseBare(
  written: string,
  place: TextPlace,
): Result<{ readonly template: TemplateText; readonly expression: Expression }> {
  const { text, place: placed } = withoutReturns(written, place);
  return caught(placed, () => {
    const tokens: Token[] = [];
    scanCode(text, 0, tokens, { end: undefined, signs: '', literalBackslashes: false, newline: '\n' });
    const parser = newParser(cursorOver(tokens, text.length));
    if (parser.cursor.is('end')) throw syntaxProblem('this expression is empty', { start: 0, end: text.length });
    const expression = parseExpression(parser);
    const { current } = parser.cursor;
    if (current.kind !== 'end') throw unexpectedEnd(current);
    checkNames(parser);
    return { template: { text, place: placed, body: [] }, expression };
  });
}

function unexpectedEnd(token: Token): Problem {
  const hint = token.text === '=' ? 'Compare with `==`.' : undefined;
  return syntaxProblem(`the expression should end before ${described(token)}`, token, hint);
}

function cursorOver(tokens: readonly Token[], end: number): Cursor {
  return new Cursor(tokens, { kind: 'end', text: '', start: end, end });
}

function caught<T>(place: TextPlace, parse: () => T): Result<T> {
  try {
    return ok(parse());
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    return fail(...((thrown.diagnostics as readonly Diagnostic[] | undefined) ?? [diagnosticOf(thrown, { place })]));
  }
}

/** A filter or a test that is not there is found when the file is read, not when the task runs. */
function checkNames({ uses }: Parser): void {
  for (const { kind, name, place } of uses) {
    const found = kind === 'filter' ? filterNamed(name) : testNamed(name);
    if (found !== undefined) continue;
    const names = kind === 'filter' ? filters().keys() : tests().keys();
    throw syntaxProblem(`there is no ${kind} \`${name}\``, place, didYouMean(name, names));
  }
}

/** `\r\n` and `\r` end lines like `\n`; places still point into the text as it was. */
function withoutReturns(written: string, place: TextPlace): { readonly text: string; readonly place: TextPlace } {
  if (!written.includes('\r')) return { text: written, place };
  const offsets: number[] = [];
  let text = '';
  for (let at = 0; at < written.length; at += 1) {
    const unit = written.charAt(at);
    offsets.push(at);
    text += unit === '\r' ? '\n' : unit;
    if (unit === '\r' && written.charAt(at + 1) === '\n') at += 1;
  }
  offsets.push(written.length);
  return { text, place: { source: place.source, offset: (index) => place.offset(offsets[index] ?? written.length) } };
}
