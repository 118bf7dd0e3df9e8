import { type Diagnostic, error, fail, ok, type Result } from '../diagnostics.ts';
import type { Scope } from '../templated.ts';
import { type Context, newFrame } from './context.ts';
import { filterNamed } from './filters.ts';
import { newBudget } from './limits.ts';
import { Problem } from './problem.ts';
import { invoke } from './routine.ts';
import type { Runtime } from './runtime.ts';
import { spanOf, type TemplateText } from './template_text.ts';
import { testNamed } from './tests.ts';

/** Finds and parses another template; throws a Problem that has its place. */
export type Templates = (name: string) => TemplateText | undefined;

function newRuntime(scope: Scope, templates: Templates): Runtime {
  const runtime: Runtime = {
    scope,
    budget: newBudget(),
    here: undefined,
    stopped: undefined,
    template: templates,
    filter(name, input, args) {
      const routine = filterNamed(name);
      if (routine === undefined) throw new Problem(`there is no filter \`${name}\``);
      return invoke(routine, `the filter \`${name}\``, input, args, runtime);
    },
    test(name, input, args) {
      const routine = testNamed(name);
      if (routine === undefined) throw new Problem(`there is no test \`${name}\``);
      return invoke(routine, `the test \`${name}\``, input, args, runtime);
    },
  };
  return runtime;
}

/** Evaluates something of a template; every mistake becomes a Diagnostic here. */
export function runIn<T>(
  template: TemplateText,
  scope: Scope,
  evaluate: (context: Context) => T,
  templates: Templates = () => undefined,
): Result<T> {
  const runtime = newRuntime(scope, templates);
  try {
    return ok(evaluate({ runtime, scope, template, frame: newFrame() }));
  } catch (thrown) {
    if (thrown instanceof Problem) return fail(...diagnose(thrown, template, runtime));
    if (!isStackOverflow(thrown)) throw thrown;
    return fail(...diagnose(new Problem('this nests too deeply to be evaluated'), template, runtime));
  }
}

function isStackOverflow(thrown: unknown): boolean {
  return thrown instanceof RangeError && thrown.message.includes('call stack');
}

function diagnose(problem: Problem, template: TemplateText, { here }: Runtime): readonly Diagnostic[] {
  const span = here === undefined ? undefined : spanOf(here.place, here.template);
  if (problem.diagnostics !== undefined)
    return problem.diagnostics.map((each) => ({ ...each, span: each.span ?? span }));
  return [diagnosticOf(problem, template, span)];
}

/** `span`: where it is, if the problem does not say itself. */
export function diagnosticOf(
  problem: Problem,
  template: Pick<TemplateText, 'place'>,
  span = spanOf({ start: 0, end: 0 }, template),
): Diagnostic {
  const place = problem.place === undefined ? span : spanOf(problem.place, template);
  return error(problem.code, problem.message, place, problem.hint);
}
