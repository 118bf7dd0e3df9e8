import { formatNumber } from './format_number.ts';
import { checkText, TextBuilder } from './limits.ts';
import { entryOf, isDict, isList, numeric, type Operand, Tuple, typeName } from './operand.ts';
import { reprOf, textOf } from './print.ts';
import { Problem } from './problem.ts';
import { characters, lengthOf } from './text.ts';

const CONVERSION = /%(?:\(([^()]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([a-zA-Z%])?/g;

/** `'%s: %d' % (name, n)` (Python: "printf-style String Formatting"). A map is for `%(name)s`. */
export function formatPercent(format: string, right: Operand): string {
  const next = supply(right);
  const out = new TextBuilder();
  let from = 0;
  for (const match of format.matchAll(CONVERSION)) {
    out.add(format.slice(from, match.index));
    from = match.index + match[0].length;
    out.add(conversion(match, next));
  }
  out.add(format.slice(from));
  next.finish();
  return out.toString();
}

interface Supply {
  readonly take: () => Operand;
  readonly named: (name: string) => Operand;
  readonly finish: () => void;
}

function supply(right: Operand): Supply {
  const values: readonly Operand[] = right instanceof Tuple ? right : [right];
  let used = 0;
  let byName = false;
  return {
    take() {
      if (used >= values.length) throw new Problem('the format has more places than there are values');
      used += 1;
      return values[used - 1] ?? null;
    },
    named(name) {
      byName = true;
      const value = isDict(right) ? entryOf(right, name) : undefined;
      if (value === undefined) throw new Problem(`there is no value \`${name}\` for the format`);
      return value;
    },
    finish() {
      // Lists and maps may be there for `%(name)s`, so Python lets them pass unused.
      const isMapping = isDict(right) || (isList(right) && !(right instanceof Tuple));
      if (used < values.length && !byName && !isMapping) {
        throw new Problem('not all values are used by the format');
      }
    },
  };
}

function conversion(match: RegExpExecArray, values: Supply): string {
  const [whole, name, flags = '', width, precision, type] = match;
  if (type === undefined)
    throw new Problem(`the format ends in the middle of \`${whole}\``, { hint: 'Write `%%` for `%`.' });
  if (type === '%') return '%';
  const size = width === '*' ? starred(values) : Number(width ?? 0);
  const places = precision === '*' ? starred(values) : precision === undefined ? undefined : Number(precision);
  const value = name === undefined ? values.take() : values.named(name);
  const body = converted(value, type, flags, places);
  return pad(body, Math.abs(size), flags.includes('-') || size < 0, flags.includes('0') && !'srac'.includes(type));
}

function starred(values: Supply): number {
  const value = values.take();
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new Problem('`*` in a format takes an integer');
  return value;
}

function converted(value: Operand, type: string, flags: string, precision: number | undefined): string {
  if (type === 's' || type === 'r' || type === 'a') {
    const text = type === 's' ? textOf(value) : reprOf(value);
    return precision === undefined ? text : characters(text).slice(0, precision).join('');
  }
  if (type === 'c') return character(value);
  if (!'diouxXeEfFgG'.includes(type)) throw new Problem(`\`%${type}\` is no format`);
  const number = numeric(value);
  if (number === undefined) throw new Problem(`\`%${type}\` takes a number, and got ${typeName(value)}`);
  if ('xXo'.includes(type) && !Number.isInteger(number)) throw new Problem(`\`%${type}\` takes an integer`);
  const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return formatNumber(number, { type, sign, alternate: flags.includes('#'), precision });
}

function character(value: Operand): string {
  if (typeof value === 'string' && lengthOf(value) === 1) return value;
  if (typeof value === 'number' && value >= 0 && value <= 0x10ffff) return String.fromCodePoint(value);
  throw new Problem('`%c` takes one character or its code');
}

function pad(text: string, width: number, left: boolean, zeros: boolean): string {
  checkText(width);
  const missing = Math.max(0, width - lengthOf(text));
  if (left) return text + ' '.repeat(missing);
  if (!zeros) return ' '.repeat(missing) + text;
  const lead = /^[-+ ]?(?:0[xXoO])?/.exec(text)?.[0] ?? '';
  return lead + '0'.repeat(missing) + text.slice(lead.length);
}
