import { Float } from '../values.ts';
import { article } from './compare.ts';
import { fixed, roundTo } from './decimal.ts';
import { float, integer, isInteger, numeric, type Operand, typeName } from './operand.ts';
import { reprOf, textOf } from './print.ts';
import { Problem } from './problem.ts';
import { randomFrom, shuffled } from './random.ts';
import { deep, type Routines } from './routine.ts';

/** Jinja's and Ansible's filters on numbers. */
export const numberFilters: Routines = {
  abs: deep('', (input) => {
    const size = Math.abs(number(input, 'abs'));
    return isFloating(input) ? float(size) : size;
  }),
  round: deep('precision? method?', (input, args) =>
    rounded(input, args.integer('precision', 0), args.text('method', 'common')),
  ),
  log: deep('base?', (input, args) => {
    const [x, base] = [number(input, 'log'), args.number('base', Math.E)];
    if (x <= 0 || base <= 0 || base === 1) throw new Problem('only a positive number has a logarithm');
    return float(base === Math.E ? Math.log(x) : base === 10 ? Math.log10(x) : Math.log(x) / Math.log(base));
  }),
  pow: deep('y', (input, args) => float(number(input, 'pow') ** args.number('y', 1))),
  root: deep('base?', (input, args) => {
    const [x, base] = [number(input, 'root'), args.number('base', 2)];
    return float(base === 2 ? Math.sqrt(x) : x ** (1 / base));
  }),
  human_readable: deep('isbits? unit?', (input, args) =>
    humanReadable(number(input, 'human_readable'), args.flag('isbits'), args.string('unit')),
  ),
  human_to_bytes: deep('default_unit? isbits?', (input, args) =>
    humanToBytes(textOf(input), args.string('default_unit'), args.flag('isbits')),
  ),
  filesizeformat: deep('binary?', (input, args) => fileSize(number(input, 'filesizeformat'), args.flag('binary'))),
  random: deep('start? step? seed?', (input, args) =>
    randomFrom(input, { start: args.integer('start', 0), step: args.integer('step', 1), seed: args.value('seed') }),
  ),
  shuffle: deep('seed?', (input, args) => shuffled(input, args.value('seed'))),
};

function number(input: Operand, filter: string): number {
  const value =
    numeric(input) ?? (typeof input === 'string' && filter === 'filesizeformat' ? Number(input) : undefined);
  if (value !== undefined && !Number.isNaN(value)) return value;
  throw new Problem(`the filter \`${filter}\` takes a number, and got ${article(typeName(input))}`, {
    hint: typeof input === 'string' ? 'Turn the text into a number with `| int` or `| float` first.' : undefined,
  });
}

function isFloating(input: Operand): boolean {
  return input instanceof Float || (typeof input === 'number' && !isInteger(input));
}

function rounded(input: Operand, precision: number, method: string): Operand {
  const x = number(input, 'round');
  if (method === 'common') {
    const value = roundTo(x, precision);
    return isFloating(input) ? float(value) : integer(value);
  }
  if (method !== 'ceil' && method !== 'floor')
    throw new Problem('the filter `round` takes `common`, `ceil` or `floor`');
  const scale = 10 ** precision;
  if (!Number.isFinite(x * scale) || scale === 0) throw new Problem(`a number has no ${precision} places`);
  // Python's ceil and floor give an integer, which has no negative zero.
  return float(((method === 'ceil' ? Math.ceil(x * scale) : Math.floor(x * scale)) + 0) / scale);
}

/** Ansible: module_utils/common/text/formatters.py */
const UNITS: readonly (readonly [string, number])[] = [...'YZEPTGMK']
  .map((unit, index): readonly [string, number] => [unit, 1024 ** (8 - index)])
  .concat([['B', 1]]);

function humanReadable(size: number, isBits: boolean, unit: string | undefined): string {
  const base = isBits ? 'bits' : 'Bytes';
  const found = UNITS.find(([name, limit]) => (unit === undefined ? size >= limit : unit.toUpperCase() === name));
  const [name, limit] = found ?? ['B', 1];
  return `${fixed(size / limit, 2)} ${limit === 1 ? base : name + base.charAt(0)}`;
}

function humanToBytes(text: string, defaultUnit: string | undefined, isBits: boolean): number {
  const [, digits = '', written] = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?/.exec(text) ?? [];
  if (!/\d/.test(digits)) throw new Problem(`${reprOf(text)} is no size, such as \`10M\``);
  const unit = written ?? defaultUnit;
  if (unit === undefined) return integer(roundTo(Number(digits), 0));
  const found = UNITS.find(([name]) => name === unit.charAt(0).toUpperCase());
  if (found === undefined) {
    throw new Problem(`\`${unit}\` is no unit of size`, {
      hint: `It begins with one of ${UNITS.map(([name]) => name).join(', ')}.`,
    });
  }
  const [letter, word] = isBits ? ['b', 'bit'] : ['B', 'byte'];
  if (unit.length > 1 && !unit.toLowerCase().includes(word) && unit.charAt(1) !== letter) {
    throw new Problem(`\`${unit}\` is no unit of ${isBits ? 'bits' : 'bytes'}: write \`${found[0]}${letter}\``);
  }
  return integer(roundTo(Number(digits) * found[1], 0));
}

function fileSize(size: number, binary: boolean): string {
  const base = binary ? 1024 : 1000;
  if (size === 1) return '1 Byte';
  if (size < base) return `${Math.trunc(size)} Bytes`;
  const prefixes = binary
    ? ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB']
    : ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
  const at = prefixes.findIndex((_, index) => size < base ** (index + 2));
  const index = at === -1 ? prefixes.length - 1 : at;
  return `${fixed((base * size) / base ** (index + 2), 1)} ${prefixes[index]}`;
}
