import { numeric, type Operand } from './operand.ts';
import { strip } from './text.ts';

/** Python's int(text, base); `undefined`: it is none, or there is no such base. */
export function parseInteger(text: string, base = 10): number | undefined {
  if (base < 0 || base === 1 || base > 36) return undefined;
  const match = /^([-+]?)(0[xX]|0[oO]|0[bB])?([0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*)$/.exec(strip(text));
  if (match === null) return undefined;
  const [, sign, prefix = '', body = ''] = match;
  const prefixBase = { '': undefined, '0x': 16, '0o': 8, '0b': 2 }[prefix.toLowerCase()];
  if (prefixBase !== undefined && base !== 0 && base !== prefixBase) {
    return parseDigits(sign, prefix + body, base);
  }
  return parseDigits(sign, body, prefixBase ?? (base === 0 ? 10 : base));
}

function parseDigits(sign: string | undefined, body: string, base: number): number | undefined {
  const digits = body.replaceAll('_', '').toLowerCase();
  let value = 0;
  for (const digit of digits) {
    const worth = Number.parseInt(digit, 36);
    if (Number.isNaN(worth) || worth >= base) return undefined;
    value = value * base + worth;
  }
  return sign === '-' && value !== 0 ? -value : value;
}

/** Python's float(text); `undefined`: it is none. */
export function parseFloating(text: string): number | undefined {
  const trimmed = strip(text).toLowerCase();
  const special = /^([-+]?)(inf|infinity|nan)$/.exec(trimmed);
  if (special !== null) {
    const size = special[2] === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
    return special[1] === '-' ? -size : size;
  }
  if (!/^[-+]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[-+]?\d+)?$/.test(trimmed)) return undefined;
  return Number(trimmed.replaceAll('_', ''));
}

/** What Ansible's `bool` filter makes of a value. */
export function toBoolean(operand: Operand): boolean | null {
  if (operand === null || typeof operand === 'boolean') return operand;
  if (typeof operand === 'string') return ['yes', 'on', '1', 'true'].includes(operand.toLowerCase());
  return numeric(operand) === 1;
}

const YES: ReadonlySet<string> = new Set(['y', 'yes', 'on', '1', 'true', 't']);
const NO: ReadonlySet<string> = new Set(['n', 'no', 'off', '0', 'false', 'f']);

/** Ansible's strict reading of a boolean (module_utils/parsing/convert_bool.py); `undefined`: it reads as none. */
export function readBoolean(operand: Operand): boolean | undefined {
  if (typeof operand === 'boolean') return operand;
  if (typeof operand === 'string') {
    const word = strip(operand).toLowerCase();
    return YES.has(word) ? true : NO.has(word) ? false : undefined;
  }
  const number = numeric(operand);
  return number === 1 ? true : number === 0 ? false : undefined;
}
