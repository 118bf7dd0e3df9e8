import type { Node, Pair } from 'yaml';
import { type Diagnostic, error, fail, ok, type Result, type Source, type Span } from '../diagnostics.ts';
import { lineOf } from '../lines.ts';
import type { YamlEntry, YamlNode, YamlScalar } from '../yaml.ts';
import { resolvePlain, resolveTagged } from '../yaml_core.ts';
import { trimEnd } from './characters.ts';
import { findDepth } from './depth.ts';
import { explainYamlError, UNQUOTED_TEMPLATE, unquotedTemplate } from './errors.ts';
import { yamlLibrary } from './library.ts';

/** Nodes that aliases may add to a document; a file that expands further is an attack or a mistake. */
const EXPANSION_LIMIT = 100_000;

/** Reads any YAML, and says what is wrong with it. */
export function readThoroughly(source: Source): Result<YamlNode> {
  const { Parser, Composer } = yamlLibrary();
  const tokens = [...new Parser().parse(source.text)];
  const tooDeep = findDepth(source, tokens);
  if (tooDeep !== undefined) return fail(tooDeep);
  // The failsafe schema keeps every scalar a string: its type is found here, by YAML 1.1's rules.
  const options = { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const;
  const documents = [...new Composer(options).compose(tokens, false, source.text.length)];
  const [document, second] = documents;
  if (document === undefined) return ok(nullAt(source, 0));
  const errors = documents.flatMap((each) => each.errors);
  if (errors.length === 0 && second !== undefined) return fail(secondDocument(source, second.range[0]));
  const reader = newReader(source);
  const node = readNode(reader, document.contents, 0);
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
  readonly library: ReturnType<typeof yamlLibrary>;
  readonly diagnostics: Diagnostic[];
  /** `undefined` while the anchored node is still being read. */
  readonly anchors: Map<string, { readonly node: YamlNode; readonly weight: number } | undefined>;
  /** Nodes read so far, those behind aliases counted each time. */
  weight: number;
  expanded: number;
  unsafe: boolean;
}

function newReader(source: Source): Reader {
  const anchors: Reader['anchors'] = new Map();
  return { source, library: yamlLibrary(), diagnostics: [], anchors, weight: 0, expanded: 0, unsafe: false };
}

function readNode(reader: Reader, node: unknown, offset: number): YamlNode {
  const { isAlias, isScalar, isMap, isSeq } = reader.library;
  if (isAlias(node)) return readAlias(reader, node.source, rangeOf(reader, node, offset));
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return nullAt(reader.source, offset);
  const place = rangeOf(reader, node, offset);
  const { anchor } = node;
  if (anchor !== undefined) reader.anchors.set(anchor, undefined);
  const before = reader.weight;
  const outside = reader.unsafe;
  reader.unsafe ||= node.tag === '!unsafe';
  const read = readContent(reader, node, place);
  reader.unsafe = outside;
  if (anchor !== undefined) reader.anchors.set(anchor, { node: read, weight: reader.weight - before });
  return read;
}

function readContent(reader: Reader, node: Node, place: Span): YamlNode {
  const { isScalar, isMap, isSeq } = reader.library;
  reader.weight += 1;
  if (isScalar(node)) return readScalar(reader, node, place);
  if (!isSeq(node) && !isMap(node)) throw new Error(`not a YAML node: ${String(node)}`);
  checkCollectionTag(reader, node.tag, isSeq(node), place);
  if (isSeq(node)) {
    const items = node.items.map((item) => readNode(reader, item, place.start));
    return { kind: 'list', items, span: node.flow ? place : { ...place, end: items.at(-1)?.span.end ?? place.end } };
  }
  const template = unquotedTemplate(place);
  if (template !== undefined) {
    reader.diagnostics.push(template);
    return nullAt(reader.source, place.start);
  }
  const entries = readEntries(reader, node.items, place);
  return { kind: 'map', entries: entries.all, span: node.flow ? place : { ...place, end: entries.end } };
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
  if (text === '' && style === 'plain' && node.tag === undefined) return nullAt(reader.source, place.start);
  if (reader.unsafe) return { kind: 'scalar', value: text, text, style, tag: '!unsafe', span: place };
  if (node.tag === undefined || node.tag === '!') {
    const value = style === 'plain' && node.tag === undefined ? resolvePlain(text) : text;
    return { kind: 'scalar', value, text, style, span: place };
  }
  if (node.tag === '!vault' || node.tag === '!vault-encrypted') {
    return { kind: 'scalar', value: text, text, style, tag: '!vault', span: place };
  }
  const value = resolveTagged(node.tag, text);
  if (value === undefined) reader.diagnostics.push(tagError(node.tag, text, place));
  return { kind: 'scalar', value: value ?? null, text, style, span: place };
}

function checkCollectionTag(reader: Reader, tag: string | undefined, isList: boolean, place: Span): void {
  const expected = isList ? 'tag:yaml.org,2002:seq' : 'tag:yaml.org,2002:map';
  if (tag === undefined || tag === '!' || tag === '!unsafe' || tag === expected) return;
  reader.diagnostics.push(tagError(tag, '', place));
}

interface Entries {
  readonly all: readonly YamlEntry[];
  /** Where the last value that is written here ends. */
  readonly end: number;
}

function readEntries(reader: Reader, pairs: readonly unknown[], place: Span): Entries {
  const own = new Map<string, YamlEntry>();
  const merged = new Map<string, YamlEntry>();
  let end = place.end;
  for (const pair of pairs) {
    if (!reader.library.isPair(pair)) continue;
    const key = readKey(reader, pair, place);
    if (key === undefined) continue;
    const value = readNode(reader, pair.value, key.span.end);
    end = rangeOf(reader, pair.value, key.span.end).end;
    if (!reader.library.isAlias(pair.value)) end = value.span.end;
    if (key.merge) merge(reader, merged, value);
    else addEntry(reader, own, { key: key.text, keySpan: key.span, value });
  }
  if (merged.size === 0) return { all: [...own.values()], end };
  // PyYAML puts merged keys first; a key of the map's own takes the place of a merged one.
  for (const [key, entry] of own) merged.set(key, entry);
  return { all: [...merged.values()], end };
}

function addEntry(reader: Reader, entries: Map<string, YamlEntry>, entry: YamlEntry): void {
  const first = entries.get(entry.key);
  if (first === undefined) {
    entries.set(entry.key, entry);
    return;
  }
  const line = lineOf(first.keySpan);
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
  const { isAlias, isScalar } = reader.library;
  const node = isAlias(pair.key) ? readNode(reader, pair.key, place.start) : undefined;
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

function tagError(tag: string, text: string, place: Span): Diagnostic {
  const short = tag.replace('tag:yaml.org,2002:', '!!');
  if (/^!!(int|float|bool|null)$/.test(short)) {
    return error('yaml', `\`${text}\` is not ${short === '!!int' ? 'an' : 'a'} ${short.slice(2)}`, place);
  }
  return error(
    'yaml',
    `the tag \`${short}\` is not known`,
    tagSpan(place, short),
    'A text that starts with `!` must stand in quotes; known tags are !vault, !unsafe, !!str, !!int, !!float, !!bool, !!null.',
  );
}

/** The tag in front of a value, which the parser's nodes do not tell the place of. */
function tagSpan(place: Span, tag: string): Span {
  const start = place.source.text.lastIndexOf(tag, place.start);
  return start === -1 ? place : span(place.source, start, start + tag.length);
}

/** Without the white space behind it: block scalars reach to the start of the next line. */
function rangeOf(reader: Reader, node: unknown, offset: number): Span {
  const range = (node as { range?: readonly [number, number, number] | null } | null)?.range;
  if (range === null || range === undefined) return span(reader.source, offset, offset);
  return span(reader.source, range[0], trimEnd(reader.source.text, range[0], range[1]));
}

/** What is not there stands directly behind what it is the value of. */
function nullAt(source: Source, offset: number): YamlScalar {
  let at = offset;
  while (source.text.charAt(at - 1) === ' ') at -= 1;
  return { kind: 'scalar', value: null, text: '', style: 'plain', span: span(source, at, at) };
}

function span(source: Source, start: number, end: number): Span {
  return { source, start, end };
}
