import type { Scope } from '../templated.ts';
import type { Unknown } from '../values.ts';
import type { Arguments } from './arguments.ts';
import type { Budget } from './limits.ts';
import type { Operand } from './operand.ts';
import type { Place } from './problem.ts';
import type { TemplateText } from './template_text.ts';

/** What one evaluation shares: filters, functions and statements are given it beside their arguments. */
export interface Runtime {
  readonly scope: Scope;
  readonly budget: Budget;
  /** What is being evaluated, so that a mistake finds its place. */
  here: { readonly place: Place; readonly template: TemplateText } | undefined;
  /** Set where the way through the template hangs on an Unknown: then nothing of it is certain. */
  stopped: Unknown | undefined;
  /** Calls a filter or a test by name, as `map` and `select` do. */
  filter(name: string, input: Operand, args: Arguments): Operand;
  test(name: string, input: Operand, args: Arguments): boolean | Unknown;
  /** Another template by its name, for `include` and `import`; `undefined`: there is none. */
  template(name: string): TemplateText | undefined;
}
