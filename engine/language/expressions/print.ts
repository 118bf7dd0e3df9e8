import { Float, floatText, Unknown } from '../values.ts';
import { TextBuilder } from './limits.ts';
import { OMIT } from './omit.ts';
import { type Dict, isList, type Operand, Thing, Tuple, typeName, Undefined } from './operand.ts';
import { Problem } from './problem.ts';

/** Python's str(): what a value looks like in a text. What holds an Unknown has no text: see `unknownIn`. */
export function textOf(operand: Operand): string {
  if (typeof operand === 'string') return operand;
  return operand instanceof Undefined && operand.lenient ? '' : reprOf(operand);
}

/** Python's repr(): as in a list. */
export function reprOf(operand: Operand): string {
  const out = new TextBuilder();
  write(operand, out);
  return out.toString();
}

function write(operand: Operand, out: TextBuilder): void {
  if (isList(operand)) {
    writeList(operand, out);
  } else if (operand instanceof Float) {
    out.add(operand.toString());
  } else if (typeof operand === 'object' && operand !== null) {
    writeObject(operand as Unknown | Undefined | Thing | Dict, out);
  } else {
    out.add(scalarRepr(operand));
  }
}

function scalarRepr(operand: null | boolean | number | string): string {
  if (operand === null) return 'None';
  if (typeof operand === 'string') return quoted(operand);
  if (typeof operand === 'boolean') return operand ? 'True' : 'False';
  return Number.isInteger(operand) ? String(operand) : floatText(operand);
}

function writeList(list: readonly Operand[], out: TextBuilder): void {
  const isTuple = list instanceof Tuple;
  out.add(isTuple ? '(' : '[');
  list.forEach((item, index) => {
    if (index > 0) out.add(', ');
    write(item, out);
  });
  if (isTuple && list.length === 1) out.add(',');
  out.add(isTuple ? ')' : ']');
}

function writeObject(operand: Unknown | Undefined | Thing | Dict, out: TextBuilder): void {
  if (operand instanceof Undefined) throw operand.problem();
  if (operand instanceof Unknown) throw new Error('an Unknown was printed');
  if (operand === OMIT) throw new Problem('`omit` leaves a whole parameter out, and cannot be a part of a text');
  if (operand instanceof Thing) {
    if (operand.text === undefined) throw new Problem(`a ${typeName(operand)} cannot be printed`);
    out.add(operand.text());
    return;
  }
  out.add('{');
  Object.entries(operand).forEach(([key, value], index) => {
    if (index > 0) out.add(', ');
    out.add(`${quoted(key)}: `);
    write(value, out);
  });
  out.add('}');
}

const PLAIN = /^[ !#-&(-[\]-~]*$/;
/** What str.isprintable denies, and what repr escapes. */
const ESCAPED = /[\\\p{C}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/gu;
const SHORT: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** Python's repr of a string: single quotes unless it holds one and no double quote. */
export function quoted(text: string): string {
  if (PLAIN.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(ESCAPED, (character) => SHORT.get(character) ?? codeEscape(character));
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

function codeEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
