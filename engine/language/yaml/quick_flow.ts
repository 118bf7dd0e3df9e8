import type { YamlEntry, YamlNode } from '../yaml.ts';
import { type Cursor, DEPTH_LIMIT, giveUp, isLineOver, SPACE, toContent } from './cursor.ts';
import { readFlowScalar } from './quick_scalar.ts';

/** `[a, b]` or `{a: b}`, over several lines if these are indented deeper than the parent. */
export function readFlow(cursor: Cursor, parent: number): YamlNode {
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
