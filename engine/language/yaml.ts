import { error, fail, ok, type Result, type Source, type Span } from './diagnostics.ts';
import type { TextPlace } from './expressions/compile.ts';
import { findControlCharacter } from './yaml/characters.ts';
import { readQuickly } from './yaml/quick.ts';
import { tellTabs } from './yaml/tabs.ts';
import { readThoroughly } from './yaml/thorough.ts';
import type { YamlValue } from './yaml_core.ts';

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
  /** `!unsafe`: a string that is never a template. `!vault`: the text is encrypted. */
  readonly tag?: '!unsafe' | '!vault';
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

/** An empty file is a null scalar. Never throws, whatever the text. */
export function parseYaml(source: Source): Result<YamlNode> {
  if (source.text.startsWith('$ANSIBLE_VAULT;')) {
    const place: Span = { source, start: 0, end: source.text.indexOf('\n') + 1 || source.text.length };
    return fail(error('vault', 'an encrypted file cannot stand here', place));
  }
  const control = findControlCharacter(source);
  if (control !== undefined) return fail(control);
  const quick = readQuickly(source);
  const read = quick === undefined ? readThoroughly(source) : ok(quick);
  if (read.ok && source.sealed) keepValues(read.value, source);
  return quick === undefined && source.text.includes('\t') ? tellTabs(read) : read;
}

/** All that stands in an encrypted file is secret, but for the names and for yes and no. */
function keepValues(node: YamlNode, source: Source): void {
  if (node.kind === 'list') for (const item of node.items) keepValues(item, source);
  else if (node.kind === 'map') for (const { value } of node.entries) keepValues(value, source);
  else if (node.value !== null && typeof node.value !== 'boolean') source.opener?.keep(node.text);
}
