import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Source } from '../../engine/language/diagnostics.ts';
import { compileExpression, compileTemplate, placeAt, renderFile } from '../../engine/language/expressions/compile.ts';
import type { RenderOptions, Scope } from '../../engine/language/templated.ts';
import { plain, Unknown, type Value, type ValueMap } from '../../engine/language/values.ts';
import { parseYaml, type YamlNode } from '../../engine/language/yaml.ts';

/** One case of `test/cases/expressions.yml`. */
export interface ExpressionCase {
  readonly line: number;
  readonly kind: 'expr' | 'template' | 'yaml';
  readonly source: string;
  /** Options of Jinja by their own names. */
  readonly options: ValueMap;
  readonly fails: boolean;
  /** `undefined`: not said. */
  readonly value: Value | undefined;
  readonly text: string | undefined;
}

export interface ExpressionCases {
  readonly vars: ValueMap;
  readonly templates: Readonly<Record<string, string>>;
  readonly cases: readonly ExpressionCase[];
}

export interface Outcome {
  readonly value?: Value;
  readonly text?: string;
  readonly problems?: readonly string[];
}

export function readCases(): ExpressionCases {
  const path = fileURLToPath(new URL('../cases/expressions.yml', import.meta.url));
  const source: Source = { path, text: readFileSync(path, 'utf8') };
  const parsed = parseYaml(source);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics.map(({ message }) => message)));
  const cases = entry(parsed.value, 'cases');
  if (cases?.kind !== 'list') throw new Error('no cases');
  return {
    vars: dataOf(entry(parsed.value, 'vars')) as ValueMap,
    templates: dataOf(entry(parsed.value, 'templates')) as Record<string, string>,
    cases: cases.items.map(toCase),
  };
}

function entry(node: YamlNode, key: string): YamlNode | undefined {
  return node.kind === 'map' ? node.entries.find((each) => each.key === key)?.value : undefined;
}

function dataOf(node: YamlNode | undefined): Value {
  if (node === undefined) return null;
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(dataOf);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, dataOf(value)]));
}

const KEYS = ['expr', 'template', 'yaml', 'fails', 'value', 'text', 'files'];

function toCase(node: YamlNode): ExpressionCase {
  const data = dataOf(node) as ValueMap;
  const kind = (['expr', 'template', 'yaml'] as const).find((key) => Object.hasOwn(data, key));
  if (kind === undefined) throw new Error(`no case: ${JSON.stringify(data)}`);
  return {
    line: node.span.source.text.slice(0, node.span.start).split('\n').length,
    kind,
    source: String(data[kind]),
    options: Object.fromEntries(Object.entries(data).filter(([key]) => !KEYS.includes(key))),
    fails: data.fails === true,
    value: Object.hasOwn(data, 'value') ? plain(data.value ?? null) : undefined,
    text: textOf(data),
  };
}

/** A text that prints as itself is written down once. */
function textOf(data: ValueMap): string | undefined {
  if (typeof data.text === 'string') return data.text;
  return Object.hasOwn(data, 'expr') && typeof data.value === 'string' ? data.value : undefined;
}

export function scopeOf(vars: ValueMap): Scope {
  return {
    lookup: (name) => (Object.hasOwn(vars, name) ? { ok: true, value: vars[name] as Value } : undefined),
    names: () => Object.keys(vars),
    controller: { environment: () => undefined, file: () => undefined },
  };
}

/** What ours makes of a case. */
export function run(one: ExpressionCase, scope: Scope, templates: Readonly<Record<string, string>>): Outcome {
  const source = { path: 'case', text: one.source };
  if (one.kind === 'template') {
    const rendered = renderFile(source, optionsOf(one, templates), scope);
    if (!rendered.ok) return { problems: rendered.diagnostics.map(({ message }) => message) };
    return rendered.value instanceof Unknown ? { problems: ['unknown'] } : { text: rendered.value };
  }
  const compile = one.kind === 'expr' ? compileExpression : compileTemplate;
  const compiled = compile(one.source, placeAt(source, 0));
  const result = compiled.ok ? compiled.value.evaluate(scope) : compiled;
  if (!result.ok) return { problems: result.diagnostics.map(({ message }) => message) };
  if (one.kind === 'yaml' || one.text === undefined) return { value: plain(result.value) };
  const shown = renderFile({ path: 'case', text: `<{{ ${one.source} }}>` }, STANDARD, scope);
  if (!shown.ok) return { problems: shown.diagnostics.map(({ message }) => message) };
  return { value: plain(result.value), text: String(shown.value).slice(1, -1) };
}

const STANDARD: RenderOptions = { trimBlocks: true, lstripBlocks: false, newline: '\n' };

function optionsOf({ options }: ExpressionCase, templates: Readonly<Record<string, string>>): RenderOptions {
  const text = (name: string) => (typeof options[name] === 'string' ? (options[name] as string) : '');
  return {
    trimBlocks: options.trim_blocks !== false,
    lstripBlocks: options.lstrip_blocks === true,
    newline: (options.newline_sequence ?? '\n') as RenderOptions['newline'],
    blockStart: text('block_start_string'),
    blockEnd: text('block_end_string'),
    variableStart: text('variable_start_string'),
    variableEnd: text('variable_end_string'),
    include: (name) => (Object.hasOwn(templates, name) ? { path: name, text: templates[name] ?? '' } : undefined),
  };
}
