import { Float, floatText, Unknown } from '../values.ts';
import { TextBuilder } from './limits.ts';
import { OMIT } from './omit.ts';
import { type Dict, isDict, isList, type Operand, type Thing, typeName, Undefined } from './operand.ts';
import { Problem } from './problem.ts';
import { compareText } from './text.ts';

export interface JsonOptions {
  /** What one level is indented by; `undefined`: all on one line. */
  readonly indent: string | undefined;
  readonly sortKeys: boolean;
  readonly itemSeparator: string;
  readonly keySeparator: string;
  readonly asciiOnly: boolean;
}

/** JSON as Python's json.dumps writes it. */
export function dumpJson(operand: Operand, options: JsonOptions): string {
  const out = new TextBuilder();
  write(operand, options, out, '\n');
  return out.toString();
}

function write(operand: Operand, options: JsonOptions, out: TextBuilder, line: string): void {
  if (isList(operand)) writeItems('[]', operand, (item, inner) => write(item, options, out, inner), options, out, line);
  else if (isDict(operand) && operand !== OMIT) writeDict(operand, options, out, line);
  else out.add(scalar(operand, options));
}

function writeDict(dict: Dict, options: JsonOptions, out: TextBuilder, line: string): void {
  const keys = options.sortKeys ? Object.keys(dict).sort(compareText) : Object.keys(dict);
  const entry = (key: string, inner: string) => {
    out.add(jsonText(key, options.asciiOnly) + options.keySeparator);
    write(dict[key] ?? null, options, out, inner);
  };
  writeItems('{}', keys, entry, options, out, line);
}

/** `line`: a line break and the indentation of the brackets. */
function writeItems<T>(
  brackets: '[]' | '{}',
  items: readonly T[],
  each: (item: T, line: string) => void,
  options: JsonOptions,
  out: TextBuilder,
  line: string,
): void {
  if (items.length === 0) {
    out.add(brackets);
    return;
  }
  const inner = options.indent === undefined ? '' : line + options.indent;
  out.add(brackets.charAt(0));
  items.forEach((item, index) => {
    out.add((index > 0 ? options.itemSeparator : '') + inner);
    each(item, inner);
  });
  if (options.indent !== undefined) out.add(line);
  out.add(brackets.charAt(1));
}

function scalar(operand: Exclude<Operand, readonly Operand[]>, options: JsonOptions): string {
  if (operand === null || typeof operand === 'boolean') return String(operand);
  if (typeof operand === 'string') return jsonText(operand, options.asciiOnly);
  if (operand instanceof Undefined) throw operand.problem();
  if (operand instanceof Unknown) throw new Error('an Unknown was dumped');
  if (typeof operand !== 'number' && !(operand instanceof Float))
    throw new Problem(`a ${typeName(operand as Thing)} has no JSON`);
  const value = operand.valueOf();
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return typeof operand === 'number' && Number.isInteger(operand) ? String(operand) : floatText(value);
}

function jsonText(text: string, asciiOnly: boolean): string {
  // JSON.stringify escapes lone surrogates itself.
  const quoted = JSON.stringify(text);
  if (!asciiOnly) return quoted;
  return quoted.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
