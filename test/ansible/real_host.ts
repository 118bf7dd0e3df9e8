import { renderFile } from '../../engine/language/expressions/compile.ts';
import type { Value, ValueMap } from '../../engine/language/values.ts';
import type { Change, Module, Ref, View, Wish } from '../../engine/planning/contracts.ts';
import { createLocalFiles } from '../../engine/planning/local_files.ts';
import { State, sameValue } from '../../engine/planning/state.ts';
import { bindParams } from '../cases/params.ts';
import { runProgram } from '../resources/local_shell.ts';

export interface Applied {
  readonly failed?: string;
  readonly changed: boolean;
  readonly result: ValueMap;
  /** Trips that the look took. */
  readonly looks: number;
}

/** Looks, wishes and changes as the engine does, on this very machine. */
export function applyModule(module: Module<never>, given: Record<string, unknown>, vars: ValueMap): Applied {
  const params = bindParams(module, given);
  const state = new State();
  const view = viewOf(state, vars);
  let looks = 0;
  let wish: Wish;
  try {
    for (;;) {
      const refs = module.looksAt(params as never, view).filter((ref) => state.peek(ref, 'root') === undefined);
      if (refs.length === 0) break;
      looks += 1;
      look(state, refs);
    }
    wish = module.wants(params as never, view);
  } catch (e) {
    return { failed: (e as Error).message, changed: false, result: {}, looks };
  }
  if (wish.failed !== undefined) return { failed: wish.failed.message, changed: false, result: {}, looks };
  const changes = changesOf(wish, state);
  for (const change of changes) {
    const ran = runProgram(change.ref.type.transition([change]));
    if (ran.status !== 0) return { failed: ran.stderr.toString(), changed: false, result: {}, looks };
    verify(change);
  }
  return { changed: changes.length > 0, result: wish.result ?? {}, looks };
}

function look(state: State, refs: readonly Ref[]): void {
  for (const type of new Set(refs.map((ref) => ref.type))) {
    const own = refs.filter((ref) => ref.type === type);
    for (const seen of type.parse(runProgram(type.collect(own)), own)) state.learn(seen, 'root');
  }
}

function changesOf(wish: Wish, state: State): readonly Change[] {
  const changes: Change[] = [];
  for (const step of wish.steps) {
    if (step.kind === 'action') throw new Error('the file modules have no actions');
    const known = state.peek(step.ref, 'root');
    const before = known?.kind === 'value' ? known.value : null;
    if (before === null ? step.to === null : step.to !== null && sameValue(step.ref, before, step.to)) continue;
    const change = { ref: step.ref, before, after: step.to, options: step.options };
    changes.push(change);
    state.predict(change, 'task', []);
  }
  return changes;
}

/** After a change what is observed is what was wanted. */
function verify(change: Change): void {
  const { ref, after } = change;
  const [seen] = ref.type.parse(runProgram(ref.type.collect([ref])), [ref]);
  const value = seen !== undefined && 'value' in seen ? seen.value : undefined;
  const met = value === null || after === null ? value === after : value !== undefined && sameValue(ref, value, after);
  if (!met) throw new Error(`${ref.id} is ${JSON.stringify(seen)} after it was made ${JSON.stringify(after)}`);
}

function viewOf(state: State, vars: ValueMap): View {
  const files = createLocalFiles();
  const read = (ref: Ref) => {
    const known = state.peek(ref, 'root');
    if (known?.kind === 'unreadable') throw new Error(known.error);
    return known;
  };
  return {
    user: 'root',
    now: Date.now(),
    environment: {},
    get<V>(ref: Ref<V>): V | null {
      const known = read(ref as Ref);
      if (known === undefined) throw new Error(`${ref.id} was never looked at`);
      return known.value as V | null;
    },
    peek: <V>(ref: Ref<V>) => read(ref as Ref)?.value as V | null | undefined,
    problem: () => undefined,
    local: (path, kind) => files.find(path, kind, []),
    render(file, options) {
      const scope = {
        lookup: (name: string) =>
          Object.hasOwn(vars, name) ? { ok: true as const, value: vars[name] as Value } : undefined,
        names: () => Object.keys(vars),
      };
      const rendered = renderFile(
        { path: file.path, text: Buffer.from(file.bytes()).toString('utf8') },
        options,
        scope,
      );
      return rendered.ok && typeof rendered.value !== 'string' ? { ok: true, value: '' } : (rendered as never);
    },
    evaluate: () => ({ ok: true, value: null }),
  };
}
