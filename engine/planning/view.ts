import { error, fail, type Result } from '../language/diagnostics.ts';
import { compileExpression, placeAt, renderFile } from '../language/expressions/compile.ts';
import type { Scope } from '../language/templated.ts';
import { findUnknown, Unknown, type Value, type ValueMap } from '../language/values.ts';
import { keyOf, NotYet, type Ref, type View } from './contracts.ts';
import { textOf } from './local_files.ts';
import type { State } from './state.ts';
import { Unreadable } from './unreadable.ts';
import { actingUser, type Target, type Walk } from './walk_context.ts';

export interface TaskView {
  readonly view: View;
  /** Names of tasks whose doing may change what the module has read so far. */
  readonly doubts: ReadonlySet<string>;
}

export function createView(
  walk: Walk,
  target: Target,
  state: State,
  scope: Scope,
  dirs: readonly string[],
  environment: Readonly<Record<string, string>>,
): TaskView {
  const user = actingUser(walk.surroundings, target);
  const doubts = new Set<string>();

  function read(ref: Ref) {
    const known = state.peek(ref, user);
    for (const doubt of known?.doubts ?? []) doubts.add(doubt);
    return known;
  }

  const view: View = {
    user,
    now: walk.surroundings.startedAt,
    verbosity: walk.surroundings.verbosity,
    environment,
    get<V>(ref: Ref<V>): V | null {
      const known = read(ref);
      if (known === undefined) throw new Error(`${keyOf(ref)} was read and never looked at`);
      if (known.kind === 'unreadable') throw new Unreadable(known.error);
      return known.value as V | null;
    },
    peek<V>(ref: Ref<V>): V | null | undefined {
      const known = read(ref);
      if (known?.kind === 'unreadable') throw new Unreadable(known.error);
      return known?.value as V | null | undefined;
    },
    problem(ref) {
      const known = state.peek(ref, user);
      return known?.kind === 'unreadable' ? known.error : undefined;
    },
    local: (path, kind, options) => walk.surroundings.files.find(path, kind, dirs, options?.decrypt),
    render(file, options): Result<string> {
      const source = textOf(file);
      if (source === undefined) return fail(error('file', `${file.path} is not UTF-8`));
      const include = (name: string) => textOf(walk.surroundings.files.find(name, 'template', dirs));
      const rendered = renderFile(source, { ...options, include }, scope);
      if (!rendered.ok) return rendered;
      if (rendered.value instanceof Unknown) throw new NotYet(rendered.value.waitsFor, rendered.value.look);
      return { ok: true, value: rendered.value };
    },
    evaluate(expression) {
      const source = { path: '(expression)', text: expression };
      const compiled = compileExpression(expression, placeAt(source, 0));
      return compiled.ok ? compiled.value.evaluate(scope) : compiled;
    },
  };
  return { view, doubts };
}

/** Parameters as a module may read them: one that is not known yet ends the reading. */
export function guarded(params: ValueMap): ValueMap {
  if (findUnknown(params) === undefined) return params;
  return new Proxy(params, {
    get(target, name, receiver): Value {
      const value = Reflect.get(target, name, receiver) as Value;
      const unknown = typeof name === 'string' ? findUnknown(value) : undefined;
      if (unknown !== undefined) throw new NotYet(unknown.waitsFor, unknown.look);
      return value;
    },
  });
}
