import { type Diagnostic, error, fail, ok, type Result, type Span } from './diagnostics.ts';
import { compileExpression, compileTemplate, hasTemplate, type TextPlace } from './expressions/compile.ts';
import type { Compiled, Condition, Templated, TemplatedEntry } from './templated.ts';
import { textPlace } from './text_place.ts';
import type { Value, ValueMap } from './values.ts';
import type { YamlNode, YamlScalar } from './yaml.ts';

/** Compiles every string with `{{`, `{%` or `{#`. A subtree without one becomes a single literal. */
export function toTemplated(node: YamlNode): Result<Templated> {
  const diagnostics: Diagnostic[] = [];
  const templated = convert(node, diagnostics);
  return diagnostics.length > 0 ? fail(...diagnostics) : ok(templated);
}

function convert(node: YamlNode, diagnostics: Diagnostic[]): Templated {
  if (node.kind === 'scalar') return convertScalar(node, diagnostics);
  if (node.kind === 'list') {
    const items = node.items.map((item) => convert(item, diagnostics));
    return joinItems(items, node.span);
  }
  const entries = node.entries.map(({ key, keySpan, value }) => ({ key, keySpan, value: convert(value, diagnostics) }));
  return joinEntries(entries, node.span);
}

function convertScalar(node: YamlScalar, diagnostics: Diagnostic[]): Templated {
  const { value, span } = node;
  if (node.tag === '!vault') return { kind: 'template', text: node.text, template: decrypted(node), span };
  if (typeof value !== 'string' || node.tag === '!unsafe' || !hasTemplate(value)) {
    return { kind: 'literal', value, span };
  }
  const template = templateOf(value, textPlace(node), span);
  if (template.ok) return template.value;
  diagnostics.push(...template.diagnostics);
  return { kind: 'literal', value, span };
}

/** What a `!vault` value holds: opened when it is asked for, and a text whatever stands in it, as in Ansible. */
function decrypted({ text, span }: YamlScalar): Compiled {
  const open = (): Result<string> =>
    span.source.opener?.value(text, span) ?? fail(error('vault', 'an encrypted value cannot stand here', span));
  return {
    evaluate: open,
    judge: () => {
      const opened = open();
      return opened.ok ? ok(opened.value !== '') : opened;
    },
  };
}

/** A text that is a template where it holds one, else a literal. */
export function templateOf(text: string, place: TextPlace, span: Span): Result<Templated> {
  if (!hasTemplate(text)) return ok({ kind: 'literal', value: text, span });
  const template = compileTemplate(text, place);
  return template.ok ? ok({ kind: 'template', text, template: template.value, span }) : template;
}

export function joinItems(items: readonly Templated[], span: Span): Templated {
  if (!items.every(isLiteral)) return { kind: 'list', items, span };
  return { kind: 'literal', value: items.map((item) => item.value), span };
}

export function joinEntries(entries: readonly TemplatedEntry[], span: Span): Templated {
  const values: (readonly [string, Value])[] = [];
  for (const { key, value } of entries) {
    if (value.kind !== 'literal') return { kind: 'map', entries, span };
    values.push([key, value.value]);
  }
  return { kind: 'literal', value: mapOf(values), span };
}

/** Defines own properties, so that a key `__proto__` is a key like any other. */
export function mapOf(entries: Iterable<readonly [string, Value]>): ValueMap {
  return Object.fromEntries(entries);
}

function isLiteral(templated: Templated): templated is Extract<Templated, { kind: 'literal' }> {
  return templated.kind === 'literal';
}

/** A bare expression: `when: x == 1`, `when: true`. */
export function toCondition(node: YamlNode, keyword: string): Result<Condition> {
  const { span } = node;
  if (node.kind !== 'scalar' || node.value === null || node.text.trim() === '') {
    return fail(
      error('type', `\`${keyword}\` expects an expression, such as \`ansible_facts.os_family == 'Debian'\``, span),
    );
  }
  if (node.tag === '!vault') return fail(encrypted(keyword, span));
  // YAML's `no` and `yes` mean what Jinja calls false and true.
  const text = typeof node.value === 'boolean' ? String(node.value) : node.text;
  if (/\{\{|\{%/.test(text)) return fail(bareExpression(node, keyword));
  const expression = compileExpression(text, textPlace(node));
  return expression.ok ? ok({ text, expression: expression.value, span }) : expression;
}

/** Where a value must be known while the file is read. */
export function encrypted(what: string, span: Span): Diagnostic {
  const hint = 'Put it into a variable, and name that.';
  return error('vault', `\`${what}\` cannot be an encrypted value`, span, hint);
}

function bareExpression(node: YamlScalar, keyword: string): Diagnostic {
  const inner = /^\s*\{\{(.*)\}\}\s*$/s.exec(node.text)?.[1]?.trim();
  return error(
    'template',
    `\`${keyword}\` is an expression by itself: it takes no \`{{ }}\``,
    node.span,
    inner === undefined || inner.includes('{{')
      ? 'Write the names bare, and join texts with `~`.'
      : `Write \`${keyword}: ${inner}\`.`,
  );
}
