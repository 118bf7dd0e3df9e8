import type { Span } from '../language/diagnostics.ts';
import type { Templated } from '../language/templated.ts';
import { joinEntries, joinItems, templateOf } from '../language/templates.ts';
import { isMap, type Value } from '../language/values.ts';
import type { Draft } from './draft.ts';
import { parsePythonLiteral } from './python_literal.ts';

/** A value of an INI inventory: a Python literal where it is a valid one, else a text; templates at its leaves. */
export function templatedText(draft: Draft, text: string, span: Span): Templated {
  const literal = parsePythonLiteral(text);
  return convert(draft, literal === undefined ? text : literal, span);
}

function convert(draft: Draft, value: Value, span: Span): Templated {
  if (typeof value === 'string') return convertString(draft, value, span);
  if (Array.isArray(value)) {
    return joinItems(
      value.map((item: Value) => convert(draft, item, span)),
      span,
    );
  }
  if (!isMap(value)) return { kind: 'literal', value, span };
  const entries = Object.entries(value).map(([key, inner]) => {
    return { key, keySpan: span, value: convert(draft, inner, span) };
  });
  return joinEntries(entries, span);
}

function convertString(draft: Draft, text: string, span: Span): Templated {
  // Where the text stands in the file as it is, its places are exact; quotes and escapes make them the whole value.
  const at = span.source.text.slice(span.start, span.end).indexOf(text);
  const offset = (index: number): number => (at === -1 ? span.start : span.start + at + index);
  const template = templateOf(text, { source: span.source, offset }, span);
  if (template.ok) return template.value;
  draft.diagnostics.push(...template.diagnostics);
  return { kind: 'literal', value: null, span };
}
