import type { Action, Change } from '../planning/contracts.ts';
import { isGuarded } from '../planning/guarded.ts';
import type { Instance } from '../planning/instance.ts';
import { questionsFor } from '../planning/observe.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import { imageFile, noted } from './store.ts';

/** One question of an apply: some changes of one type made together, an action, or the look that proves the changes. */
export type Piece = { readonly instance: Instance; readonly sh: Sh } & (
  | { readonly kind: 'transition'; readonly changes: readonly Numbered[] }
  /** `n`: its number among what changes hosts; missing where it only reads. */
  | { readonly kind: 'action'; readonly action: Action; readonly n?: number }
  | {
      readonly kind: 'proof';
      readonly question: ReturnType<typeof questionsFor>[number];
      readonly changes: readonly Change[];
    }
);

/** A change with the number that it has in its run, over all hosts: several may act on one by `delegate_to`. */
export interface Numbered {
  readonly n: number;
  readonly change: Change;
}

export interface Numbering {
  /** Names the play, the same in every run of the same playbook. */
  readonly play: string;
  next(): number;
  /** Takes the secrets out of what the journal tells of a task. */
  mask(text: string): string;
}

/**
 * What a task runs, in order. Changes of one type that stand together are made together. Without numbers nothing is
 * noted on the host: what runs while planning.
 */
export function piecesOf(instance: Instance, numbering: Numbering | undefined): readonly Piece[] {
  const pieces: Piece[] = [];
  const changes: Change[] = [];
  let group: Change[] = [];
  const close = () => {
    if (group.length === 0) return;
    pieces.push(transition(instance, group, numbering));
    group = [];
  };
  for (const step of instance.steps) {
    if (step.kind === 'action') {
      close();
      pieces.push(action(instance, step, numbering));
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

function transition(instance: Instance, group: readonly Change[], numbering: Numbering | undefined): Piece {
  const changes = group.map((change) => ({ n: numbering?.next() ?? 0, change }));
  const { type } = (group[0] as Change).ref;
  const program = within(instance, type.transition(group));
  if (numbering === undefined) return { kind: 'transition', instance, changes, sh: program };
  const entry = {
    ...head(instance, numbering, (changes[0] as Numbered).n),
    changes: changes.map(journaled),
  };
  const images = changes.flatMap(({ n, change }) => type.image?.(change, imageFile(n)) ?? []);
  return {
    kind: 'transition',
    instance,
    changes,
    sh: noted(entry, images, program),
  };
}

/** A change as the host's journal keeps it. */
function journaled({ n, change }: Numbered): object {
  const { ref, before, after, options } = change;
  const { id, aspects, type } = ref;
  return { n, type: type.name, id, aspects, before: recorded(change, before), after: recorded(change, after), options };
}

/** A value as journals keep it. */
export function recorded({ ref: { type } }: Pick<Change, 'ref'>, value: unknown): unknown {
  return value === null || type.record === undefined ? value : type.record(value);
}

function action(instance: Instance, step: Action, numbering: Numbering | undefined): Piece {
  const script = within(instance, step.script);
  const piece = { kind: 'action', instance, action: step } as const;
  if (numbering === undefined || !changesHost(instance, step)) return { ...piece, sh: script };
  const n = numbering.next();
  const run = instance.noLog ? 'hidden' : numbering.mask(step.summary);
  const changes = step.alters?.map((change) => journaled({ n, change }));
  return { ...piece, n, sh: noted({ ...head(instance, numbering, n), run, again: step.again, changes }, [], script) };
}

/** The number under which the host's journal has a piece: its only one, or its first change's. */
export function entryOf(piece: Piece): number | undefined {
  if (piece.kind === 'proof') return undefined;
  return piece.kind === 'action' ? piece.n : piece.changes[0]?.n;
}

/** Whether a piece may change the host. */
export function acts(piece: Piece): boolean {
  return piece.kind === 'transition' || (piece.kind === 'action' && changesHost(piece.instance, piece.action));
}

/** Whether it may cut the way to the host: the access guard is armed before. */
export function guarded(piece: Piece): boolean {
  if (piece.kind === 'action') return acts(piece) && isGuarded(piece.action);
  return piece.kind === 'transition' && piece.changes.some(({ change }) => isGuarded({ kind: 'change', change }));
}

/** `changed_when: false` is the user's word that a command only reads; one that never counts as a change may still act. */
function changesHost(instance: Instance, step: Action): boolean {
  return step.disturbs !== 'nothing' && !(instance.status === 'ok' && step.changed !== false);
}

function head(instance: Instance, { play, mask }: Numbering, n: number) {
  const { id, name, notifies, noLog } = instance;
  return {
    n,
    at: Date.now(),
    play,
    task: id,
    name: mask(name),
    ...(noLog && { hidden: true }),
    ...(notifies.length > 0 && { notifies }),
  };
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
