import { fail, type Result, type Source } from '../diagnostics.ts';
import type { Compiled, RenderOptions, Scope } from '../templated.ts';
import type { Unknown } from '../values.ts';

/** Where the characters of a text stand in the file it came from. */
export interface TextPlace {
  readonly source: Source;
  offset(index: number): number;
}

/** A text that stands in its source as it is, from `start`. */
export function placeAt(source: Source, start: number): TextPlace {
  return { source, offset: (index) => start + index };
}

export function hasTemplate(text: string): boolean {
  return /\{[{%#]/.test(text);
}

export function compileTemplate(_text: string, _place: TextPlace): Result<Compiled> {
  return fail();
}

export function compileExpression(_text: string, _place: TextPlace): Result<Compiled> {
  return fail();
}

export function renderFile(_source: Source, _options: RenderOptions, _scope: Scope): Result<string | Unknown> {
  return fail();
}
