import { ok, type Result, type Source } from '../diagnostics.ts';
import type { Compiled, RenderOptions, Scope } from '../templated.ts';
import { Unknown, type Value } from '../values.ts';
import type { Statement } from './ast.ts';
import type { Context } from './context.ts';
import { delimitersOf, STANDARD } from './delimiters.ts';
import { evaluate } from './evaluate.ts';
import { execute } from './execute.ts';
import { finish } from './finish.ts';
import { readHeader } from './header.ts';
import { judge, judgeValue } from './judge.ts';
import type { LexOptions } from './lexer.ts';
import { keepsType, Output } from './output.ts';
import { parseBare, parseText } from './parse.ts';
import { Problem } from './problem.ts';
import { runIn, type Templates } from './run.ts';
import { placeAt, type TemplateText, type TextPlace } from './template_text.ts';

export { placeAt, type TextPlace };

/** Whether a text has to be compiled at all. */
export function hasTemplate(text: string): boolean {
  return /\{[{%#]/.test(text);
}

/** How Ansible reads templates in YAML (template/__init__.py: Templar). */
const IN_YAML: LexOptions = {
  delimiters: STANDARD,
  trimBlocks: true,
  lstripBlocks: false,
  newline: '\n',
  literalBackslashes: true,
};

/**
 * Text with `{{ }}` and `{% %}`. If all of it is one `{{ expression }}` its value keeps its type, and a text is never
 * read again as anything else; if statements stand around a single value, lists, maps and booleans keep theirs.
 */
export function compileTemplate(text: string, place: TextPlace): Result<Compiled> {
  const parsed = parseText(text, place, IN_YAML);
  if (!parsed.ok) return parsed;
  const template = parsed.value;
  return ok({
    evaluate: (scope) => runIn(template, scope, (context) => templateValue(template, context)),
    judge: (scope) => runIn(template, scope, (context) => judgeValue(templateValue(template, context))),
  });
}

function templateValue(template: TemplateText, context: Context): Value {
  const { runtime } = context;
  const only = soleExpression(template.body);
  if (only !== undefined) return withLineBreaks(finish(evaluate(only, context), runtime.budget), template.text);
  const out = new Output();
  execute(template.body, context, out);
  const value = runtime.stopped ?? out.toValue(keepsType);
  return withLineBreaks(finish(value, runtime.budget), template.text);
}

function soleExpression(body: readonly Statement[]) {
  const [first, second] = body;
  return first?.kind === 'output' && second === undefined ? first.value : undefined;
}

/** Jinja drops a line break at the end of a template, and Ansible restores as many as the text had. */
function withLineBreaks<T>(value: T, source: string, newline = '\n'): T | string {
  if (typeof value !== 'string') return value;
  const missing = trailing(source) - trailing(value);
  return missing > 0 ? value + newline.repeat(missing) : value;
}

function trailing(text: string): number {
  let at = text.length;
  while (text.charAt(at - 1) === '\n') at -= 1;
  return text.length - at;
}

/** A bare expression, as in `when`. `{{ x }}` within it means `x`; texts in it are not templates. */
export function compileExpression(text: string, place: TextPlace): Result<Compiled> {
  const parsed = parseBare(text, place);
  if (!parsed.ok) return parsed;
  const { template, expression } = parsed.value;
  return ok({
    evaluate: (scope) =>
      runIn(template, scope, (context) => finish(evaluate(expression, context), context.runtime.budget)),
    judge: (scope) => runIn(template, scope, (context) => judge(expression, context)),
  });
}

/** A template file, as Ansible's module `template` renders it. A first line `#jinja2: ...` overrides the options. */
export function renderFile(source: Source, options: RenderOptions, scope: Scope): Result<string | Unknown> {
  const header = readHeader(source, options);
  if (!header.ok) return header;
  const { from, options: settings } = header.value;
  const lexing: LexOptions = {
    delimiters: delimitersOf(settings),
    trimBlocks: settings.trimBlocks,
    lstripBlocks: settings.lstripBlocks,
    newline: settings.newline,
    literalBackslashes: false,
  };
  const text = source.text.slice(from);
  const parsed = parseText(text, placeAt(source, from), lexing);
  if (!parsed.ok) return parsed;
  const template = parsed.value;
  const render = (context: Context) => {
    const out = new Output();
    execute(template.body, context, out);
    const made = context.runtime.stopped ?? out.toText();
    return made instanceof Unknown ? made : String(withLineBreaks(made, template.text, settings.newline));
  };
  return runIn(template, scope, render, templatesFrom(options, lexing));
}

/** Templates that are included or imported, each parsed once. */
function templatesFrom({ include }: RenderOptions, lexing: LexOptions): Templates {
  const parsed = new Map<string, TemplateText>();
  return (name) => {
    const known = parsed.get(name);
    if (known !== undefined) return known;
    if (include === undefined) throw new Problem('templates cannot be included here', { code: 'include' });
    const source = include(name);
    if (source === undefined) return undefined;
    const template = parseText(source.text, placeAt(source, 0), lexing);
    if (!template.ok) throw new Problem(`the template \`${name}\` is wrong`, { diagnostics: template.diagnostics });
    parsed.set(name, template.value);
    return template.value;
  };
}
