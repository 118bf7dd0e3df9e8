import { Unknown } from '../values.ts';
import { type Arguments, type Bound, bind, signatureOf, undefinedArgument, unknownArgument } from './arguments.ts';
import { checkList, spend } from './limits.ts';
import { lookupFunction } from './lookups.ts';
import { makeNamespace } from './namespace.ts';
import { OMIT } from './omit.ts';
import { dictOf, isDict, isList, type Operand, Thing, Undefined } from './operand.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import type { Runtime } from './runtime.ts';
import { itemsOf } from './sequence.ts';

let known: ReadonlyMap<string, Operand> | undefined;

/** Names that are there in every template, unless a variable has the same. */
export function globals(): ReadonlyMap<string, Operand> {
  known ??= new Map<string, Operand>([
    ['range', strict('range', 'start stop? step?', range)],
    ['dict', new Thing('function', { call: dict })],
    ['namespace', new Thing('function', { call: makeNamespace })],
    ['cycler', new Thing('function', { call: cycler })],
    ['joiner', strict('joiner', 'sep?', joiner)],
    ['lookup', lookupFunction('lookup', false)],
    ['query', lookupFunction('query', true)],
    ['q', lookupFunction('q', true)],
    ['undef', strict('undef', 'hint?', undef)],
    ['omit', OMIT],
  ]);
  return known;
}

/** A function of known arguments: one that is unknown makes the result so. */
function strict(name: string, signature: string, run: (args: Bound, runtime: Runtime) => Operand): Thing {
  return new Thing('function', {
    call(args, runtime) {
      const unknown = unknownArgument(args, 'deep');
      if (unknown !== undefined) return unknown;
      const missing = undefinedArgument(args);
      if (missing !== undefined) throw missing.problem();
      return run(bind(args, signatureOf(signature), `\`${name}()\``), runtime);
    },
  });
}

/** Python's range(), as a list. */
function range(args: Bound, runtime: Runtime): Operand {
  const first = args.integer('start', 0);
  const [start, stop] = args.has('stop') ? [first, args.integer('stop', 0)] : [0, first];
  const step = args.integer('step', 1);
  if (step === 0) throw new Problem('the step of `range()` cannot be zero');
  const length = Math.max(0, Math.ceil((stop - start) / step));
  checkList(length);
  spend(runtime.budget, length);
  return Array.from({ length }, (_, index) => start + index * step);
}

/** Python's dict(): of a map or of pairs, and of named arguments. */
function dict(args: Arguments): Operand {
  const [from, ...rest] = args.positional;
  if (rest.length > 0) throw new Problem('`dict()` takes one map or list of pairs');
  if (from instanceof Unknown) return from;
  const entries = from === undefined ? [] : pairs(from);
  return entries instanceof Unknown ? entries : dictOf([...entries, ...args.named]);
}

function pairs(from: Operand): readonly (readonly [string, Operand])[] | Unknown {
  if (isDict(from)) return Object.entries(from);
  const entries: [string, Operand][] = [];
  for (const pair of itemsOf(from)) {
    if (pair instanceof Unknown) return pair;
    if (!isList(pair) || pair.length !== 2) throw new Problem('`dict()` takes pairs of a key and a value');
    const [key = null, value = null] = pair;
    if (key instanceof Unknown) return key;
    entries.push([textOf(key), value]);
  }
  return entries;
}

/** Jinja's cycler(): a value after the other, from the start again. */
function cycler({ positional }: Arguments): Operand {
  if (positional.length === 0) throw new Problem('`cycler()` needs at least one value');
  let at = 0;
  const current = () => positional[at % positional.length] ?? null;
  const next = () => {
    const value = current();
    at += 1;
    return value;
  };
  const reset = () => {
    at = 0;
    return null;
  };
  const attribute = (name: string) => {
    if (name === 'current') return current();
    if (name === 'next') return new Thing('method', { call: next });
    return name === 'reset' ? new Thing('method', { call: reset }) : undefined;
  };
  return new Thing('cycler', { attribute });
}

/** Jinja's joiner(): nothing at its first call, the separator then. */
function joiner(args: Bound): Operand {
  let used = false;
  return new Thing('joiner', {
    call() {
      const text = used ? args.text('sep', ', ') : '';
      used = true;
      return text;
    },
  });
}

/** Ansible's undef(): a value that the user has to override. */
function undef(args: Bound): Operand {
  const hint = args.text('hint', 'a mandatory variable has not been overridden');
  return new Undefined('undef()', () => [{ code: 'undefined', severity: 'error', message: hint }]);
}
