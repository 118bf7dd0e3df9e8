import { Unknown } from '../values.ts';
import type { Target } from './ast.ts';
import { at, type Context, lookUp } from './context.ts';
import { namespaceNames } from './namespace.ts';
import { type Operand, Thing } from './operand.ts';
import { Problem } from './problem.ts';
import { itemsOf } from './sequence.ts';

/** Assigns; several targets take a list apart. */
export function assign(target: Target, value: Operand, context: Context): void {
  if (target.kind === 'name') {
    context.frame.names.set(target.name, value);
    return;
  }
  at(target, context);
  if (target.kind === 'attribute') {
    assignAttribute(target, value, context);
    return;
  }
  if (value instanceof Unknown) {
    for (const each of target.targets) assign(each, value, context);
    return;
  }
  const items = itemsOf(value);
  if (items.length !== target.targets.length) {
    throw new Problem(`${items.length} values for ${target.targets.length} names`);
  }
  target.targets.forEach((each, index) => {
    assign(each, items[index] ?? null, context);
  });
}

function assignAttribute(target: Extract<Target, { kind: 'attribute' }>, value: Operand, context: Context): void {
  const object = lookUp(target.object, target, context);
  const names = object instanceof Thing ? namespaceNames(object) : undefined;
  if (names === undefined) {
    throw new Problem(`\`${target.object}\` is no namespace, so \`${target.name}\` cannot be set in it`, {
      hint: `Make it one first: \`{% set ${target.object} = namespace() %}\`.`,
    });
  }
  names.set(target.name, value);
}
