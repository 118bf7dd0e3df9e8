import { Float, Unknown } from '../values.ts';
import { isList, isNumber, numeric, type Operand, typeName, Undefined, unknownIn } from './operand.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';

/** The arguments of one call, evaluated. */
export interface Arguments {
  readonly positional: readonly Operand[];
  readonly named: ReadonlyMap<string, Operand>;
}

export const NO_ARGUMENTS: Arguments = { positional: [], named: new Map() };

interface Parameter {
  readonly name: string;
  readonly optional: boolean;
}

/** Names in the order of the positions; `count?` may be left out, `*rest` and `**more` take what is over. */
export interface Signature {
  readonly parameters: readonly Parameter[];
  readonly takesRest: boolean;
  readonly takesMore: boolean;
}

const signatures = new Map<string, Signature>();

export function signatureOf(text: string): Signature {
  let known = signatures.get(text);
  if (known === undefined) {
    const names = text.split(' ').filter(Boolean);
    known = {
      parameters: names
        .filter((name) => !name.startsWith('*'))
        .map((name) => ({ name: name.replace('?', ''), optional: name.endsWith('?') })),
      takesRest: names.some((name) => /^\*[^*]/.test(name)),
      takesMore: names.some((name) => name.startsWith('**')),
    };
    signatures.set(text, known);
  }
  return known;
}

/** Gives each argument its name; `what` is the call in the user's words, such as "the filter `replace`". */
export function bind(args: Arguments, signature: Signature, what: string): Bound {
  const values = new Map<string, Operand>();
  const { parameters } = signature;
  const rest = args.positional.slice(parameters.length);
  if (rest.length > 0 && !signature.takesRest) {
    const most = parameters.length === 0 ? 'no arguments' : `at most ${parameters.length} (${namesOf(parameters)})`;
    throw new Problem(`${what} takes ${most}, and got ${args.positional.length}`);
  }
  args.positional.slice(0, parameters.length).forEach((value, index) => {
    values.set(parameters[index]?.name ?? '', value);
  });
  const more = new Map<string, Operand>();
  for (const [name, value] of args.named) {
    if (values.has(name)) throw new Problem(`${what} got \`${name}\` twice: by position and by name`);
    if (parameters.some((parameter) => parameter.name === name)) values.set(name, value);
    else if (signature.takesMore) more.set(name, value);
    else throw unknownName(name, parameters, what);
  }
  const missing = parameters.find((parameter) => !parameter.optional && !values.has(parameter.name));
  if (missing !== undefined) throw new Problem(`${what} needs \`${missing.name}\``);
  return new Bound(what, values, rest, more);
}

function unknownName(name: string, parameters: readonly Parameter[], what: string): Problem {
  const hint = parameters.length === 0 ? 'It takes no arguments.' : `It takes ${namesOf(parameters)}.`;
  return new Problem(`${what} has no argument \`${name}\``, { hint });
}

function namesOf(parameters: readonly Parameter[]): string {
  return parameters.map((parameter) => `\`${parameter.name}\``).join(', ');
}

/** Arguments by name, each as the type that it must have. */
export class Bound {
  readonly what: string;
  readonly values: ReadonlyMap<string, Operand>;
  /** Positional arguments beyond the named ones. */
  readonly rest: readonly Operand[];
  /** Named arguments that the signature does not know. */
  readonly more: ReadonlyMap<string, Operand>;

  constructor(
    what: string,
    values: ReadonlyMap<string, Operand>,
    rest: readonly Operand[],
    more: ReadonlyMap<string, Operand>,
  ) {
    this.what = what;
    this.values = values;
    this.rest = rest;
    this.more = more;
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  value(name: string, otherwise: Operand = null): Operand {
    const value = this.values.get(name);
    return value === undefined ? otherwise : value;
  }

  /** Anything prints: `replace(8080, 80)` is as good as with quotes. */
  text(name: string, otherwise?: string): string {
    const value = this.values.get(name);
    if (value === undefined) return otherwise ?? '';
    return textOf(value);
  }

  /** A string and nothing else; `undefined` where it is missing or None. */
  string(name: string): string | undefined {
    const value = this.values.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw this.#wrong(name, 'a string', value);
    return value;
  }

  integer(name: string, otherwise: number): number {
    const value = this.values.get(name);
    if (value === undefined || value === null) return otherwise;
    const number = numeric(value);
    if (number === undefined || !Number.isInteger(number) || value instanceof Float) {
      throw this.#wrong(name, 'an integer', value);
    }
    return number;
  }

  number(name: string, otherwise: number): number {
    const value = this.values.get(name);
    if (value === undefined || value === null) return otherwise;
    if (!isNumber(value)) throw this.#wrong(name, 'a number', value);
    return value.valueOf();
  }

  /** By its truth, as Python does. */
  flag(name: string, otherwise = false): boolean {
    const value = this.values.get(name);
    if (value === undefined) return otherwise;
    if (typeof value === 'boolean') return value;
    if (value === null || value === '' || numeric(value) === 0) return false;
    return !(isList(value) && value.length === 0);
  }

  #wrong(name: string, expected: string, value: Operand): Problem {
    return new Problem(`${this.what} takes ${expected} for \`${name}\`, and got ${typeName(value)}`);
  }
}

/** What is filtered, as a text; where Python takes only a str, anything else is a mistake. */
export function inputText(input: Operand, { what }: Bound): string {
  if (typeof input === 'string') return input;
  throw new Problem(`${what} takes a text, and got ${typeName(input)}`, {
    hint: 'Make it a text with `| string` first.',
  });
}

/** The first Unknown among the arguments: in them, or just one of them itself. */
export function unknownArgument(args: Arguments, depth: 'deep' | 'shallow'): Unknown | undefined {
  for (const value of [...args.positional, ...args.named.values()]) {
    const found = depth === 'deep' ? unknownIn(value) : value instanceof Unknown ? value : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

export function undefinedArgument(args: Arguments): Undefined | undefined {
  for (const value of [...args.positional, ...args.named.values()]) if (value instanceof Undefined) return value;
  return undefined;
}
