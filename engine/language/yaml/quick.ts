import type { Source, Span } from '../diagnostics.ts';
import type { YamlEntry, YamlNode, YamlScalar } from '../yaml.ts';
import { readBlockScalar } from './block_scalar.ts';
import { type Cursor, DEPTH_LIMIT, giveUp, isGap, isLineOver, NEWLINE, orGiveUp, SPACE, toContent } from './cursor.ts';
import { readFlow } from './quick_flow.ts';
import { PLAIN_START, plain, plainEnd, readQuoted, readScalar } from './quick_scalar.ts';
import { endOfDouble, endOfSingle } from './quoted.ts';

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
  const cursor: Cursor = { source, text, at: 0, line: 0, column: 0, depth: 0 };
  return orGiveUp(() => {
    toContent(cursor);
    if (cursor.column === 0 && text.startsWith('---\n', cursor.at)) {
      cursor.at += 3;
      toContent(cursor);
    }
    if (cursor.at >= text.length) return nullAt(source, text.length === 0 ? 0 : giveUp());
    // A second document.
    if (text.indexOf('\n---', cursor.at) !== -1 || text.startsWith('---', cursor.at)) giveUp();
    const node = readBlock(cursor, -1);
    return cursor.at >= text.length ? node : undefined;
  });
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

function readKey(cursor: Cursor): YamlScalar {
  const { text, at } = cursor;
  const first = text.charAt(at);
  if (first === '"' || first === "'") return readQuoted(cursor, first);
  const { end } = plainEnd(text, at);
  if (!PLAIN_START.test(first) || end - at > 1000) giveUp();
  return plain(cursor, end);
}

function spanTo({ source }: Cursor, start: number, values: readonly YamlNode[]): Span {
  return { source, start, end: values.at(-1)?.span.end ?? start };
}

function nullAt(source: Source, offset: number): YamlScalar {
  return { kind: 'scalar', value: null, text: '', style: 'plain', span: { source, start: offset, end: offset } };
}
