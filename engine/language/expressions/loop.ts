import { Unknown } from '../values.ts';
import { type Arguments, bind, signatureOf } from './arguments.ts';
import { assign } from './assign.ts';
import type { Statement } from './ast.ts';
import { equal } from './compare.ts';
import { at, type Context, inside, newFrame } from './context.ts';
import { evaluate, truth } from './evaluate.ts';
import { deeper, spend } from './limits.ts';
import { type Operand, Thing, Tuple, Undefined } from './operand.ts';
import { Output } from './output.ts';
import { Problem } from './problem.ts';
import type { Runtime } from './runtime.ts';
import { itemsOf } from './sequence.ts';

export type Execute = (body: readonly Statement[], context: Context, out: Output) => void;
type For = Extract<Statement, { kind: 'for' }>;

export function executeFor(statement: For, context: Context, out: Output, execute: Execute): void {
  const over = evaluate(statement.over, context);
  at(statement.over, context);
  if (over instanceof Unknown) {
    context.runtime.stopped = over;
    return;
  }
  rounds(statement, itemsOf(over), 0, context, out, execute);
}

/** `depth`: how many loops of a `recursive` one are open around this. */
function rounds(
  statement: For,
  all: readonly Operand[],
  depth: number,
  context: Context,
  out: Output,
  execute: Execute,
): void {
  const { runtime } = context;
  const items = statement.condition === undefined ? all : selected(statement, all, context);
  const memory: { changed?: readonly Operand[] } = {};
  for (let index = 0; index < items.length && runtime.stopped === undefined; index += 1) {
    spend(runtime.budget, 1);
    const round = inside(context);
    const again = statement.recursive
      ? (inner: Operand) => recursed(statement, inner, depth + 1, context, execute)
      : undefined;
    round.frame.names.set('loop', loopThing({ items, index, depth, memory, again }));
    assign(statement.target, items[index] ?? null, round);
    execute(statement.body, round, out);
  }
  if (items.length === 0 && runtime.stopped === undefined) execute(statement.otherwise, inside(context), out);
}

function selected(statement: For, items: readonly Operand[], context: Context): readonly Operand[] {
  const { condition, target } = statement;
  const kept: Operand[] = [];
  for (const item of items) {
    spend(context.runtime.budget, 1);
    const inner = inside(context, newFrame(context.frame));
    assign(target, item, inner);
    const holds = condition === undefined || truth(condition, inner);
    if (holds instanceof Unknown) {
      context.runtime.stopped = holds;
      return [];
    }
    if (holds) kept.push(item);
  }
  return kept;
}

function recursed(statement: For, inner: Operand, depth: number, context: Context, execute: Execute): Operand {
  if (inner instanceof Unknown) return inner;
  const out = new Output();
  deeper(context.runtime.budget, () => rounds(statement, itemsOf(inner), depth, context, out, execute));
  return context.runtime.stopped ?? out.toText();
}

interface Round {
  readonly items: readonly Operand[];
  readonly index: number;
  readonly depth: number;
  /** What `loop.changed` was last called with; shared by all rounds. */
  readonly memory: { changed?: readonly Operand[] };
  readonly again: ((inner: Operand) => Operand) | undefined;
}

/** Jinja: "List of Control Structures", the special variables of a loop. */
function loopThing(round: Round): Thing {
  return new Thing('loop', {
    attribute: (name) => loopAttribute(round, name),
    call: (args) => {
      const bound = bind(args, signatureOf('iterable'), '`loop()`');
      if (round.again === undefined) throw new Problem('only a loop with `recursive` can be called');
      return round.again(bound.value('iterable'));
    },
  });
}

function loopAttribute({ items, index, depth, memory }: Round, name: string): Operand | undefined {
  switch (name) {
    case 'index':
      return index + 1;
    case 'index0':
      return index;
    case 'revindex':
      return items.length - index;
    case 'revindex0':
      return items.length - index - 1;
    case 'first':
      return index === 0;
    case 'last':
      return index === items.length - 1;
    case 'length':
      return items.length;
    case 'depth':
      return depth + 1;
    case 'depth0':
      return depth;
    case 'previtem':
      return items[index - 1] ?? noItem('previtem');
    case 'nextitem':
      return items[index + 1] ?? noItem('nextitem');
    case 'cycle':
      return new Thing('method', { call: (args) => cycle(args, index) });
    case 'changed':
      return new Thing('method', { call: (args, runtime) => changed(args, memory, runtime) });
    default:
      return undefined;
  }
}

function noItem(name: string): Undefined {
  const where = name === 'previtem' ? 'the first' : 'the last';
  return new Undefined(`loop.${name}`, () => [
    { code: 'undefined', severity: 'error', message: `\`loop.${name}\` is undefined in ${where} round` },
  ]);
}

function cycle({ positional }: Arguments, index: number): Operand {
  if (positional.length === 0) throw new Problem('`loop.cycle()` needs at least one value');
  return positional[index % positional.length] ?? null;
}

function changed({ positional }: Arguments, memory: Round['memory'], { budget }: Runtime): Operand {
  const before = memory.changed;
  const same = before === undefined ? false : equal(Tuple.holding(before), Tuple.holding(positional), budget);
  if (same instanceof Unknown) return same;
  memory.changed = positional;
  return !same;
}
