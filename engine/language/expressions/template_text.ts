import type { Source, Span } from '../diagnostics.ts';
import type { Expression, Statement } from './ast.ts';
import type { Place } from './problem.ts';

/** Where the characters of a text stand in the file it came from. */
export interface TextPlace {
  readonly source: Source;
  offset(index: number): number;
}

/** A text that stands in its source as it is, from `start`. */
export function placeAt(source: Source, start: number): TextPlace {
  return { source, offset: (index) => start + index };
}

/** A template, parsed: what its nodes' places point into. */
export interface TemplateText {
  readonly text: string;
  readonly place: TextPlace;
  readonly body: readonly Statement[];
}

export function spanOf(place: Place, text: { readonly place: TextPlace }): Span {
  const start = text.place.offset(place.start);
  const end = place.end > place.start ? text.place.offset(place.end - 1) + 1 : start;
  return { source: text.place.source, start, end: Math.max(start, end) };
}

/** An expression as the user wrote it, for messages. */
export function written(node: Expression, template: TemplateText): string {
  const text = template.text.slice(node.start, node.end);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
