import { isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair, parseAllDocuments } from 'yaml';
import { type Diagnostic, error, fail, ok, type Result, type Source, type Span } from './diagnostics.ts';
import type { TextPlace } from './expressions/compile.ts';
import { resolvePlain, resolveTagged, type YamlValue } from './yaml_core.ts';
import { explainYamlError, findControlCharacter, UNQUOTED_TEMPLATE, unquotedTemplate } from './yaml_errors.ts';

/**
 * YAML as data with places, read as PyYAML (YAML 1.1) reads it for Ansible. Differences, all of them cases that
 * nobody means: sexagesimal numbers (`22:22`, a port map or a time) and dates stay strings, integers too large
 * for a double stay strings, duplicate keys are errors.
 */
export type YamlNode = YamlScalar | YamlList | YamlMap;

export interface YamlScalar {
  readonly kind: 'scalar';
  readonly value: YamlValue;
  /** The scalar as text, before YAML gave it a type: `0644`, `yes`; for quoted and block scalars the value. */
  readonly text: string;
  readonly style: 'plain' | 'single' | 'double' | 'block';
  /** `!unsafe`: a string that is never a template. */
  readonly tag?: '!unsafe';
  readonly span: Span;
  /** Where its characters stand, for a part of another scalar; otherwise span and style tell. */
  readonly place?: TextPlace;
}

export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
  readonly span: Span;
}

export interface YamlMap {
  readonly kind: 'map';
  readonly entries: readonly YamlEntry[];
  readonly span: Span;
}

export interface YamlEntry {
  /** As written: `yes: 1` has the key `yes`. */
  readonly key: string;
  readonly keySpan: Span;
  readonly value: YamlNode;
}

/** Nodes that aliases may add to a document; a file that expands further is an attack or a mistake. */
const EXPANSION_LIMIT = 100_000;
const DEPTH_LIMIT = 128;

/** An empty file is a null scalar. Never throws, whatever the text. */
export function parseYaml(source: Source): Result<YamlNode> {
  if (source.text.startsWith('$ANSIBLE_VAULT;')) {
    return fail(vaultError(span(source, 0, source.text.indexOf('\n') + 1 || source.text.length), 'this file'));
  }
  const control = findControlCharacter(source);
  if (control !== undefined) return fail(control);
  try {
    return parse(source);
  } catch (thrown) {
    // The parser recurses: text such as ten thousand `[` exhausts the stack.
    if (thrown instanceof RangeError) return fail(error('yaml', 'this YAML is nested too deeply', span(source, 0, 0)));
    throw thrown;
  }
}

function parse(source: Source): Result<YamlNode> {
  // The failsafe schema keeps every scalar a string: its type is found here, by YAML 1.1's rules.
  const documents = parseAllDocuments(source.text, {
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [document, second] = documents as readonly (typeof documents)[number][];
  if (document === undefined) return ok(nullAt(source, 0));
  const errors = documents.flatMap((each) => each.errors);
  if (errors.length === 0 && second !== undefined) return fail(secondDocument(source, second.range[0]));
  const reader = newReader(source);
  const node = readNode(reader, document.contents, 0, 0);
  if (errors.length > 0) {
    // Of a broken document only this can be told for certain.
    const templates = reader.diagnostics.filter(({ message }) => message === UNQUOTED_TEMPLATE);
    return fail(...explainYamlError(source, errors, document), ...templates);
  }
  return reader.diagnostics.length > 0 ? fail(...reader.diagnostics) : ok(node);
}

function secondDocument(source: Source, offset: number): Diagnostic {
  const start = Math.max(0, source.text.lastIndexOf('---', offset));
  return error(
    'yaml',
    'a file holds one YAML document, and a second one starts here',
    span(source, start, start + 3),
    'Put it into a file of its own.',
  );
}

interface Reader {
  readonly source: Source;
  readonly diagnostics: Diagnostic[];
  /** `undefined` while the anchored node is still being read. */
  readonly anchors: Map<string, { readonly node: YamlNode; readonly weight: number } | undefined>;
  /** Nodes read so far, those behind aliases counted each time. */
  weight: number;
  expanded: number;
  unsafe: boolean;
}

function newReader(source: Source): Reader {
  return { source, diagnostics: [], anchors: new Map(), weight: 0, expanded: 0, unsafe: false };
}

function readNode(reader: Reader, node: unknown, offset: number, depth: number): YamlNode {
  if (isAlias(node)) return readAlias(reader, node.source, rangeOf(reader, node, offset));
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return nullAt(reader.source, offset);
  const place = rangeOf(reader, node, offset);
  if (depth > DEPTH_LIMIT) {
    reader.diagnostics.push(error('yaml', `this is nested more than ${DEPTH_LIMIT} levels deep`, place));
    return nullAt(reader.source, place.start);
  }
  const { anchor } = node;
  if (anchor !== undefined) reader.anchors.set(anchor, undefined);
  const before = reader.weight;
  const outside = reader.unsafe;
  reader.unsafe ||= node.tag === '!unsafe';
  const read = readContent(reader, node, place, depth);
  reader.unsafe = outside;
  if (anchor !== undefined) reader.anchors.set(anchor, { node: read, weight: reader.weight - before });
  return read;
}

function readContent(reader: Reader, node: Node, place: Span, depth: number): YamlNode {
  reader.weight += 1;
  if (isScalar(node)) return readScalar(reader, node, place);
  checkCollectionTag(reader, node, place);
  if (isSeq(node)) {
    const items = node.items.map((item) => readNode(reader, item, place.start, depth + 1));
    return { kind: 'list', items, span: place };
  }
  const template = unquotedTemplate(place);
  if (template !== undefined) {
    reader.diagnostics.push(template);
    return nullAt(reader.source, place.start);
  }
  return isMap(node) ? { kind: 'map', entries: readEntries(reader, node.items, place, depth), span: place } : bug(node);
}

const STYLES = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'block',
  BLOCK_FOLDED: 'block',
} as const;

type ScalarNode = { readonly value: unknown; readonly type?: string | undefined; readonly tag?: string | undefined };

function readScalar(reader: Reader, node: ScalarNode, place: Span): YamlScalar {
  const text = typeof node.value === 'string' ? node.value : '';
  const style = STYLES[node.type as keyof typeof STYLES] ?? 'plain';
  if (reader.unsafe) return { kind: 'scalar', value: text, text, style, tag: '!unsafe', span: place };
  if (node.tag === undefined || node.tag === '!') {
    const value = style === 'plain' && node.tag === undefined ? resolvePlain(text) : text;
    return { kind: 'scalar', value, text, style, span: place };
  }
  if (node.tag === '!vault' || node.tag === '!vault-encrypted') {
    reader.diagnostics.push(vaultError(tagSpan(place, '!vault'), 'this value'));
    return { kind: 'scalar', value: null, text, style, span: place };
  }
  const value = resolveTagged(node.tag, text);
  if (value === undefined) reader.diagnostics.push(tagError(node.tag, text, place));
  return { kind: 'scalar', value: value ?? null, text, style, span: place };
}

function checkCollectionTag(reader: Reader, node: Node & { tag?: string }, place: Span): void {
  const expected = isSeq(node) ? 'tag:yaml.org,2002:seq' : 'tag:yaml.org,2002:map';
  if (node.tag === undefined || node.tag === '!' || node.tag === '!unsafe' || node.tag === expected) return;
  reader.diagnostics.push(tagError(node.tag, '', place));
}

function readEntries(reader: Reader, pairs: readonly unknown[], place: Span, depth: number): readonly YamlEntry[] {
  const own = new Map<string, YamlEntry>();
  const merged = new Map<string, YamlEntry>();
  for (const pair of pairs) {
    if (!isPair(pair)) continue;
    const key = readKey(reader, pair, place);
    if (key === undefined) continue;
    const value = readNode(reader, pair.value, key.span.end, depth + 1);
    if (key.merge) merge(reader, merged, value);
    else addEntry(reader, own, { key: key.text, keySpan: key.span, value });
  }
  if (merged.size === 0) return [...own.values()];
  // PyYAML puts merged keys first; a key of the map's own takes the place of a merged one.
  for (const [key, entry] of own) merged.set(key, entry);
  return [...merged.values()];
}

function addEntry(reader: Reader, entries: Map<string, YamlEntry>, entry: YamlEntry): void {
  const first = entries.get(entry.key);
  if (first === undefined) {
    entries.set(entry.key, entry);
    return;
  }
  const line = reader.source.text.slice(0, first.keySpan.start).split('\n').length;
  reader.diagnostics.push(
    error(
      'yaml',
      `\`${entry.key}\` is given twice in one map`,
      entry.keySpan,
      `It is given first in line ${line}; remove one of the two.`,
    ),
  );
}

interface Key {
  readonly text: string;
  readonly span: Span;
  readonly merge: boolean;
}

function readKey(reader: Reader, pair: Pair, place: Span): Key | undefined {
  const node = isAlias(pair.key) ? readNode(reader, pair.key, place.start, 0) : undefined;
  const keySpan = rangeOf(reader, pair.key, place.start);
  if (node?.kind === 'scalar') return { text: node.text, span: keySpan, merge: false };
  if (isScalar(pair.key) && typeof pair.key.value === 'string') {
    const { value, type } = pair.key;
    if (value !== '' || type !== 'PLAIN') {
      return { text: value, span: keySpan, merge: value === '<<' && type === 'PLAIN' };
    }
  }
  const template = unquotedTemplate(keySpan);
  reader.diagnostics.push(template ?? error('yaml', 'the key of a map must be a text', keySpan));
  return undefined;
}

function merge(reader: Reader, merged: Map<string, YamlEntry>, value: YamlNode): void {
  const sources = value.kind === 'list' ? value.items : [value];
  for (const source of sources) {
    if (source.kind !== 'map') {
      reader.diagnostics.push(
        error('yaml', '`<<` merges a map or a list of maps into this one', source.span, 'Write `<<: *anchor`.'),
      );
      continue;
    }
    for (const entry of source.entries) if (!merged.has(entry.key)) merged.set(entry.key, entry);
  }
}

function readAlias(reader: Reader, name: string, place: Span): YamlNode {
  const refuse = (message: string, hint?: string): YamlNode => {
    reader.diagnostics.push(error('yaml', message, place, hint));
    return nullAt(reader.source, place.start);
  };
  if (!reader.anchors.has(name)) {
    return refuse(
      `there is no anchor \`&${name}\` above for \`*${name}\` to repeat`,
      'A text that starts with `*` must stand in quotes.',
    );
  }
  const anchored = reader.anchors.get(name);
  if (anchored === undefined) return refuse(`\`*${name}\` repeats a value that it is itself a part of`);
  reader.weight += anchored.weight;
  reader.expanded += anchored.weight;
  if (reader.expanded > EXPANSION_LIMIT) {
    return refuse(`the aliases of this file repeat more than ${EXPANSION_LIMIT} values`);
  }
  return anchored.node;
}

function vaultError(place: Span, what: string): Diagnostic {
  return error(
    'yaml',
    `${what} is encrypted with ansible-vault, which this version cannot open`,
    place,
    'Decrypt it into a file that only you can read and pass that with `--extra-vars @FILE`.',
  );
}

function tagError(tag: string, text: string, place: Span): Diagnostic {
  const short = tag.replace('tag:yaml.org,2002:', '!!');
  if (/^!!(int|float|bool|null)$/.test(short)) {
    return error('yaml', `\`${text}\` is not ${short === '!!int' ? 'an' : 'a'} ${short.slice(2)}`, place);
  }
  return error(
    'yaml',
    `the tag \`${short}\` is not known`,
    tagSpan(place, short),
    'A text that starts with `!` must stand in quotes; known tags are !unsafe, !!str, !!int, !!float, !!bool, !!null.',
  );
}

/** The tag in front of a value, which the parser's nodes do not tell the place of. */
function tagSpan(place: Span, tag: string): Span {
  const start = place.source.text.lastIndexOf(tag, place.start);
  return start === -1 ? place : span(place.source, start, start + tag.length);
}

function rangeOf(reader: Reader, node: unknown, offset: number): Span {
  const range = (node as { range?: readonly [number, number, number] | null } | null)?.range;
  if (range === null || range === undefined) return span(reader.source, offset, offset);
  return span(reader.source, range[0], trimEnd(reader.source.text, range[0], range[1]));
}

/** Block collections and block scalars reach to the start of the next line; nobody wants a caret there. */
function trimEnd(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && /\s/.test(text.charAt(last - 1))) last -= 1;
  return last;
}

function nullAt(source: Source, offset: number): YamlScalar {
  return { kind: 'scalar', value: null, text: '', style: 'plain', span: span(source, offset, offset) };
}

function span(source: Source, start: number, end: number): Span {
  return { source, start, end };
}

function bug(node: Node): never {
  throw new Error(`not a YAML node: ${String(node)}`);
}
