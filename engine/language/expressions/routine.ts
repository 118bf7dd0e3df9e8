import { Unknown } from '../values.ts';
import { type Arguments, type Bound, bind, signatureOf, undefinedArgument, unknownArgument } from './arguments.ts';
import type { Truth } from './compare.ts';
import { spend } from './limits.ts';
import { type Operand, Undefined, unknownIn } from './operand.ts';
import type { Runtime } from './runtime.ts';

/**
 * A filter, a test or a method: one small function with its signature (see `Signature`). How it meets what is
 * not known decides when it is called at all:
 * - `deep`: it reads everything, so an Unknown anywhere inside makes the result Unknown;
 * - `shallow`: it moves items about without reading them, so only an Unknown itself does;
 * - `raw`: it is given Unknown and Undefined as they are.
 * But for `raw`, what is undefined is an error.
 */
export interface Routine<R extends Operand | Truth = Operand> {
  readonly signature: string;
  readonly meets: 'deep' | 'shallow' | 'raw';
  readonly run: (input: Operand, args: Bound, runtime: Runtime) => R;
}

type Run<R> = (input: Operand, args: Bound, runtime: Runtime) => R;

export function deep<R extends Operand | Truth>(signature: string, run: Run<R>): Routine<R> {
  return { signature, meets: 'deep', run };
}

export function shallow<R extends Operand | Truth>(signature: string, run: Run<R>): Routine<R> {
  return { signature, meets: 'shallow', run };
}

export function raw<R extends Operand | Truth>(signature: string, run: Run<R>): Routine<R> {
  return { signature, meets: 'raw', run };
}

export type Routines<R extends Operand | Truth = Operand> = { readonly [name: string]: Routine<R> };

/** `what`: the call in the user's words, such as "the filter `replace`". */
export function invoke<R extends Operand | Truth>(
  routine: Routine<R>,
  what: string,
  input: Operand,
  args: Arguments,
  runtime: Runtime,
): R | Unknown {
  spend(runtime.budget, 1);
  const bound = bind(args, signatureOf(routine.signature), what);
  if (routine.meets !== 'raw') {
    const missing = input instanceof Undefined ? input : undefinedArgument(args);
    if (missing !== undefined && !missing.lenient) throw missing.problem();
    const unknown = inputUnknown(input, routine.meets) ?? unknownArgument(args, routine.meets);
    if (unknown !== undefined) return unknown;
  }
  return routine.run(input, bound, runtime);
}

function inputUnknown(input: Operand, meets: 'deep' | 'shallow'): Unknown | undefined {
  if (meets === 'deep') return unknownIn(input);
  return input instanceof Unknown ? input : undefined;
}

/** `ansible.builtin.combine` is `combine`. */
export function shortName(name: string): string {
  return name.replace(/^ansible\.(?:builtin|legacy)\./, '');
}
