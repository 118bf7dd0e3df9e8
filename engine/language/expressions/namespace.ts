import { Unknown } from '../values.ts';
import type { Arguments } from './arguments.ts';
import { isDict, type Operand, Thing } from './operand.ts';
import { Problem } from './problem.ts';

const namespaces = new WeakMap<Thing, Map<string, Operand>>();

/** `namespace(a=1)`: the one thing that a template can change, so that a loop can give something back. */
export function makeNamespace(args: Arguments): Thing | Unknown {
  const names = new Map<string, Operand>();
  for (const operand of args.positional) {
    if (operand instanceof Unknown) return operand;
    if (!isDict(operand)) throw new Problem('`namespace()` takes maps and named values');
    addAll(names, Object.entries(operand));
  }
  addAll(names, args.named);
  const made = new Thing('namespace', { attribute: (name) => names.get(name) });
  namespaces.set(made, names);
  return made;
}

function addAll(names: Map<string, Operand>, entries: Iterable<readonly [string, Operand]>): void {
  for (const [name, value] of entries) names.set(name, value);
}

/** The names in a namespace; `undefined`: it is none. */
export function namespaceNames(thing: Thing): Map<string, Operand> | undefined {
  return namespaces.get(thing);
}
