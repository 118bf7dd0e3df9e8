import { floatText } from '../values.ts';
import { exponential, fixed, general } from './decimal.ts';
import { Problem } from './problem.ts';

/** What `%d`, `%08.2f` and `{:>8}` ask for. */
export interface NumberFormat {
  readonly type: string;
  /** `+`: always a sign; ` `: a space where there is none. */
  readonly sign: string;
  readonly alternate: boolean;
  readonly precision: number | undefined;
}

/** More than a double has. */
const MOST_PLACES = 1100;

/** The digits of a number, with sign, prefix and precision; not yet padded. */
export function formatNumber(value: number, format: NumberFormat): string {
  if ((format.precision ?? 0) > MOST_PLACES) throw new Problem(`a number has at most ${MOST_PLACES} places`);
  const body = 'dioxXbcu'.includes(format.type) ? integerBody(Math.trunc(value), format) : floatBody(value, format);
  const negative = value < 0 || Object.is(value, -0) ? body.startsWith('-') : false;
  if (negative) return body;
  return (format.sign === '+' || format.sign === ' ' ? format.sign : '') + body;
}

function integerBody(value: number, format: NumberFormat): string {
  if (!Number.isFinite(value)) throw new Problem(`${floatText(value)} is no integer`);
  const base = { o: 8, x: 16, X: 16, b: 2 }[format.type] ?? 10;
  const digits = Math.abs(value)
    .toString(base)
    .padStart(format.precision ?? 0, '0');
  const prefix = format.alternate && base !== 10 ? `0${format.type}` : '';
  const text = prefix + (format.type === 'X' ? digits.toUpperCase() : digits);
  return value < 0 ? `-${text}` : text;
}

function floatBody(value: number, format: NumberFormat): string {
  const lower = format.type.toLowerCase();
  const text = Number.isFinite(value) ? finiteBody(value, lower, format) : floatText(value);
  return format.type === lower ? text : text.toUpperCase();
}

function finiteBody(value: number, type: string, format: NumberFormat): string {
  const precision = format.precision ?? 6;
  switch (type) {
    case 'f':
      return fixed(value, precision) + (format.alternate && precision === 0 ? '.' : '');
    case 'e':
      return exponential(value, precision);
    case 'g':
      return general(value, precision, format.alternate);
    case '%':
      return `${fixed(value * 100, precision)}%`;
    default:
      throw new Problem(`\`${format.type}\` is no format of numbers`);
  }
}

/** `1234567` as `1,234,567`. */
export function grouped(text: string, separator: string): string {
  const [whole = '', ...rest] = text.split(/(?=[.e%])/);
  return whole.replace(/\B(?=(?:\d{3})+$)/g, separator) + rest.join('');
}
