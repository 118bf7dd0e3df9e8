import { createHash } from 'node:crypto';
import { checkList } from './limits.ts';
import { isList, type Operand } from './operand.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import { itemsOf } from './sequence.ts';

/**
 * Python's `random.Random(seed)`: a plan has to give what the apply after it gives, and what Ansible gave before
 * (`60 | random(seed=inventory_hostname)` in a crontab). MT19937, seeded as CPython does (Modules/_randommodule.c).
 */
interface Generator {
  readonly state: Uint32Array;
  index: number;
}

const SIZE = 624;
const PERIOD = 397;

function generator(seed: Operand): Generator {
  return { state: stateFrom(seedWords(seed)), index: SIZE };
}

/** The seed as a number of 32-bit words, lowest first. */
function seedWords(seed: Operand): readonly number[] {
  const bytes = typeof seed === 'number' ? integerBytes(seed) : textBytes(textOf(seed));
  const words: number[] = [];
  for (let end = bytes.length; end > 0; end -= 4) {
    words.push(bytes.subarray(Math.max(0, end - 4), end).reduce((word, byte) => word * 256 + byte, 0));
  }
  while (words.length > 1 && words.at(-1) === 0) words.pop();
  return words.length === 0 ? [0] : words;
}

function integerBytes(seed: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(Math.abs(Math.trunc(seed))));
  return bytes;
}

function textBytes(seed: string): Buffer {
  const bytes = Buffer.from(seed, 'utf8');
  return Buffer.concat([bytes, createHash('sha512').update(bytes).digest()]);
}

/** init_by_array of the reference implementation. */
function stateFrom(key: readonly number[]): Uint32Array {
  const mt = new Uint32Array(SIZE);
  const get = (at: number) => mt[at] ?? 0;
  const mixed = (at: number) => get(at - 1) ^ (get(at - 1) >>> 30);
  mt[0] = 19650218;
  for (let i = 1; i < SIZE; i += 1) mt[i] = Math.imul(1812433253, mixed(i)) + i;
  let i = 1;
  let j = 0;
  const step = () => {
    i += 1;
    if (i >= SIZE) {
      mt[0] = get(SIZE - 1);
      i = 1;
    }
  };
  for (let k = Math.max(SIZE, key.length); k > 0; k -= 1) {
    mt[i] = (get(i) ^ Math.imul(mixed(i), 1664525)) + (key[j] ?? 0) + j;
    j = (j + 1) % key.length;
    step();
  }
  for (let k = SIZE - 1; k > 0; k -= 1) {
    mt[i] = (get(i) ^ Math.imul(mixed(i), 1566083941)) - i;
    step();
  }
  mt[0] = 0x80000000;
  return mt;
}

function refill(mt: Uint32Array): void {
  const get = (at: number) => mt[at % SIZE] ?? 0;
  for (let k = 0; k < SIZE; k += 1) {
    const y = (get(k) & 0x80000000) | (get(k + 1) & 0x7fffffff);
    mt[k] = get(k + PERIOD) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
}

function next32(from: Generator): number {
  if (from.index >= SIZE) {
    refill(from.state);
    from.index = 0;
  }
  let y = from.state[from.index] ?? 0;
  from.index += 1;
  y ^= y >>> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return (y ^ (y >>> 18)) >>> 0;
}

/** random._randbelow: as many bits as the limit has, again until they are below it. */
function below(limit: number, from: Generator): number {
  const bits = limit.toString(2).length;
  for (;;) {
    const low = bits > 32 ? next32(from) : 0;
    const high = next32(from) >>> (bits > 32 ? 64 - bits : 32 - bits);
    const value = bits > 32 ? high * 2 ** 32 + low : high;
    if (value < limit) return value;
  }
}

const NO_SEED = {
  hint: 'A plan would show something else than the apply does. Give a seed: `random(seed=inventory_hostname)`.',
};

/** Ansible's filter `random`: a number below, or one of the items. */
export function randomFrom(
  end: Operand,
  { start, step, seed }: { readonly start: number; readonly step: number; readonly seed: Operand },
): Operand {
  if (seed === null) throw new Problem('the filter `random` needs a seed', NO_SEED);
  const from = generator(seed);
  if (typeof end === 'number' && Number.isInteger(end)) {
    const by = step || 1;
    const count = Math.ceil((end - start) / by);
    if (count <= 0) throw new Problem(`there is no number from ${start} to ${end}`);
    return start + by * below(count, from);
  }
  if (!isList(end) && typeof end !== 'string') throw new Problem('the filter `random` takes a number or a list');
  const items = itemsOf(end);
  if (items.length === 0) throw new Problem('an empty list has no random item');
  return items[below(items.length, from)] ?? null;
}

/** Ansible's filter `shuffle`. */
export function shuffled(input: Operand, seed: Operand): Operand {
  if (seed === null) throw new Problem('the filter `shuffle` needs a seed', NO_SEED);
  const items = [...itemsOf(input)];
  checkList(items.length);
  const from = generator(seed);
  for (let at = items.length - 1; at > 0; at -= 1) {
    const other = below(at + 1, from);
    [items[at], items[other]] = [items[other] ?? null, items[at] ?? null];
  }
  return items;
}
