import { error, type Source, type Span, warning } from '../language/diagnostics.ts';
import { splitWords, type Word } from '../language/shlex.ts';
import { didYouMean } from '../language/suggest.ts';
import { addChild, addGroup, addHost, type Draft, setGroupVariable, setVariable } from './draft.ts';
import { expandHostPattern } from './host_range.ts';
import { templatedText } from './ini_value.ts';

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;
const GROUP_NAME = /^([^:\]\s]+)\s*(?:#.*)?$/;
const STATES = ['hosts', 'children', 'vars'] as const;

interface Reader {
  readonly draft: Draft;
  readonly source: Source;
  /** The file, absolute. */
  readonly file: string;
  group: string;
  state: (typeof STATES)[number] | undefined;
  /** Children named before their own section, with the groups that wait for them. */
  readonly awaited: Map<string, { readonly parent: string; readonly span: Span }[]>;
  /** Groups known only by a `[group:vars]` section so far. */
  readonly undeclared: Map<string, Span>;
}

interface Line {
  readonly text: string;
  /** Where the text starts in the file. */
  readonly start: number;
}

/**
 * Reads an INI inventory into the draft as Ansible's `ini` plugin does: `[group]`, `[group:children]`,
 * `[group:vars]`, hosts before the first section are `ungrouped`, values are Python literals where they are valid
 * ones and texts otherwise. Every mistake is a diagnostic of the draft. Never throws.
 */
export function readIni(draft: Draft, source: Source, file: string): void {
  const reader: Reader = {
    draft,
    source,
    file,
    group: 'ungrouped',
    state: 'hosts',
    awaited: new Map(),
    undeclared: new Map(),
  };
  for (const line of linesOf(source.text)) readLine(reader, line);
  for (const [child, waiting] of reader.awaited) {
    for (const { span } of waiting) draft.diagnostics.push(unknownChild(draft, child, span));
  }
  for (const [name, span] of reader.undeclared) {
    const hint = didYouMean(
      name,
      [...draft.groups.keys()].filter((each) => !reader.undeclared.has(each)),
    );
    draft.diagnostics.push(
      error('inventory', `\`[${name}:vars]\` sets variables of a group that is not defined`, span, hint),
    );
  }
}

function* linesOf(text: string): Iterable<Line> {
  let start = 0;
  for (const raw of text.split('\n')) {
    const trimmed = raw.trim();
    if (trimmed !== '' && !/^[;#]/.test(trimmed)) yield { text: trimmed, start: start + raw.indexOf(trimmed) };
    start += raw.length + 1;
  }
}

function readLine(reader: Reader, line: Line): void {
  const section = SECTION.exec(line.text);
  if (section !== null) {
    readSection(reader, line, section[1] as string, section[2] ?? 'hosts');
  } else if (line.text.startsWith('[') && line.text.endsWith(']')) {
    report(reader, line, 'this is not a section: expected `[group]`, `[group:children]` or `[group:vars]`, no blanks');
  } else if (reader.state === 'hosts') {
    readHosts(reader, line);
  } else if (reader.state === 'children') {
    readChild(reader, line);
  } else if (reader.state === 'vars') {
    readVariable(reader, line);
  }
}

function readSection(reader: Reader, line: Line, name: string, kind: string): void {
  const state = STATES.find((each) => each === kind);
  reader.group = name;
  reader.state = state;
  if (state === undefined) {
    report(
      reader,
      line,
      `\`:${kind}\` is no kind of section: expected \`:children\` or \`:vars\``,
      didYouMean(kind, STATES),
    );
    return;
  }
  const known = reader.draft.groups.has(name);
  addGroup(reader.draft, name);
  if (state === 'vars') {
    if (!known && !reader.awaited.has(name)) reader.undeclared.set(name, spanOf(reader, line));
    return;
  }
  reader.undeclared.delete(name);
  for (const { parent, span } of reader.awaited.get(name) ?? []) addChild(reader.draft, parent, name, span);
  reader.awaited.delete(name);
}

function readChild(reader: Reader, line: Line): void {
  const child = GROUP_NAME.exec(line.text)?.[1];
  if (child === undefined) {
    report(reader, line, `expected the name of a group under \`[${reader.group}:children]\``);
    return;
  }
  const span = spanOf(reader, line, 0, child.length);
  if (reader.draft.groups.has(child) && !reader.awaited.has(child)) {
    addChild(reader.draft, reader.group, child, span);
    return;
  }
  const waiting = reader.awaited.get(child) ?? [];
  waiting.push({ parent: reader.group, span });
  reader.awaited.set(child, waiting);
}

function unknownChild(draft: Draft, child: string, span: Span) {
  if (draft.hosts.has(child)) {
    return error(
      'inventory',
      `\`${child}\` is a host, and the children of a group are groups`,
      span,
      'List hosts under `[group]`, without `:children`.',
    );
  }
  const near = didYouMean(child, draft.groups.keys());
  return error('inventory', `there is no group \`${child}\``, span, near ?? `Define it: \`[${child}]\`.`);
}

/** `key = value`: everything behind the `=` is the value. */
function readVariable(reader: Reader, line: Line): void {
  const equals = line.text.indexOf('=');
  const name = line.text.slice(0, equals).trim();
  if (equals < 1 || name === '') {
    report(reader, line, `expected \`name=value\` under \`[${reader.group}:vars]\``);
    return;
  }
  const value = line.text.slice(equals + 1).trim();
  const at = line.text.length - value.length;
  const span = spanOf(reader, line, at);
  const templated = templatedText(reader.draft, value, span);
  if (templated.kind === 'literal' && typeof templated.value === 'string' && /^[^"'].*\s#/.test(value)) {
    const hash = spanOf(reader, line, at + value.search(/\s#/) + 1);
    const message = 'in a `:vars` section this belongs to the value: a comment needs a line of its own';
    reader.draft.diagnostics.push(warning('inventory', message, hash));
  }
  const group = addGroup(reader.draft, reader.group);
  setGroupVariable(reader.draft, group, groupOrigin(reader), name, templated);
}

/** A host or a range of them, then `name=value` words. */
function readHosts(reader: Reader, line: Line): void {
  const split = splitWords(line.text, true);
  if (!split.ok) {
    const at = spanOf(reader, line, split.at, split.at + 1);
    reader.draft.diagnostics.push(
      error('inventory', `this host line has ${split.problem}`, at, 'Quote a value that holds blanks or quotes.'),
    );
    return;
  }
  if (split.cutAt !== undefined) warnCut(reader, line, split.cutAt);
  const [first, ...rest] = split.words;
  if (first === undefined) return;
  const names = readHostNames(reader, line, first);
  const assignments = rest.flatMap((word) => readAssignment(reader, line, word));
  for (const name of names.hosts) {
    const place = { file: reader.file, span: spanOf(reader, line, first.start, first.end) };
    const { host, isNew } = addHost(reader.draft, name, reader.group, place);
    const origin = `${reader.source.path}, host ${name}`;
    if (isNew && names.port !== undefined) {
      setVariable(host, origin, 'ansible_port', { kind: 'literal', value: names.port, span: place.span });
    }
    for (const { key, value } of assignments) setVariable(host, origin, key, value);
  }
}

function readHostNames(reader: Reader, line: Line, word: Word) {
  const span = spanOf(reader, line, word.start, word.end);
  const none = { hosts: [] as readonly string[], port: undefined };
  if (word.text === '---') {
    const hint = 'This looks like YAML: give the file the extension .yml.';
    reader.draft.diagnostics.push(error('inventory', '`---` is no host', span, hint));
    return none;
  }
  if (word.text.includes('=')) {
    const hint = `Variables of a group stand under \`[${reader.group === 'ungrouped' ? 'all' : reader.group}:vars]\`.`;
    reader.draft.diagnostics.push(error('inventory', 'expected a host before its variables', span, hint));
    return none;
  }
  const expanded = expandHostPattern(word.text);
  if (expanded.ok) return { hosts: expanded.names, port: expanded.port };
  reader.draft.diagnostics.push(error('inventory', expanded.problem, span));
  return none;
}

function readAssignment(reader: Reader, line: Line, word: Word) {
  const equals = word.text.indexOf('=');
  const span = spanOf(reader, line, word.start, word.end);
  if (equals < 1) {
    // Not quoted in the message: it may be the second half of a password with a blank in it.
    const message = 'expected `name=value` behind a host';
    const hint = 'One host a line; a value with blanks needs quotes: `name="a b"`.';
    reader.draft.diagnostics.push(error('inventory', message, span, hint));
    return [];
  }
  const raw = line.text.slice(word.start, word.end);
  const at = word.start + raw.indexOf('=') + 1;
  const value = templatedText(reader.draft, word.text.slice(equals + 1), spanOf(reader, line, at, word.end));
  return [{ key: word.text.slice(0, equals), value }];
}

function warnCut(reader: Reader, line: Line, at: number): void {
  const message = 'everything from this `#` on is a comment, though it stands in the middle of a word';
  const hint = 'Quote the value if the `#` belongs to it, or put a blank before the comment.';
  reader.draft.diagnostics.push(warning('inventory', message, spanOf(reader, line, at, at + 1), hint));
}

function report(reader: Reader, line: Line, message: string, hint?: string): void {
  reader.draft.diagnostics.push(error('inventory', message, spanOf(reader, line), hint));
}

function spanOf(reader: Reader, line: Line, from = 0, to = line.text.length): Span {
  return { source: reader.source, start: line.start + from, end: line.start + to };
}

function groupOrigin(reader: Reader): string {
  return `${reader.source.path}, group ${reader.group}`;
}
