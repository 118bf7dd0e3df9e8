import { Float, floatText } from '../values.ts';
import type { Arguments } from './arguments.ts';
import { formatNumber, grouped } from './format_number.ts';
import { itemOf } from './item.ts';
import { checkText, TextBuilder } from './limits.ts';
import { isInteger, numeric, type Operand, Thing, typeName } from './operand.ts';
import { reprOf, textOf } from './print.ts';
import { Problem } from './problem.ts';
import { characters, lengthOf } from './text.ts';

/** `'{} {name:>8}'.format(...)` (Python: "Format String Syntax"). */
export function formatBraces(format: string, args: Arguments): string {
  const out = new TextBuilder();
  const next = { index: 0 };
  let at = 0;
  while (at < format.length) {
    const brace = format.slice(at).search(/[{}]/);
    if (brace === -1) break;
    out.add(format.slice(at, at + brace));
    at += brace;
    if (format.charAt(at) === format.charAt(at + 1)) {
      out.add(format.charAt(at));
      at += 2;
    } else {
      const end = fieldEnd(format, at);
      out.add(field(format.slice(at + 1, end), args, next));
      at = end + 1;
    }
  }
  out.add(format.slice(at));
  return out.toString();
}

function fieldEnd(format: string, start: number): number {
  let depth = 0;
  for (let at = start; at < format.length; at += 1) {
    if (format.charAt(at) === '{') depth += 1;
    if (format.charAt(at) === '}') depth -= 1;
    if (depth === 0 && format.charAt(start) === '{') return at;
  }
  throw new Problem('a single `{` or `}` stands in the format', { hint: 'Write `{{` for `{` and `}}` for `}`.' });
}

function field(text: string, args: Arguments, next: { index: number }): string {
  const [, path = '', conversion, spec = ''] = /^([^!:]*)(?:!([rsa]))?(?::(.*))?$/s.exec(text) ?? fieldError(text);
  const value = fieldValue(path, args, next);
  const inner = spec.includes('{') ? formatNested(spec, args, next) : spec;
  if (conversion === undefined) return formatValue(value, inner);
  return formatValue(conversion === 's' ? textOf(value) : reprOf(value), inner);
}

function fieldError(text: string): never {
  throw new Problem(`\`{${text}}\` is no field of a format`);
}

function formatNested(spec: string, args: Arguments, next: { index: number }): string {
  return spec.replace(/\{([^{}]*)\}/g, (_, inner: string) => field(inner, args, next));
}

function fieldValue(path: string, args: Arguments, next: { index: number }): Operand {
  const [, first = '', rest = ''] = /^([^.[]*)(.*)$/s.exec(path) ?? [];
  const steps = rest.split(/(?=[.[])/).filter((step) => step !== '');
  const start = first === '' || /^\d+$/.test(first) ? byPosition(first, args, next) : args.named.get(first);
  if (start === undefined) throw new Problem(`there is no value for \`{${path}}\``);
  let value: Operand = start;
  for (const step of steps) {
    const found = stepInto(value, step);
    if (found === undefined) throw new Problem(`there is no \`${step}\` in the value for \`{${path}}\``);
    value = found;
  }
  return value;
}

/** `.name` is an attribute, and plain data has none; `[key]` is an item. */
function stepInto(value: Operand, step: string): Operand | undefined {
  const key = /^\[(.*)\]$/.exec(step)?.[1];
  if (key === undefined) return value instanceof Thing ? value.attribute(step.slice(1)) : undefined;
  return itemOf(value, /^\d+$/.test(key) ? Number(key) : key);
}

function byPosition(first: string, args: Arguments, next: { index: number }): Operand | undefined {
  if (first !== '') return args.positional[Number(first)];
  next.index += 1;
  return args.positional[next.index - 1];
}

const SPEC = /^(?:(.)?([<>=^]))?([-+ ]?)(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([a-zA-Z%]?)$/su;

/** Python: "Format Specification Mini-Language". */
function formatValue(value: Operand, spec: string): string {
  if (spec === '') return textOf(value);
  const match = SPEC.exec(spec);
  if (match === null) throw new Problem(`\`${spec}\` is no format`);
  const [, fill, align, sign = '', alternate, zero, width, group = '', precision, type = ''] = match;
  const number = typeof value === 'boolean' && type === '' ? undefined : numeric(value);
  const places = precision === undefined ? undefined : Number(precision);
  const body =
    number === undefined
      ? textBody(value, type, places)
      : numberBody(value, number, { type, sign, alternate: alternate === '#', precision: places }, group);
  const padding = fill ?? (zero === '0' ? '0' : ' ');
  return aligned(body, Number(width), padding, align ?? (number === undefined ? '<' : zero === '0' ? '=' : '>'));
}

function textBody(value: Operand, type: string, precision: number | undefined): string {
  if (type !== '' && type !== 's')
    throw new Problem(`the format \`${type}\` takes a number, and got ${typeName(value)}`);
  const text = textOf(value);
  return precision === undefined ? text : characters(text).slice(0, precision).join('');
}

function numberBody(value: Operand, number: number, format: Parameters<typeof formatNumber>[1], group: string): string {
  const isFloat = value instanceof Float || !isInteger(number);
  if (isFloat && 'dobxXc'.includes(format.type) && format.type !== '') {
    throw new Problem(`the format \`${format.type}\` takes an integer, and got a float`);
  }
  const text =
    format.type === '' && isFloat && format.precision === undefined
      ? withSign(floatText(number), format.sign)
      : formatNumber(number, { ...format, type: format.type === '' ? (isFloat ? 'g' : 'd') : format.type });
  return group === '' ? text : grouped(text, group);
}

function withSign(text: string, sign: string): string {
  return text.startsWith('-') || sign === '' || sign === '-' ? text : sign + text;
}

function aligned(text: string, width: number, fill: string, align: string): string {
  checkText(width);
  const missing = Math.max(0, width - lengthOf(text));
  switch (align) {
    case '<':
      return text + fill.repeat(missing);
    case '^':
      return fill.repeat(Math.floor(missing / 2)) + text + fill.repeat(Math.ceil(missing / 2));
    case '=': {
      const lead = /^[-+ ]?(?:0[xXob])?/.exec(text)?.[0] ?? '';
      return lead + fill.repeat(missing) + text.slice(lead.length);
    }
    default:
      return fill.repeat(missing) + text;
  }
}
