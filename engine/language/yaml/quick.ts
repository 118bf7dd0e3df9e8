import type { Source, Span } from '../diagnostics.ts';
import type { YamlEntry, YamlNode, YamlScalar } from '../yaml.ts';
import { resolvePlain } from '../yaml_core.ts';
import { readBlockScalar } from './block_scalar.ts';
import { decodeEscapes, endOfDouble, endOfSingle } from './quoted.ts';

/**
 * Reads the YAML that people write: block maps and lists, flow collections, texts of one line and block texts.
 * `undefined` where there is anything else (anchors, tags, texts over several lines, and every mistake): the
 * thorough reader then takes over, and reads what this one reads to the same nodes. It is there because the `yaml`
 * package needs 40 ms for loading and for its first 3 KB, a tenth of what a whole run on a host takes.
 */
export function readQuickly(source: Source): YamlNode | undefined {
  const { text } = source;
  // Tabs, carriage returns, directives and document ends are somebody else's trouble.
  if (/[\t\r\u0085\u2028\u2029\ufeff]|^(?:%|\.\.\.|---[^\n])/m.test(text)) return undefined;
  const begin = /^(?:[ ]*(?:#[^\n]*)?\n)*---\n/.exec(text)?.[0].length ?? 0;
  if (text.indexOf('\n---', begin) !== -1 || text.startsWith('---', begin)) return undefined;
  const cursor: Cursor = { source, text, at: begin, line: begin, column: 0, depth: 0 };
  try {
    toContent(cursor);
    if (cursor.at >= text.length) return nullAt(source, text.length === 0 ? 0 : giveUp());
    const node = readBlock(cursor, -1);
    return cursor.at >= text.length ? node : undefined;
  } catch (thrown) {
    if (thrown === GIVE_UP) return undefined;
    throw thrown;
  }
}

/** How the reader stops in the middle of anything; it never leaves this file. */
const GIVE_UP = Symbol('left to the thorough reader');

function giveUp(): never {
  throw GIVE_UP;
}

interface Cursor {
  readonly source: Source;
  readonly text: string;
  at: number;
  /** Where the line of `at` starts. */
  line: number;
  /** Of the content that `toContent` has found. */
  column: number;
  depth: number;
}

const DEPTH_LIMIT = 100;

/** From behind a value, or the start of a line, to the next content; over the rest of the line, blanks and comments. */
function toContent(cursor: Cursor): void {
  const { text } = cursor;
  let at = cursor.at;
  for (;;) {
    let next = at;
    while (text.charCodeAt(next) === SPACE) next += 1;
    const code = text.charCodeAt(next);
    if (code === HASH) {
      if (next === at && next > 0 && text.charCodeAt(next - 1) !== NEWLINE) giveUp();
      const end = text.indexOf('\n', next);
      next = end === -1 ? text.length : end;
    }
    if (next >= text.length) {
      cursor.at = text.length;
      cursor.column = -1;
      return;
    }
    if (text.charCodeAt(next) !== NEWLINE) {
      cursor.at = next;
      cursor.column = next - cursor.line;
      return;
    }
    at = next + 1;
    cursor.line = at;
  }
}

const SPACE = 0x20;
const NEWLINE = 0x0a;
const HASH = 0x23;

/** Whether only a comment follows on this line: then a value stands on the next ones, if at all. */
function isLineOver({ text }: Cursor, at: number): boolean {
  let next = at;
  while (text.charCodeAt(next) === SPACE) next += 1;
  const code = text.charCodeAt(next);
  return Number.isNaN(code) || code === NEWLINE || (code === HASH && next > at);
}

/** To the content behind a value; on the same line there may be none. */
function pastLine(cursor: Cursor): void {
  if (!isLineOver(cursor, cursor.at)) giveUp();
  toContent(cursor);
}

/** A node that starts at the cursor, in a column of its own to the right of `parent`'s. */
function readBlock(cursor: Cursor, parent: number): YamlNode {
  const { column } = cursor;
  cursor.depth += 1;
  if (cursor.depth > DEPTH_LIMIT) giveUp();
  const node = isDash(cursor)
    ? readList(cursor, column)
    : isKeyAhead(cursor)
      ? readMap(cursor, column)
      : readInline(cursor, parent);
  cursor.depth -= 1;
  return node;
}

function isDash({ text, at }: Cursor): boolean {
  if (text.charCodeAt(at) !== 0x2d) return false;
  const code = text.charCodeAt(at + 1);
  return code === SPACE || code === NEWLINE || Number.isNaN(code);
}

function readList(cursor: Cursor, column: number): YamlNode {
  const { at: start } = cursor;
  const items: YamlNode[] = [];
  while (cursor.column === column && isDash(cursor)) {
    cursor.at += 1;
    items.push(readItem(cursor, column));
  }
  if (cursor.column > column) giveUp();
  return { kind: 'list', items, span: spanTo(cursor, start, items) };
}

function readItem(cursor: Cursor, column: number): YamlNode {
  const after = cursor.at;
  const sameLine = !isLineOver(cursor, after);
  toContent(cursor);
  if (sameLine || cursor.column > column) return readBlock(cursor, column);
  return nullAt(cursor.source, after);
}

function readMap(cursor: Cursor, column: number): YamlNode {
  const { at: start } = cursor;
  const entries: YamlEntry[] = [];
  const keys = new Set<string>();
  while (cursor.column === column) {
    const entry = readEntry(cursor, column);
    if (keys.has(entry.key) || entry.key === '<<') giveUp();
    keys.add(entry.key);
    entries.push(entry);
  }
  if (cursor.column > column) giveUp();
  return {
    kind: 'map',
    entries,
    span: spanTo(
      cursor,
      start,
      entries.map(({ value }) => value),
    ),
  };
}

function readEntry(cursor: Cursor, column: number): YamlEntry {
  if (!isKeyAhead(cursor)) giveUp();
  const key = readKey(cursor);
  // The colon, of which isKeyAhead has made sure.
  while (cursor.text.charCodeAt(cursor.at) === SPACE) cursor.at += 1;
  cursor.at += 1;
  return { key: key.text, keySpan: key.span, value: readValue(cursor, column) };
}

function readValue(cursor: Cursor, column: number): YamlNode {
  const after = cursor.at;
  const sameLine = !isLineOver(cursor, after);
  toContent(cursor);
  if (sameLine) {
    if (isDash(cursor) || isKeyAhead(cursor)) giveUp();
    return readInline(cursor, column);
  }
  if (cursor.column > column) return readBlock(cursor, column);
  // A list may stand in the column of the key it belongs to.
  if (cursor.column === column && isDash(cursor)) return readList(cursor, column);
  return nullAt(cursor.source, after);
}

/** A scalar or a flow collection, and what follows it on its last line. */
function readInline(cursor: Cursor, parent: number): YamlNode {
  const { text, source } = cursor;
  const first = text.charAt(cursor.at);
  if (first === '|' || first === '>') {
    const read = readBlockScalar(source, cursor.at, parent);
    if (read === undefined) return giveUp();
    cursor.at = read.next;
    cursor.line = read.next;
    toContent(cursor);
    if (cursor.column > parent && cursor.at < text.length) giveUp();
    return read.scalar;
  }
  const node = first === '[' || first === '{' ? readFlow(cursor, parent) : readScalar(cursor);
  pastLine(cursor);
  // A deeper line would go on with the scalar, or is a mistake.
  if (cursor.column > parent && cursor.at < text.length) giveUp();
  return node;
}

/** What a plain scalar may start with; `-`, `?` and `:` may too where no space follows, which is rare. */
const PLAIN_START = /[^\s\-?:,[\]{}#&*!|>'"%@`]/;

/** `key:` on this line: quoted or plain, with a space or the end of the line after the colon. */
function isKeyAhead(cursor: Cursor): boolean {
  const { text, at } = cursor;
  const first = text.charAt(at);
  let end: number;
  if (first === '"' || first === "'") {
    end = first === '"' ? endOfDouble(text, at) : endOfSingle(text, at);
    if (end === -1) giveUp();
    while (text.charCodeAt(end) === SPACE) end += 1;
    return text.charAt(end) === ':' && isGap(text.charCodeAt(end + 1));
  }
  if (first === '[' || first === '{' || first === '|' || first === '>') return false;
  return plainEnd(text, at).colon;
}

function isGap(code: number): boolean {
  return code === SPACE || code === NEWLINE || Number.isNaN(code);
}

/** Where a plain scalar of one line ends, and whether a colon that makes it a key ends it. */
function plainEnd(text: string, start: number): { readonly end: number; readonly colon: boolean } {
  let last = start;
  for (let at = start; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || Number.isNaN(code)) return { end: last, colon: false };
    if (code === 0x3a && isGap(text.charCodeAt(at + 1))) return { end: last, colon: true };
    if (code === HASH && text.charCodeAt(at - 1) === SPACE) return { end: last, colon: false };
    if (code !== SPACE) last = at + 1;
  }
}

function readKey(cursor: Cursor): YamlScalar {
  const { text, at } = cursor;
  const first = text.charAt(at);
  if (first === '"' || first === "'") return readQuoted(cursor, first);
  const { end } = plainEnd(text, at);
  if (!PLAIN_START.test(first) || end - at > 1000) giveUp();
  return plain(cursor, end);
}

function readScalar(cursor: Cursor): YamlScalar {
  const { text, at } = cursor;
  const first = text.charAt(at);
  if (first === '"' || first === "'") return readQuoted(cursor, first);
  if (!PLAIN_START.test(first) && !(first === '-' && PLAIN_START.test(text.charAt(at + 1)))) giveUp();
  const { end, colon } = plainEnd(text, at);
  return colon ? giveUp() : plain(cursor, end);
}

function plain(cursor: Cursor, end: number): YamlScalar {
  const text = cursor.text.slice(cursor.at, end);
  const span = { source: cursor.source, start: cursor.at, end };
  cursor.at = end;
  return { kind: 'scalar', value: resolvePlain(text), text, style: 'plain', span };
}

function readQuoted(cursor: Cursor, quote: '"' | "'"): YamlScalar {
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

/** `[a, b]` or `{a: b}`, over several lines if these are indented deeper than the parent. */
function readFlow(cursor: Cursor, parent: number): YamlNode {
  const { text, at: start, source } = cursor;
  cursor.depth += 1;
  if (cursor.depth > DEPTH_LIMIT) giveUp();
  const isList = text.charAt(start) === '[';
  const closing = isList ? ']' : '}';
  const items: YamlNode[] = [];
  const entries: YamlEntry[] = [];
  const keys = new Set<string>();
  cursor.at += 1;
  for (;;) {
    toFlowContent(cursor, parent);
    if (text.charAt(cursor.at) === closing) break;
    if (isList) items.push(readFlowNode(cursor, parent));
    else {
      const entry = readFlowEntry(cursor, parent);
      if (keys.has(entry.key) || entry.key === '<<') giveUp();
      keys.add(entry.key);
      entries.push(entry);
    }
    toFlowContent(cursor, parent);
    if (text.charAt(cursor.at) === ',') cursor.at += 1;
    else if (text.charAt(cursor.at) !== closing) giveUp();
  }
  cursor.at += 1;
  cursor.depth -= 1;
  const span = { source, start, end: cursor.at };
  return isList ? { kind: 'list', items, span } : { kind: 'map', entries, span };
}

function toFlowContent(cursor: Cursor, parent: number): void {
  if (isLineOver(cursor, cursor.at)) {
    toContent(cursor);
    if (cursor.column <= parent) giveUp();
  } else while (cursor.text.charCodeAt(cursor.at) === SPACE) cursor.at += 1;
}

function readFlowEntry(cursor: Cursor, parent: number): YamlEntry {
  const { text } = cursor;
  const key = readFlowScalar(cursor);
  if (text.charAt(cursor.at) !== ':' || text.charCodeAt(cursor.at + 1) !== SPACE) giveUp();
  cursor.at += 1;
  toFlowContent(cursor, parent);
  return { key: key.text, keySpan: key.span, value: readFlowNode(cursor, parent) };
}

function readFlowNode(cursor: Cursor, parent: number): YamlNode {
  const first = cursor.text.charAt(cursor.at);
  const node = first === '[' || first === '{' ? readFlow(cursor, parent) : readFlowScalar(cursor);
  // A pair in a list, or a collection as a key.
  toFlowContent(cursor, parent);
  if (cursor.text.charAt(cursor.at) === ':') giveUp();
  return node;
}

function readFlowScalar(cursor: Cursor): YamlScalar {
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

function spanTo({ source }: Cursor, start: number, values: readonly YamlNode[]): Span {
  return { source, start, end: values.at(-1)?.span.end ?? start };
}

function nullAt(source: Source, offset: number): YamlScalar {
  return { kind: 'scalar', value: null, text: '', style: 'plain', span: { source, start: offset, end: offset } };
}
