import type { Arguments } from './arguments.ts';
import type { MacroSignature, Statement } from './ast.ts';
import { type Context, type Frame, inside, missing } from './context.ts';
import { evaluate } from './evaluate.ts';
import { deeper } from './limits.ts';
import type { Execute } from './loop.ts';
import { dictOf, type Operand, Thing, Tuple } from './operand.ts';
import { keepsType, Output } from './output.ts';
import { Problem } from './problem.ts';

interface MacroNode {
  readonly signature: MacroSignature;
  readonly body: readonly Statement[];
}

/** A macro, or the `caller` of a `call` block: sees the names around its definition. */
export function makeMacro(name: string, node: MacroNode, context: Context, execute: Execute): Thing {
  return new Thing('macro', {
    attribute: (attribute) => (attribute === 'name' ? name : undefined),
    call: (args, runtime) =>
      deeper(runtime.budget, () => {
        const inner = inside({ ...context, runtime });
        bindParameters(name, node, args, inner);
        const out = new Output();
        execute(node.body, inner, out);
        return runtime.stopped ?? out.toValue(keepsType);
      }),
  });
}

function bindParameters(name: string, node: MacroNode, args: Arguments, context: Context): void {
  const { parameters } = node.signature;
  const { names } = context.frame;
  const named = new Map(args.named);
  parameters.forEach((parameter, index) => {
    let given = args.positional[index];
    if (given === undefined) {
      given = named.get(parameter.name);
      named.delete(parameter.name);
    }
    names.set(parameter.name, given === undefined ? otherwise(parameter, context) : given);
  });
  if (!names.has('caller')) {
    const caller = named.get('caller');
    if (caller !== undefined) names.set('caller', caller);
  }
  named.delete('caller');
  bindRest(name, node, args.positional.slice(parameters.length), named, context.frame);
}

function otherwise(parameter: MacroSignature['parameters'][number], context: Context): Operand {
  if (parameter.otherwise !== undefined) return evaluate(parameter.otherwise, context);
  const place = context.runtime.here?.place ?? { start: 0, end: 0 };
  return missing(parameter.name, place, context, `the parameter \`${parameter.name}\` was not given`);
}

/** Extra arguments go to `varargs` and `kwargs`, and only where the macro's body speaks of them. */
function bindRest(
  name: string,
  node: MacroNode,
  rest: readonly Operand[],
  named: ReadonlyMap<string, Operand>,
  frame: Frame,
): void {
  if (rest.length > 0 && !mentions(node.body, 'varargs')) {
    throw new Problem(`the macro \`${name}\` takes at most ${node.signature.parameters.length} arguments`);
  }
  const [extra] = named.keys();
  if (extra !== undefined && !mentions(node.body, 'kwargs')) {
    throw new Problem(`the macro \`${name}\` has no parameter \`${extra}\``);
  }
  frame.names.set('varargs', Tuple.holding(rest));
  frame.names.set('kwargs', dictOf(named));
}

function mentions(node: unknown, name: string): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if ('kind' in node && node.kind === 'name' && 'name' in node && node.name === name) return true;
  return Object.values(node).some((inner) => mentions(inner, name));
}
