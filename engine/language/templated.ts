import type { Diagnostic, Result, Source, Span } from './diagnostics.ts';
import type { Unknown, Value } from './values.ts';

/** Where names are looked up. `undefined` means: no such variable. */
export interface Scope {
  /** May give an error of its own: a variable whose own template fails. */
  lookup(name: string): Result<Value> | undefined;
  /** Names that exist, for suggestions; may be incomplete. */
  names(): Iterable<string>;
  /** What the lookups `env` and `file` read on the controller; without it they find nothing. */
  readonly controller?: Controller;
}

export interface Controller {
  environment(name: string): string | undefined;
  /** A text file, found as Ansible finds it (`files/`, beside the play); `undefined`: there is none. */
  file(path: string): Result<Source> | undefined;
}

/** Compiled text with `{{ }}` and `{% %}`; or a bare expression as in `when`. Compiled once, when the file is read. */
export interface Compiled {
  /** Native type where the text is one single `{{ expression }}`, a string otherwise. */
  evaluate(scope: Scope): Result<Value>;
  /**
   * Whether it holds, as a condition. Certain where its value need not be (`unknown and false`). A text is true
   * unless it is empty, as in Ansible, but one that reads as a no (`'false'`, `'no'`, `'0'`) is an error.
   */
  judge(scope: Scope): Result<boolean | Unknown>;
}

/** A YAML value as the user wrote it: data with templates at its leaves, each with its place. */
export type Templated =
  | { readonly kind: 'literal'; readonly value: Value; readonly span: Span }
  | { readonly kind: 'template'; readonly text: string; readonly template: Compiled; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly Templated[]; readonly span: Span }
  | { readonly kind: 'map'; readonly entries: readonly TemplatedEntry[]; readonly span: Span };

export interface TemplatedEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: Templated;
}

/** A bare expression (`when`, `changed_when`, `that`), with its place. */
export interface Condition {
  readonly text: string;
  readonly expression: Compiled;
  readonly span: Span;
}

/** Variables that came from one place, for precedence and for `runbook vars --explain`. */
export interface VarLayer {
  /** Such as `group_vars/web.yml`, `play vars`, `--extra-vars`. */
  readonly origin: string;
  readonly entries: ReadonlyMap<string, Templated>;
  /** An encrypted file that cannot be opened: why. It may define any variable. */
  readonly problems?: readonly Diagnostic[];
}

/** How a template file is read and written: Ansible's `template` module has these as parameters. */
export interface RenderOptions {
  readonly trimBlocks: boolean;
  readonly lstripBlocks: boolean;
  readonly newline: '\n' | '\r\n' | '\r';
  readonly blockStart?: string;
  readonly blockEnd?: string;
  readonly variableStart?: string;
  readonly variableEnd?: string;
  readonly commentStart?: string;
  readonly commentEnd?: string;
  /** Another template by its name, for `include` and `import`; `undefined`: there is none. */
  readonly include?: (name: string) => Source | undefined;
}
