import { createHash, getHashes } from 'node:crypto';
import { parseYaml, type YamlNode } from '../yaml.ts';
import type { Bound } from './arguments.ts';
import { dumpJson, type JsonOptions } from './json_dump.ts';
import { readJson } from './json_read.ts';
import { dictOf, isList, numeric, type Operand } from './operand.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import { deep, type Routines } from './routine.ts';
import { dumpYaml } from './yaml_dump.ts';

/** Ansible's filters that read and write formats, and those that hash. */
export const dataFilters: Routines = {
  to_json: deep('**options', (input, args) => dumpJson(input, jsonOptions(args, { sortKeys: false }))),
  to_nice_json: deep('indent? sort_keys? **options', (input, args) =>
    dumpJson(input, jsonOptions(args, { indent: args.value('indent', 4), sortKeys: args.flag('sort_keys', true) })),
  ),
  from_json: deep('', (input) => readJson(textOf(input))),
  to_yaml: deep('**options', (input, args) => dumpYaml(input, yamlOptions(args, 2, undefined))),
  to_nice_yaml: deep('indent? **options', (input, args) =>
    dumpYaml(input, yamlOptions(args, args.integer('indent', 4), false)),
  ),
  from_yaml: deep('', (input) => (typeof input === 'string' ? readYaml(input) : input)),
  b64encode: deep('encoding?', (input, args) => Buffer.from(textOf(input), encodingOf(args)).toString('base64')),
  b64decode: deep('encoding?', (input, args) => decodeBase64(textOf(input), encodingOf(args))),
  hash: deep('hashtype?', (input, args) => digest(textOf(input), args.text('hashtype', 'sha1'))),
  checksum: deep('', (input) => digest(textOf(input), 'sha1')),
  sha1: deep('', (input) => digest(textOf(input), 'sha1')),
  md5: deep('', (input) => digest(textOf(input), 'md5')),
  to_uuid: deep('namespace?', (input, args) =>
    uuid5(textOf(input), args.text('namespace', '361E6D51-FAEC-444A-9079-341386DA8E2E')),
  ),
};

const JSON_NAMES = ['indent', 'sort_keys', 'separators', 'ensure_ascii', 'vault_to_text', 'preprocess_unsafe'];

function jsonOptions(args: Bound, preset: { readonly indent?: Operand; readonly sortKeys: boolean }): JsonOptions {
  checkNames(args, JSON_NAMES);
  const more = (name: string) => args.more.get(name);
  const indent = indentOf(preset.indent ?? more('indent') ?? null);
  const separators = more('separators');
  const [item, key] = isList(separators ?? null)
    ? (separators as readonly Operand[]).map(textOf)
    : [indent === undefined ? ', ' : ',', ': '];
  const sort = more('sort_keys');
  return {
    indent,
    sortKeys: sort === undefined ? preset.sortKeys : sort === true,
    itemSeparator: item ?? ', ',
    keySeparator: key ?? ': ',
    asciiOnly: more('ensure_ascii') !== false,
  };
}

function indentOf(indent: Operand): string | undefined {
  if (indent === null) return undefined;
  if (typeof indent === 'string') return indent;
  const width = numeric(indent);
  if (width === undefined || width > 1000) throw new Problem('`indent` takes a small number or a text');
  return ' '.repeat(Math.max(0, width));
}

function checkNames(args: Bound, names: readonly string[]): void {
  for (const name of args.more.keys()) {
    if (!names.includes(name))
      throw new Problem(`${args.what} has no argument \`${name}\``, { hint: `It takes ${names.join(', ')}.` });
  }
}

function yamlOptions(args: Bound, indent: number, flow: boolean | undefined) {
  checkNames(args, [
    'indent',
    'width',
    'sort_keys',
    'default_flow_style',
    'explicit_start',
    'explicit_end',
    'allow_unicode',
  ]);
  const number = (name: string, otherwise: number) => numeric(args.more.get(name) ?? null) ?? otherwise;
  const flag = (name: string) => args.more.get(name) === true;
  const style = args.more.get('default_flow_style');
  return {
    indent: number('indent', indent),
    width: number('width', 80),
    sortKeys: args.more.get('sort_keys') !== false,
    flow: typeof style === 'boolean' ? style : flow,
    explicitStart: flag('explicit_start'),
    explicitEnd: flag('explicit_end'),
  };
}

function readYaml(text: string): Operand {
  const read = parseYaml({ path: 'from_yaml', text });
  if (read.ok) return fromNode(read.value);
  const [first] = read.diagnostics;
  throw new Problem(`this is no YAML: ${first?.message ?? ''}`, { hint: first?.hint });
}

function fromNode(node: YamlNode): Operand {
  if (node.kind === 'scalar') {
    if (node.tag === '!vault') throw new Problem('`from_yaml` does not open encrypted values');
    return node.value;
  }
  if (node.kind === 'list') return node.items.map(fromNode);
  return dictOf(node.entries.map(({ key, value }) => [key, fromNode(value)] as const));
}

const ENCODINGS: ReadonlyMap<string, BufferEncoding> = new Map([
  ['utf-8', 'utf8'],
  ['utf8', 'utf8'],
  ['ascii', 'latin1'],
  ['latin-1', 'latin1'],
  ['latin1', 'latin1'],
  ['iso-8859-1', 'latin1'],
  ['utf-16-le', 'utf16le'],
  ['utf-16le', 'utf16le'],
]);

function encodingOf(args: Bound): BufferEncoding {
  const name = args.text('encoding', 'utf-8');
  const encoding = ENCODINGS.get(name.toLowerCase());
  if (encoding === undefined)
    throw new Problem(`the encoding \`${name}\` is not known`, { hint: 'Use `utf-8` or `utf-16-le`.' });
  return encoding;
}

function decodeBase64(text: string, encoding: BufferEncoding): string {
  const clean = text.replace(/[^A-Za-z0-9+/=]/g, '');
  if (clean.replace(/=+$/, '').length % 4 === 1 || (clean.length % 4 !== 0 && !clean.endsWith('='))) {
    throw new Problem('this is no Base64: its length is wrong');
  }
  const bytes = Buffer.from(clean, 'base64');
  if (encoding !== 'utf8') return bytes.toString(encoding);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Problem('what this Base64 holds is no text in UTF-8');
  }
}

function digest(text: string, algorithm: string): string {
  if (!getHashes().includes(algorithm)) {
    throw new Problem(`there is no hash \`${algorithm}\``, { hint: 'Common ones are sha256, sha512, sha1 and md5.' });
  }
  return createHash(algorithm).update(text, 'utf8').digest('hex');
}

/** RFC 4122, version 5. */
function uuid5(text: string, namespace: string): string {
  const space = Buffer.from(namespace.replace(/^urn:uuid:|[{}-]/g, ''), 'hex');
  if (space.length !== 16) throw new Problem(`\`${namespace}\` is no UUID`);
  const hash = createHash('sha1').update(space).update(text, 'utf8').digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
