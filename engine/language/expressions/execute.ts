import { Unknown } from '../values.ts';
import { assign } from './assign.ts';
import type { Expression, Statement } from './ast.ts';
import { article } from './compare.ts';
import { at, type Context, inside, newFrame } from './context.ts';
import { call, evaluate, truth } from './evaluate.ts';
import { deeper } from './limits.ts';
import { executeFor } from './loop.ts';
import { makeMacro } from './macro.ts';
import { isList, type Operand, Thing, typeName, Undefined } from './operand.ts';
import { Output } from './output.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import type { TemplateText } from './template_text.ts';

type Node<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;

/** Runs statements until they end or hang on an Unknown (`runtime.stopped`). */
export function execute(body: readonly Statement[], context: Context, out: Output): void {
  for (const statement of body) {
    if (context.runtime.stopped !== undefined) return;
    run(statement, context, out);
  }
}

function run(statement: Statement, context: Context, out: Output): void {
  switch (statement.kind) {
    case 'text':
      out.text(statement.text);
      return;
    case 'output':
      output(statement.value, context, out);
      return;
    case 'if':
      branch(statement, context, out);
      return;
    case 'for':
      executeFor(statement, context, out, execute);
      return;
    case 'set':
      assign(statement.target, evaluate(statement.value, context), context);
      return;
    case 'set_block':
      assign(statement.target, filtered(statement, context), context);
      return;
    case 'with':
      withNames(statement, context, out);
      return;
    case 'macro':
      context.frame.names.set(statement.name, makeMacro(statement.name, statement, context, execute));
      return;
    case 'call':
      callBlock(statement, context, out);
      return;
    case 'filter_block':
      out.value(filtered(statement, context));
      return;
    case 'include':
      include(statement, context, out);
      return;
    case 'import':
      importAll(statement, context);
      return;
    case 'from_import':
      importSome(statement, context);
      return;
  }
}

function output(node: Expression, context: Context, out: Output): void {
  const value = evaluate(node, context);
  at(node, context);
  out.value(value);
}

function branch({ branches, otherwise }: Node<'if'>, context: Context, out: Output): void {
  for (const { condition, body } of branches) {
    const holds = truth(condition, context);
    if (holds instanceof Unknown) {
      context.runtime.stopped = holds;
      return;
    }
    if (holds) {
      execute(body, context, out);
      return;
    }
  }
  execute(otherwise, context, out);
}

/** The text of a body, through the filters of its block. */
function filtered(statement: Node<'set_block' | 'filter_block'>, context: Context): Operand {
  const out = new Output();
  execute(statement.body, inside(context), out);
  const body = context.runtime.stopped ?? out.toText();
  return statement.filter === undefined ? body : evaluate(statement.filter, { ...context, body });
}

function withNames(statement: Node<'with'>, context: Context, out: Output): void {
  const inner = inside(context);
  for (const { target, value } of statement.bindings) assign(target, evaluate(value, context), inner);
  execute(statement.body, inner, out);
}

function callBlock(statement: Node<'call'>, context: Context, out: Output): void {
  const caller = makeMacro('caller', statement, context, execute);
  out.value(call(statement.call, context, { caller }));
}

/** The template that an `include` names; several names: the first that there is. */
function findTemplate(
  { template, ...statement }: Node<'include' | 'import' | 'from_import'>,
  context: Context,
): TemplateText | undefined {
  const name = evaluate(template, context);
  at(template, context);
  if (name instanceof Unknown) {
    context.runtime.stopped = name;
    return undefined;
  }
  if (name instanceof Undefined) throw name.problem();
  const names = isList(name) ? name : [name];
  for (const each of names) {
    if (typeof each !== 'string') throw new Problem(`a template's name is a text, and not ${article(typeName(each))}`);
    const found = context.runtime.template(each);
    if (found !== undefined) return found;
  }
  if (statement.kind === 'include' && statement.ignoreMissing) return undefined;
  throw new Problem(`there is no template ${names.map((each) => `\`${textOf(each)}\``).join(', ')}`, {
    code: 'include',
    hint: 'It is looked for beside the template and in `templates/`.',
  });
}

const NO_VARIABLES = { lookup: () => undefined, names: () => [] };

function contextOf(template: TemplateText, withContext: boolean, context: Context): Context {
  const { runtime } = context;
  return withContext
    ? { runtime, scope: context.scope, template, frame: newFrame(context.frame) }
    : { runtime, scope: NO_VARIABLES, template, frame: newFrame() };
}

function include(statement: Node<'include'>, context: Context, out: Output): void {
  const template = findTemplate(statement, context);
  if (template === undefined) return;
  deeper(context.runtime.budget, () =>
    execute(template.body, contextOf(template, statement.withContext, context), out),
  );
}

/** What a template defines at its top. */
function definitions(statement: Node<'import' | 'from_import'>, context: Context): ReadonlyMap<string, Operand> {
  const template = findTemplate(statement, context);
  if (template === undefined) return new Map();
  const inner = contextOf(template, statement.withContext, context);
  deeper(context.runtime.budget, () => execute(template.body, inner, new Output()));
  return inner.frame.names;
}

function importAll(statement: Node<'import'>, context: Context): void {
  const names = definitions(statement, context);
  const attribute = (name: string) => (name.startsWith('_') ? undefined : names.get(name));
  context.frame.names.set(statement.name, new Thing('module', { attribute }));
}

function importSome(statement: Node<'from_import'>, context: Context): void {
  const defined = definitions(statement, context);
  if (context.runtime.stopped !== undefined) return;
  for (const { name, as } of statement.names) {
    const value = name.startsWith('_') ? undefined : defined.get(name);
    if (value === undefined) {
      at(statement, context);
      throw new Problem(`the template defines no \`${name}\``, { code: 'include' });
    }
    context.frame.names.set(as, value);
  }
}
