import type { Diagnostic, DiagnosticCode } from '../diagnostics.ts';

/** A stretch of a template's text, in UTF-16 units. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * A mistake in a template, on its way to `compile.ts`, which turns it into a Diagnostic: the only
 * exception of this folder, and it never leaves it.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: DiagnosticCode;
  readonly hint: string | undefined;
  /** Where it is, if that is not the node that is being evaluated. */
  readonly place: Place | undefined;
  /** What is to be reported instead: mistakes that already have their places. */
  readonly diagnostics: readonly Diagnostic[] | undefined;

  constructor(
    message: string,
    more: {
      readonly code?: DiagnosticCode;
      readonly hint?: string | undefined;
      readonly place?: Place;
      readonly diagnostics?: readonly Diagnostic[];
    } = {},
  ) {
    super(message);
    this.code = more.code ?? 'expression';
    this.hint = more.hint;
    this.place = more.place;
    this.diagnostics = more.diagnostics;
  }
}

/** A mistake of syntax, found while compiling. */
export function syntaxProblem(message: string, place: Place, hint?: string): Problem {
  return new Problem(message, { code: 'template', place, hint });
}
