import type { YamlScalar } from '../yaml.ts';
import { resolvePlain } from '../yaml_core.ts';
import { type Cursor, giveUp, HASH, isGap, NEWLINE, SPACE } from './cursor.ts';
import { decodeEscapes, endOfDouble, endOfSingle } from './quoted.ts';

/** What a plain scalar may start with; `-`, `?` and `:` may too where no space follows, which is rare. */
export const PLAIN_START = /[^\s\-?:,[\]{}#&*!|>'"%@`]/;

/** Where a plain scalar of one line ends, and whether a colon that makes it a key ends it. */
export function plainEnd(text: string, start: number): { readonly end: number; readonly colon: boolean } {
  let last = start;
  for (let at = start; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || Number.isNaN(code)) return { end: last, colon: false };
    if (code === 0x3a && isGap(text.charCodeAt(at + 1))) return { end: last, colon: true };
    if (code === HASH && text.charCodeAt(at - 1) === SPACE) return { end: last, colon: false };
    if (code !== SPACE) last = at + 1;
  }
}

export function readScalar(cursor: Cursor): YamlScalar {
  const { text, at } = cursor;
  const first = text.charAt(at);
  if (first === '"' || first === "'") return readQuoted(cursor, first);
  if (!PLAIN_START.test(first) && !(first === '-' && PLAIN_START.test(text.charAt(at + 1)))) giveUp();
  const { end, colon } = plainEnd(text, at);
  return colon ? giveUp() : plain(cursor, end);
}

export function plain(cursor: Cursor, end: number): YamlScalar {
  const text = cursor.text.slice(cursor.at, end);
  const span = { source: cursor.source, start: cursor.at, end };
  cursor.at = end;
  return { kind: 'scalar', value: resolvePlain(text), text, style: 'plain', span };
}

export function readQuoted(cursor: Cursor, quote: '"' | "'"): YamlScalar {
  const { text, at: start, source } = cursor;
  const end = quote === '"' ? endOfDouble(text, start) : endOfSingle(text, start);
  if (end === -1) giveUp();
  const inner = text.slice(start + 1, end - 1);
  const value = quote === '"' ? decodeEscapes(inner) : inner.replaceAll("''", "'");
  if (value === undefined) return giveUp();
  cursor.at = end;
  const style = quote === '"' ? 'double' : 'single';
  return { kind: 'scalar', value, text: value, style, span: { source, start, end } };
}

export function readFlowScalar(cursor: Cursor): YamlScalar {
  const { text, at } = cursor;
  const first = text.charAt(at);
  if (first === '"' || first === "'") return readQuoted(cursor, first);
  if (!PLAIN_START.test(first) && !(first === '-' && PLAIN_START.test(text.charAt(at + 1)))) giveUp();
  let end = at;
  for (let next = at; ; next += 1) {
    const character = text.charAt(next);
    if (character === '' || character === '\n' || character === '[' || character === '{') giveUp();
    if (character === ',' || character === ']' || character === '}') break;
    if (character === ':' && /[\s,[\]{}]|^$/.test(text.charAt(next + 1))) break;
    if (character === '#' && text.charCodeAt(next - 1) === SPACE) giveUp();
    if (character !== ' ') end = next + 1;
  }
  return plain(cursor, end);
}
