import type { Action, Change } from '../planning/contracts.ts';
import type { Instance } from '../planning/instance.ts';
import { questionsFor } from '../planning/observe.ts';
import { join, type Sh, sh } from '../transport/sh.ts';

/** One question of an apply: some changes of one type made together, an action, or the look that proves the changes. */
export type Piece = { readonly instance: Instance; readonly sh: Sh } & (
  | { readonly kind: 'transition'; readonly changes: readonly Change[] }
  | { readonly kind: 'action'; readonly action: Action }
  | {
      readonly kind: 'proof';
      readonly question: ReturnType<typeof questionsFor>[number];
      readonly changes: readonly Change[];
    }
);

/** What a task runs, in order. Changes of one type that stand together are made together. */
export function piecesOf(instance: Instance): readonly Piece[] {
  const pieces: Piece[] = [];
  const changes: Change[] = [];
  let group: Change[] = [];
  const close = () => {
    const [first] = group;
    if (first === undefined) return;
    const made = group;
    group = [];
    pieces.push({ kind: 'transition', instance, changes: made, sh: within(instance, first.ref.type.transition(made)) });
  };
  for (const step of instance.steps) {
    if (step.kind === 'action') {
      close();
      pieces.push({ kind: 'action', instance, action: step, sh: within(instance, step.script) });
      continue;
    }
    if (group[0] !== undefined && group[0].ref.type !== step.change.ref.type) close();
    group.push(step.change);
    changes.push(step.change);
  }
  close();
  for (const question of questionsFor(changes.map((change) => change.ref))) {
    const proved = changes.filter((change) => change.ref.type === question.type);
    pieces.push({ kind: 'proof', instance, question, changes: proved, sh: question.type.collect(question.refs) });
  }
  return pieces;
}

/** The task's `environment`, for all that it runs. The names were checked when they were read. */
function within(instance: Instance, program: Sh): Sh {
  const entries = Object.entries(instance.environment);
  if (entries.length === 0) return program;
  return join([...entries.map(([name, value]) => sh`export ${name}=${value}`), program]);
}

/**
 * What can be done without another look: up to the first task that hangs on what an earlier one does, or
 * whose own result decides how it goes on.
 */
export function stretchOf(instances: readonly Instance[]): readonly Instance[] {
  const stretch: Instance[] = [];
  for (const instance of instances) {
    if (instance.pending || instance.status === 'provisional') break;
    stretch.push(instance);
    if (instance.status === 'fail' || decides(instance)) break;
  }
  return stretch;
}

function decides(instance: Instance): boolean {
  if (instance.delegate !== undefined) return true;
  const acts = instance.steps.some((step) => step.kind === 'action');
  return acts && (instance.until !== undefined || instance.syntax.failedWhen !== undefined);
}
