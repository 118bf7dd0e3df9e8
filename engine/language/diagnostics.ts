import type { Opener } from './opener.ts';

/** A text that diagnostics point into. `path` is what the user sees: relative to where they stand. */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** Opens the encrypted values in it. */
  readonly opener?: Opener;
  /** It stood in an encrypted file: every value in it is a secret. */
  readonly sealed?: true;
}

/** A stretch of a source, as offsets in UTF-16 units; line and column are computed only when printed. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

export type Severity = 'error' | 'warning';

/** The closed set of what can be wrong with the input. */
export type DiagnosticCode =
  | 'file' // not there, not readable, not UTF-8, a directory, too large
  | 'yaml' // not YAML, a tab, a duplicate key, an unknown tag
  | 'keyword' // an unknown or misplaced play or task keyword
  | 'module' // an unknown module
  | 'parameter' // an unknown, missing, conflicting or mistyped module parameter
  | 'type' // a value of the wrong type
  | 'template' // template or expression syntax
  | 'undefined' // a variable that is not defined
  | 'expression' // an expression that failed to evaluate
  | 'include' // an include that cannot be followed, or a loop of them
  | 'inventory' // hosts, groups, patterns, ssh options
  | 'vault' // something encrypted that cannot be opened
  | 'option'; // the command line

/** One mistake of the user's: returned, never thrown, and gathered so that all are told at once. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  readonly span?: Span | undefined;
  /** What to do about it, as a sentence. */
  readonly hint?: string | undefined;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly warnings?: readonly Diagnostic[] | undefined }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export function ok<T>(value: T, warnings?: readonly Diagnostic[]): Result<T> {
  return warnings === undefined || warnings.length === 0 ? { ok: true, value } : { ok: true, value, warnings };
}

export function fail(...diagnostics: readonly Diagnostic[]): {
  readonly ok: false;
  readonly diagnostics: readonly Diagnostic[];
} {
  return { ok: false, diagnostics };
}

export function error(code: DiagnosticCode, message: string, span?: Span, hint?: string): Diagnostic {
  return { code, severity: 'error', message, span, hint };
}

export function warning(code: DiagnosticCode, message: string, span?: Span, hint?: string): Diagnostic {
  return { code, severity: 'warning', message, span, hint };
}
