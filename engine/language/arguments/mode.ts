import type { Value } from '../values.ts';

/** Ansible's `_symbolic_mode_to_octal` (module_utils/basic.py): `u=rw,g=r,o=`, `a+X`, `u+x-s`. */
const CLAUSE = '[ugoa]*(?:[-+=][rwxXstugo]*)+';
const SYMBOLIC = new RegExp(`^${CLAUSE}(?:,${CLAUSE})*$`);
const OCTAL = /^(?:0o)?[0-7]{1,5}$/;

export type ModeResult = { readonly mode: string } | { readonly message: string; readonly hint: string };

/** A mode as octal digits or symbolic. `raw` is the scalar as written, where it was written in place. */
export function readMode(value: Value, raw: string | undefined): ModeResult {
  if (typeof value === 'number') return readNumber(value, raw);
  const text = typeof value === 'string' ? value.trim() : '';
  const digits = text.replace('0o', '0');
  if (OCTAL.test(text) && Number.parseInt(digits, 8) <= 0o7777) return { mode: digits };
  // `copy` and `template` take it for the mode of their source; others refuse it themselves.
  if (SYMBOLIC.test(text) || text === 'preserve') return { mode: text };
  const listed = fromListing(text);
  return {
    message: 'expects a mode: octal digits such as "0644", or symbols such as u=rwX,g=rX,o=',
    hint: listed === undefined ? howTo(value, text) : `Write "${listed}".`,
  };
}

function howTo(value: Value, text: string): string {
  if (typeof value !== 'string') return 'Write it in quotes.';
  if (/^\d+$/.test(text)) return 'Octal digits are 0 to 7, and a mode has four of them at most.';
  return 'A symbolic mode is letters of `ugoa`, then `+`, `-` or `=`, then letters of `rwxXst`; commas join several.';
}

/** `rw-r--r--`, as ls shows it. */
function fromListing(text: string): string | undefined {
  const letters = /^[-dl]?([r-][w-][x-][r-][w-][x-][r-][w-][x-])$/.exec(text)?.[1];
  if (letters === undefined) return undefined;
  const bits = [...letters].reduce((sum, letter) => sum * 2 + (letter === '-' ? 0 : 1), 0);
  return bits.toString(8).padStart(4, '0');
}

function readNumber(value: number, raw: string | undefined): ModeResult {
  // `mode: 0644` is octal to YAML 1.1 and thus to Ansible: what was meant is what was read.
  if (raw !== undefined && /^0[0-7]{1,5}$/.test(raw)) return { mode: raw };
  const digits = String(value);
  const looksOctal = /^[0-7]{3,4}$/.test(digits);
  const read =
    Number.isInteger(value) && value >= 0 && value <= 0o7777 ? value.toString(8).padStart(4, '0') : undefined;
  const message = `is the number ${raw ?? digits}, which YAML does not read as octal`;
  if (raw !== undefined && looksOctal) return { message, hint: `Write "${digits.padStart(4, '0')}", in quotes.` };
  if (looksOctal && read !== undefined) {
    const hint = `Write it in quotes where it is defined: "${digits.padStart(4, '0')}", or "${read}" if that was meant.`;
    return { message: `is the number ${digits}, and a mode must be a text`, hint };
  }
  return {
    message: read === undefined ? message : `is the number ${digits}, and a mode must be a text`,
    hint: `Write it in quotes where it is defined: "${read ?? '0644'}".`,
  };
}
