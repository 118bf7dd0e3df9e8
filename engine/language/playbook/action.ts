import { canonicalNames } from '../arguments/coerce.ts';
import { prepareArguments, type TemplatedMap } from '../arguments/prepare.ts';
import { type Diagnostic, error, type Span } from '../diagnostics.ts';
import type { ModuleSpec, ParamProperty } from '../module_spec.ts';
import type { Templated, TemplatedEntry } from '../templated.ts';
import { encrypted, toCondition, toTemplated } from '../templates.ts';
import type { YamlEntry, YamlNode, YamlScalar } from '../yaml.ts';
import { defined, isNull, take } from './fields.ts';
import { readFreeForm } from './free_form.ts';
import type { Reading } from './reading.ts';

/** A module and its arguments, in whichever of Ansible's forms they were written (parsing/mod_args.py). */
export interface Call {
  readonly module: ModuleSpec;
  readonly moduleSpan: Span;
  readonly args: TemplatedMap;
}

const COMMANDS = new Set(['command', 'shell', 'raw', 'script']);

/**
 * `value` is what stands under the module's name; `args` the task's keyword of that name, which it overrides.
 * `hasStray`: some of the parameters stand beside the module, and have been reported.
 */
export function readCall(
  reading: Reading,
  module: ModuleSpec,
  moduleSpan: Span,
  value: YamlNode,
  args: YamlEntry | undefined,
  hasStray: boolean,
): Call {
  const before = reading.problems.length;
  const own = readArguments(reading, module, value);
  const further = args === undefined ? [] : readArgsKeyword(reading, args);
  const names = canonicalNames(module.schema.properties);
  const canonical = (key: string) => names.get(key) ?? key;
  const taken = new Set(own.map(({ key }) => canonical(key)));
  const entries = [...further.filter(({ key }) => !taken.has(canonical(key))), ...own];
  const span = isNull(value) ? moduleSpan : value.span;
  const templated = entries.map((entry) => toArgument(reading, module, canonical(entry.key), entry));
  const prepared = prepareArguments(module, { kind: 'map', entries: templated, span }, moduleSpan, {
    ...defined({ validators: reading.validators }),
    // What could not be read may well have been what seems to be missing.
    partial: hasStray || reading.defaults === 'unknown' || reading.problems.length > before,
    fromDefaults: reading.defaults === 'unknown' ? new Set() : (reading.defaults.get(module.name) ?? new Set()),
    locate: (path) => locate(entries, canonical, path),
  });
  reading.problems.push(...prepared.diagnostics);
  return { module, moduleSpan, args: prepared.args };
}

function locate(
  entries: readonly YamlEntry[],
  canonical: (key: string) => string,
  [name, ...rest]: readonly (string | number)[],
): Span | undefined {
  let node = entries.find(({ key }) => canonical(key) === name)?.value;
  let span = node?.span;
  for (const step of rest) {
    if (node?.kind === 'map') node = node.entries.find(({ key }) => key === step)?.value;
    else if (node?.kind === 'list') node = node.items[Number(step)];
    else break;
    span = node?.span ?? span;
  }
  return span;
}

function readArguments(reading: Reading, module: ModuleSpec, value: YamlNode): readonly YamlEntry[] {
  if (isNull(value)) return [];
  if (value.kind === 'map') return value.entries;
  if (value.kind === 'list') {
    reading.problems.push(
      error('parameter', `\`${module.name}\` expects a map of parameters, not a list`, value.span, exampleHint(module)),
    );
    return [];
  }
  return readText(reading, module, value);
}

function readText(reading: Reading, module: ModuleSpec, scalar: YamlScalar): readonly YamlEntry[] {
  if (scalar.tag === '!vault') {
    if (module.freeForm !== undefined) return [{ key: module.freeForm, keySpan: scalar.span, value: scalar }];
    reading.problems.push(encrypted(module.name, scalar.span));
    return [];
  }
  const read = readFreeForm(scalar, COMMANDS.has(module.name));
  reading.problems.push(...read.problems);
  if (read.rest === undefined) return read.options;
  if (module.freeForm !== undefined) {
    return [...read.options, { key: module.freeForm, keySpan: read.rest.span, value: read.rest }];
  }
  reading.problems.push(notPairs(module, read.rest));
  return read.options;
}

function notPairs(module: ModuleSpec, rest: YamlScalar): Diagnostic {
  if (/^\{\{.*\}\}$/s.test(rest.text.trim())) {
    return error(
      'parameter',
      `\`${module.name}\` expects its parameters written out, not a variable that holds them all`,
      rest.span,
      exampleHint(module),
    );
  }
  return error('parameter', `\`${module.name}\` expects parameters, not a text`, rest.span, exampleHint(module));
}

function exampleHint(module: ModuleSpec): string {
  const { required, properties } = module.schema;
  const first = required?.[0] ?? Object.keys(properties)[0];
  return first === undefined
    ? `Write \`${module.name}:\` alone: it has no parameters.`
    : `Write a map below it, such as \`${first}: ...\`.`;
}

function readArgsKeyword(reading: Reading, { value, keySpan }: YamlEntry): readonly YamlEntry[] {
  if (isNull(value)) return [];
  if (value.kind === 'map') return value.entries;
  reading.problems.push(
    error(
      'type',
      '`args` expects a map of parameters',
      value.kind === 'scalar' ? value.span : keySpan,
      'Write them out.',
    ),
  );
  return [];
}

/** A bare expression is compiled to be checked, and given to the module as text: it is not rendered with the rest. */
function toArgument(reading: Reading, module: ModuleSpec, name: string, entry: YamlEntry): TemplatedEntry {
  const { properties } = module.schema;
  const property: ParamProperty | undefined = Object.hasOwn(properties, name) ? properties[name] : undefined;
  const { key, keySpan, value } = entry;
  const templated = property?.format === 'expression' ? toExpressions(reading, name, value) : toTemplated(value);
  if ('kind' in templated) return { key, keySpan, value: templated };
  return { key, keySpan, value: take(reading.problems, templated) ?? { kind: 'literal', value: '', span: value.span } };
}

function toExpressions(reading: Reading, name: string, node: YamlNode): Templated {
  const read = (each: YamlNode) => take(reading.problems, toCondition(each, name))?.text ?? '';
  const value = node.kind === 'list' ? node.items.map(read) : isNull(node) ? null : read(node);
  return { kind: 'literal', value, span: node.span };
}
