import { error, type Source, type Span } from '../language/diagnostics.ts';
import { didYouMean } from '../language/suggest.ts';
import { toTemplated } from '../language/templates.ts';
import { parseYaml, type YamlEntry, type YamlMap, type YamlNode } from '../language/yaml.ts';
import { addChild, addGroup, addHost, type Draft, setGroupVariable, setVariable } from './draft.ts';
import { expandHostPattern } from './host_range.ts';

const SECTIONS = ['hosts', 'vars', 'children'] as const;

interface Reader {
  readonly draft: Draft;
  readonly source: Source;
  /** The file, absolute. */
  readonly file: string;
}

/**
 * Reads a YAML (or JSON) inventory into the draft as Ansible's `yaml` plugin does: a map of groups, each with
 * `hosts`, `vars` and `children`. What Ansible skips with a warning is an error here. Never throws.
 */
export function readYaml(draft: Draft, source: Source, file: string): void {
  const parsed = parseYaml(source);
  if (!parsed.ok) {
    draft.diagnostics.push(...parsed.diagnostics);
    return;
  }
  const reader: Reader = { draft, source, file };
  const root = parsed.value;
  if (root.kind === 'scalar' && root.value === null) return;
  if (root.kind !== 'map') {
    report(reader, root.span, 'an inventory is a map of groups', rootHint(root));
    return;
  }
  for (const { key, keySpan, value } of root.entries) {
    if (isMisplaced(root, key)) {
      report(reader, keySpan, `\`${key}\` belongs to a group`, 'Put it under `all:`, one level further in.');
    } else if (key === 'plugin') {
      const hint = 'Save what the plugin gives: `ansible-inventory -i FILE --list --yaml > inventory.yml`.';
      report(reader, keySpan, 'inventory plugins are not supported', hint);
      return;
    } else {
      readGroup(reader, key, keySpan, value);
    }
  }
}

function rootHint(root: YamlNode): string {
  return root.kind === 'list'
    ? 'This looks like a playbook; an inventory starts with `all:`.'
    : 'It starts with `all:`; a list of host names is given as `-i host1,host2`.';
}

/** `hosts:` at the top, where nothing says that a group of that name is meant. */
function isMisplaced(root: YamlMap, key: string): boolean {
  return SECTIONS.some((each) => each === key) && !root.entries.some((entry) => entry.key === 'all');
}

function readGroup(reader: Reader, name: string, keySpan: Span, node: YamlNode): boolean {
  if (name === '') {
    report(reader, keySpan, 'a group needs a name');
    return false;
  }
  if (node.kind === 'scalar' && node.value === null) {
    addGroup(reader.draft, name);
    return true;
  }
  if (node.kind !== 'map') {
    report(reader, keySpan, `the group \`${name}\` must be a map`, 'A group has `hosts:`, `vars:` and `children:`.');
    return false;
  }
  addGroup(reader.draft, name);
  for (const entry of node.entries) readSection(reader, name, entry);
  return true;
}

function readSection(reader: Reader, group: string, section: YamlEntry): void {
  const kind = SECTIONS.find((each) => each === section.key);
  if (kind === undefined) {
    const hint = didYouMean(section.key, SECTIONS) ?? sectionHint(section);
    report(reader, section.keySpan, `\`${section.key}\` is no part of a group`, hint);
    return;
  }
  const entries = sectionEntries(reader, group, section);
  if (kind === 'vars') {
    const draft = addGroup(reader.draft, group);
    const origin = `${reader.source.path}, group ${group}`;
    for (const { key, value } of entries) {
      const templated = toTemplated(value);
      if (templated.ok) setGroupVariable(reader.draft, draft, origin, key, templated.value);
      else reader.draft.diagnostics.push(...templated.diagnostics);
    }
  } else if (kind === 'children') {
    for (const { key, keySpan, value } of entries) {
      if (readGroup(reader, key, keySpan, value)) addChild(reader.draft, group, key, keySpan);
    }
  } else {
    for (const entry of entries) readHost(reader, group, entry);
  }
}

function sectionHint(section: YamlEntry): string {
  return section.value.kind === 'map' || section.value.kind === 'list'
    ? `A group has \`hosts:\`, \`vars:\` and \`children:\`; a group in it stands under \`children:\`.`
    : 'A group has `hosts:`, `vars:` and `children:`; a variable stands under `vars:`.';
}

/** A single name may stand without a colon: `hosts: web1`. */
function sectionEntries(reader: Reader, group: string, section: YamlEntry): readonly YamlEntry[] {
  const { key, value: node } = section;
  if (node.kind === 'map') return node.entries;
  if (node.kind === 'scalar' && node.value === null) return [];
  if (node.kind === 'scalar' && typeof node.value === 'string' && key !== 'vars') {
    const nothing = { kind: 'scalar', value: null, text: '', style: 'plain', span: node.span } as const;
    return [{ key: node.text, keySpan: node.span, value: nothing }];
  }
  const hint =
    node.kind === 'list' && key === 'vars'
      ? 'Write `name: value`, without the `-`.'
      : node.kind === 'list'
        ? 'Write `name:` a line, without the `-` and with a colon.'
        : undefined;
  report(reader, node.span, `\`${key}\` of the group \`${group}\` must be a map`, hint);
  return [];
}

function readHost(reader: Reader, group: string, { key, keySpan, value }: YamlEntry): void {
  if (value.kind !== 'map' && !(value.kind === 'scalar' && value.value === null)) {
    const hint = `Variables stand below it, such as \`ansible_host: 192.0.2.1\`.`;
    report(reader, value.span, `the variables of the host \`${key}\` must be a map`, hint);
    return;
  }
  const expanded = expandHostPattern(key);
  if (!expanded.ok || key === '') {
    report(reader, keySpan, expanded.ok ? 'a host needs a name' : expanded.problem);
    return;
  }
  const variables = value.kind === 'map' ? value.entries : [];
  const assignments = variables.flatMap((entry) => {
    const templated = toTemplated(entry.value);
    if (templated.ok) return [{ name: entry.key, templated: templated.value }];
    reader.draft.diagnostics.push(...templated.diagnostics);
    return [];
  });
  for (const name of expanded.names) {
    const { host, isNew } = addHost(reader.draft, name, group, { file: reader.file, span: keySpan });
    const origin = `${reader.source.path}, host ${name}`;
    if (isNew && expanded.port !== undefined) {
      setVariable(host, origin, 'ansible_port', { kind: 'literal', value: expanded.port, span: keySpan });
    }
    for (const { name: variable, templated } of assignments) setVariable(host, origin, variable, templated);
  }
}

function report(reader: Reader, span: Span, message: string, hint?: string): void {
  reader.draft.diagnostics.push(error('inventory', message, span, hint));
}
