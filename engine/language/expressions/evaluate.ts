import { Unknown } from '../values.ts';
import type { Arguments } from './arguments.ts';
import type { ArgumentNodes, Expression } from './ast.ts';
import { attributeOf } from './attribute.ts';
import { article, compared, isKey, not, type Truth, truthOf } from './compare.ts';
import { at, type Context, lookUp, missing } from './context.ts';
import { itemOf } from './item.ts';
import { both, type Dict, dictOf, isDict, isList, type Operand, Thing, Tuple, typeName, Undefined } from './operand.ts';
import { arithmetic, concatenate, negate } from './operators.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import { itemsOf, slice } from './sequence.ts';
import { written } from './template_text.ts';
import { characters } from './text.ts';

type Node<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>;

/** Walks the tree. Throws a Problem; `context.runtime.here` then tells where. */
export function evaluate(node: Expression, context: Context): Operand {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'name':
      return lookUp(node.name, node, context);
    case 'attribute':
      return attribute(node, context, false);
    case 'item':
      return item(node, context);
    case 'slice':
      return sliced(node, context);
    case 'call':
      return call(node, context);
    case 'filter':
      return filter(node, context);
    case 'list':
      return node.items.map((each) => evaluate(each, context));
    case 'tuple':
      return Tuple.holding(node.items.map((each) => evaluate(each, context)));
    case 'map':
      return map(node, context);
    case 'sign':
      return done(node, context, evaluate(node.operand, context), (operand) => negate(node.operator, operand));
    case 'arithmetic':
      return calculation(node, context);
    case 'concatenation':
      return concatenation(node, context);
    case 'and':
    case 'or':
      return either(node, context);
    case 'choice':
      return choice(node, context);
    case 'body':
      return context.body ?? null;
    default:
      return truth(node, context);
  }
}

/**
 * Whether it holds. That can be certain where the value is not: `unknown and false` is false, though nobody knows
 * which false value it has.
 */
export function truth(node: Expression, context: Context): Truth {
  switch (node.kind) {
    case 'and':
      return conjunction(node, context, false);
    case 'or':
      return not(conjunction(node, context, true));
    case 'not':
      return not(truth(node.operand, context));
    case 'comparison':
      return comparison(node, context);
    case 'test':
      return test(node, context);
    default:
      return done(node, context, evaluate(node, context), truthOf);
  }
}

/** `a and b`, or with `negated` `not a and not b`. */
function conjunction({ left, right }: Node<'and' | 'or'>, context: Context, negated: boolean): Truth {
  const holds = (side: Expression) => (negated ? not(truth(side, context)) : truth(side, context));
  const first = holds(left);
  if (first === false) return false;
  if (first === true) return holds(right);
  const second = attempt(() => holds(right));
  if (second === false) return false;
  return second instanceof Unknown ? both(first, second) : first;
}

/** A mistake in what may never be evaluated is none yet. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined;
    throw thrown;
  }
}

/** Does something with an operand at a node's place. */
function done<R>(node: Expression, context: Context, operand: Operand, run: (operand: Operand) => R): R {
  at(node, context);
  return run(operand);
}

/** As a value: the side that decides, whatever its type. */
function either(node: Node<'and' | 'or'>, context: Context): Operand {
  const left = evaluate(node.left, context);
  const truth = done(node.left, context, left, truthOf);
  if (truth instanceof Unknown) return truth;
  return truth === (node.kind === 'and') ? evaluate(node.right, context) : left;
}

function choice(node: Node<'choice'>, context: Context): Operand {
  const condition = truth(node.condition, context);
  if (condition instanceof Unknown) return condition;
  if (condition) return evaluate(node.then, context);
  return node.otherwise === undefined ? noElse(node, context) : evaluate(node.otherwise, context);
}

function noElse(node: Node<'choice'>, context: Context): Undefined {
  const text = written(node.condition, context.template);
  return missing(text, node, context, `\`${text}\` is false, and there is no \`else\``, () => [], true);
}

function attribute(node: Node<'attribute'>, context: Context, called: boolean): Operand {
  const object = evaluate(node.object, context);
  at(node, context);
  return attributeOf(object, node.name, called) ?? missingIn(object, node.object, node.name, node, context);
}

function item(node: Node<'item'>, context: Context): Operand {
  const object = evaluate(node.object, context);
  const key = evaluate(node.key, context);
  at(node, context);
  const found = itemOf(object, key);
  if (found !== undefined) return found;
  const name = isKey(key) ? String(key) : textOf(key);
  return missingIn(object, node.object, name, node, context);
}

function missingIn(object: Operand, from: Expression, name: string, node: Expression, context: Context): Undefined {
  const whole = `\`${written(from, context.template)}\``;
  const isIndex = /^-?\d+$/.test(name);
  const what = isList(object)
    ? `${whole} has ${object.length} items, and no ${isIndex ? 'item' : 'attribute'} \`${name}\``
    : `${whole} is ${article(typeName(object))} and has no attribute \`${name}\``;
  return missing(name, node, context, what, () => (isDict(object) ? Object.keys(object) : []));
}

function sliced(node: Node<'slice'>, context: Context): Operand {
  const object = evaluate(node.object, context);
  const part = (each: Expression | undefined) => (each === undefined ? null : evaluate(each, context));
  const bounds = { start: part(node.first), stop: part(node.last), step: part(node.step) };
  at(node, context);
  for (const operand of [object, bounds.start, bounds.stop, bounds.step]) {
    if (operand instanceof Unknown) return operand;
    if (operand instanceof Undefined) throw operand.problem();
  }
  if (typeof object === 'string') return slice(characters(object), bounds).join('');
  if (!isList(object)) throw new Problem(`${article(typeName(object))} cannot be sliced`);
  const items = slice(object, bounds);
  return object instanceof Tuple ? Tuple.holding(items) : items;
}

function map(node: Node<'map'>, context: Context): Operand {
  const entries: [string, Operand][] = [];
  for (const entry of node.entries) {
    const key = evaluate(entry.key, context);
    const value = evaluate(entry.value, context);
    at(entry.key, context);
    if (key instanceof Unknown) return key;
    if (key instanceof Undefined) throw key.problem();
    if (typeof key === 'object' && key !== null) throw new Problem(`${article(typeName(key))} cannot be a key`);
    entries.push([textOf(key), value]);
  }
  return dictOf(entries);
}

function calculation(node: Node<'arithmetic'>, context: Context): Operand {
  const left = evaluate(node.left, context);
  const right = evaluate(node.right, context);
  at(node, context);
  return arithmetic(node.operator, left, right);
}

function concatenation(node: Node<'concatenation'>, context: Context): Operand {
  const parts = node.parts.map((part) => evaluate(part, context));
  at(node, context);
  return concatenate(parts);
}

function comparison(node: Node<'comparison'>, context: Context): Truth {
  let left = evaluate(node.first, context);
  let unknown: Unknown | undefined;
  for (const { operator, operand } of node.rest) {
    const right = evaluate(operand, context);
    at(node, context);
    const holds = compared(operator, left, right, context.runtime.budget);
    if (holds === false) return false;
    if (holds instanceof Unknown) unknown = unknown === undefined ? holds : both(unknown, holds);
    left = right;
  }
  return unknown ?? true;
}

function filter(node: Node<'filter'>, context: Context): Operand {
  const input = evaluate(node.input, context);
  const args = evaluateArguments(node.args, context);
  if (args instanceof Unknown) return args;
  at(node, context);
  return context.runtime.filter(node.name, input, args);
}

function test(node: Node<'test'>, context: Context): Truth {
  const input = evaluate(node.input, context);
  const args = evaluateArguments(node.args, context);
  if (args instanceof Unknown) return args;
  at(node, context);
  const holds = context.runtime.test(node.name, input, args);
  return node.negated ? not(holds) : holds;
}

/** `more`: arguments that are passed beside the written ones (a `call` block's caller). */
export function call(node: Node<'call'>, context: Context, more: Readonly<Record<string, Operand>> = {}): Operand {
  const { callee } = node;
  const target = callee.kind === 'attribute' ? attribute(callee, context, true) : evaluate(callee, context);
  if (target instanceof Unknown) return target;
  at(callee, context);
  if (target instanceof Undefined) throw target.problem();
  if (!(target instanceof Thing) || target.call === undefined) {
    throw new Problem(`\`${written(callee, context.template)}\` is ${article(typeName(target))} and cannot be called`);
  }
  const args = evaluateArguments(node.args, context);
  if (args instanceof Unknown) return args;
  at(node, context);
  const named = new Map([...args.named, ...Object.entries(more)]);
  return target.call({ positional: args.positional, named }, context.runtime);
}

/** An Unknown where nobody knows how many arguments there are. */
function evaluateArguments(nodes: ArgumentNodes, context: Context): Arguments | Unknown {
  const positional = nodes.positional.map((each) => evaluate(each, context));
  const named = new Map<string, Operand>();
  for (const { name, value } of nodes.named) named.set(name, evaluate(value, context));
  if (nodes.spread !== undefined) {
    const list = evaluate(nodes.spread, context);
    if (list instanceof Unknown) return list;
    positional.push(...done(nodes.spread, context, list, itemsOf));
  }
  if (nodes.spreadNamed !== undefined) {
    const more = evaluate(nodes.spreadNamed, context);
    if (more instanceof Unknown) return more;
    for (const [name, value] of Object.entries(done(nodes.spreadNamed, context, more, keywords)))
      named.set(name, value);
  }
  return { positional, named };
}

function keywords(operand: Operand): Dict {
  if (operand instanceof Undefined) throw operand.problem();
  if (isDict(operand)) return operand;
  throw new Problem(`\`**\` takes a map, and got ${article(typeName(operand))}`);
}
