import { coerce } from '../arguments/coerce.ts';
import { type Diagnostic, error, type Result } from '../diagnostics.ts';
import type { ParamProperty } from '../module_spec.ts';
import type { Condition, Templated, VarLayer } from '../templated.ts';
import { encrypted, templateOf, toCondition, toTemplated } from '../templates.ts';
import { textPlace } from '../text_place.ts';
import type { YamlEntry, YamlNode } from '../yaml.ts';

/** Where mistakes gather while a file is read on. */
export type Problems = Diagnostic[];

/** Readers give `undefined` for what is not there or is wrong; what is wrong is in `problems`. */
export function take<T>(problems: Problems, result: Result<T>): T | undefined {
  if (result.ok) return result.value;
  problems.push(...result.diagnostics);
  return undefined;
}

/** A single value of a keyword: a literal of that type, or a template that will give one. */
export function readValue(
  problems: Problems,
  entry: YamlEntry | undefined,
  property: Omit<ParamProperty, 'description'>,
): Templated | undefined {
  if (entry === undefined) return undefined;
  const { key, value: node } = entry;
  if (isNull(node)) {
    problems.push(error('type', `\`${key}\` is empty`, entry.keySpan, 'Give it a value, or leave it out.'));
    return undefined;
  }
  const templated = take(problems, toTemplated(node));
  if (templated === undefined || templated.kind === 'template') return templated;
  const value = templated.kind === 'literal' ? templated.value : templated.kind === 'list' ? [] : {};
  const coerced = coerce(value, { description: '', ...property }, node.kind === 'scalar' ? node.text : undefined);
  if (coerced.ok) return { kind: 'literal', value: coerced.value, span: node.span };
  problems.push(...coerced.misfits.map(({ message, hint }) => error('type', `\`${key}\` ${message}`, node.span, hint)));
  return undefined;
}

export function readFlag(problems: Problems, entry: YamlEntry | undefined): Templated | undefined {
  return readValue(problems, entry, { type: 'boolean' });
}

export function readText(problems: Problems, entry: YamlEntry | undefined): Templated | undefined {
  return readValue(problems, entry, { type: 'string' });
}

export function readNumber(problems: Problems, entry: YamlEntry | undefined): Templated | undefined {
  const read = readValue(problems, entry, { type: 'number' });
  if (read?.kind === 'literal' && Number(read.value) < 0) {
    problems.push(error('type', `\`${entry?.key}\` expects a number of 0 or more`, read.span));
    return undefined;
  }
  return read;
}

/** A text that is used while reading, before any variable is known. */
export function readPlainText(problems: Problems, node: YamlNode, what: string): string | undefined {
  if (node.kind !== 'scalar' || node.value === null || node.text === '') {
    problems.push(error('type', `\`${what}\` expects a text`, node.span));
    return undefined;
  }
  if (node.tag === '!vault') {
    problems.push(encrypted(what, node.span));
    return undefined;
  }
  if (node.tag === undefined && /\{[{%#]/.test(node.text)) {
    problems.push(
      error('template', `\`${what}\` is used before variables are known: it cannot be a template`, node.span),
    );
    return undefined;
  }
  return node.text;
}

export function items(node: YamlNode | undefined): readonly YamlNode[] {
  if (node === undefined || isNull(node)) return [];
  return node.kind === 'list' ? node.items : [node];
}

export function isNull(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null && node.tag === undefined;
}

export function readConditions(problems: Problems, entry: YamlEntry | undefined): readonly Condition[] {
  if (entry === undefined) return [];
  if (isNull(entry.value)) {
    problems.push(error('type', `\`${entry.key}\` is empty`, entry.keySpan, 'Give it an expression, or leave it out.'));
    return [];
  }
  return items(entry.value).flatMap((node) => take(problems, toCondition(node, entry.key)) ?? []);
}

/** A text, a text with commas, or a list of them. */
export function readTags(problems: Problems, entry: YamlEntry | undefined): readonly string[] {
  const tags = items(entry?.value).flatMap((node) => readPlainText(problems, node, 'tags')?.split(',') ?? []);
  return [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))];
}

/** A text or a list of texts, each with or without templates. */
export function readTexts(problems: Problems, entry: YamlEntry | undefined): readonly Templated[] {
  if (entry === undefined) return [];
  return items(entry.value).flatMap((value) => readText(problems, { ...entry, value }) ?? []);
}

/** A map, a list of maps, or a template. */
export function readMaps(problems: Problems, entry: YamlEntry | undefined): readonly Templated[] {
  if (entry === undefined) return [];
  return items(entry.value).flatMap((node) => {
    const templated = take(problems, toTemplated(node));
    if (templated === undefined || templated.kind === 'template' || node.kind === 'map') return templated ?? [];
    problems.push(error('type', `\`${entry.key}\` expects a map`, node.span, `Write \`${entry.key}: {NAME: value}\`.`));
    return [];
  });
}

/** `hosts`: patterns, joined with commas where they are a list. */
export function readPatterns(problems: Problems, entry: YamlEntry): Templated | undefined {
  const parts: { readonly text: string; readonly node: YamlNode & { kind: 'scalar' } }[] = [];
  for (const node of items(entry.value)) {
    if (node.kind === 'scalar' && node.tag === '!vault') problems.push(encrypted('hosts', node.span));
    else if (node.kind === 'scalar' && node.text.trim() !== '') parts.push({ text: node.text.trim(), node });
    else problems.push(error('type', '`hosts` expects a pattern, or a list of patterns', node.span));
  }
  const [only] = parts;
  if (only === undefined) {
    if (items(entry.value).length === 0)
      problems.push(
        error('type', '`hosts` is empty', entry.keySpan, 'Write `hosts: all`, or a group of the inventory.'),
      );
    return undefined;
  }
  if (parts.length === 1 && only.node === entry.value)
    return take(problems, templateOf(only.node.text, textPlace(only.node), only.node.span));
  const joined = parts.map(({ text }) => text).join(',');
  const place = {
    source: only.node.span.source,
    offset: (index: number) => {
      let from = 0;
      for (const { text, node } of parts) {
        if (index <= from + text.length) return textPlace(node).offset(index - from);
        from += text.length + 1;
      }
      return entry.value.span.end;
    },
  };
  return take(problems, templateOf(joined, place, entry.value.span));
}

/** Python's identifiers, in ASCII (ansible.utils.vars.isidentifier). */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PYTHON =
  /^(?:False|None|True|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)$/;

export function nameProblem(name: string): { readonly message: string; readonly hint: string } | undefined {
  if (PYTHON.test(name)) {
    return { message: `\`${name}\` is a word of its own and cannot name a variable`, hint: `Call it \`${name}_\`.` };
  }
  if (NAME.test(name)) return undefined;
  const better = name.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=\d)/, '_');
  return {
    message: `\`${name}\` cannot name a variable`,
    hint: `A name has letters, digits and \`_\`, and no digit first: \`${better === '' ? 'name' : better}\`.`,
  };
}

/** The name of a variable: `register`, `loop_var`. */
export function readName(problems: Problems, entry: YamlEntry | undefined): string | undefined {
  if (entry === undefined) return undefined;
  const name = readPlainText(problems, entry.value, entry.key);
  const problem = name === undefined ? undefined : nameProblem(name);
  if (problem === undefined) return name;
  problems.push(error('type', `\`${entry.key}\`: ${problem.message}`, entry.value.span, problem.hint));
  return undefined;
}

export function readVars(problems: Problems, entry: YamlEntry | undefined, origin: string): VarLayer | undefined {
  if (entry === undefined || isNull(entry.value)) return undefined;
  if (entry.value.kind !== 'map') {
    problems.push(
      error('type', '`vars` expects a map', entry.value.span, 'Write `vars: {name: value}`, without dashes.'),
    );
    return undefined;
  }
  for (const { key, keySpan } of entry.value.entries) {
    const problem = nameProblem(key);
    if (problem !== undefined) problems.push(error('type', problem.message, keySpan, problem.hint));
  }
  return readLayer(problems, entry.value, origin);
}

export function readLayer(problems: Problems, map: YamlNode & { kind: 'map' }, origin: string): VarLayer {
  const entries = new Map<string, Templated>();
  for (const { key, value } of map.entries) {
    const templated = take(problems, toTemplated(value));
    if (templated !== undefined) entries.set(key, templated);
  }
  return { origin, entries };
}

export type Defined<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the properties that are undefined: what is not written is not there. */
export function defined<T extends object>(object: T): Defined<T> {
  const kept: Partial<T> = {};
  for (const key in object) if (object[key] !== undefined) kept[key] = object[key];
  return kept as unknown as Defined<T>;
}
