import type { Change } from '../planning/contracts.ts';
import type { Instance } from '../planning/instance.ts';
import type { TaskFailure } from '../planning/plan.ts';
import type { Answer } from '../transport/connection.ts';
import type { Piece } from './program.ts';

/** As much of a command's output as a person reads; the rest is in the registered result. */
const MOST_OUTPUT = 4096;

/** A failed step, told with what had been made before it and what had not. */
export function failureOf(piece: Piece, answer: Answer, message: string, done: readonly Piece[]): TaskFailure {
  const left = leftBehind(piece, done);
  return {
    message,
    command: titleOf(piece),
    status: answer.status,
    stderr: tail(answer.stderr),
    stdout: tail(answer.stdout),
    ...(left === undefined ? {} : { left }),
  };
}

function titleOf(piece: Piece): string {
  if (piece.kind === 'action') return piece.action.summary;
  return piece.changes.map((change) => change.ref.type.describe(change).title).join(', ');
}

function leftBehind(failed: Piece, done: readonly Piece[]): string | undefined {
  const made = done.filter((piece) => piece.kind !== 'proof').map(titleOf);
  const planned = plannedTitles(failed.instance);
  if (planned.length < 2)
    return failed.kind === 'transition' ? 'Nothing of it was changed, as far as the failed step tells.' : undefined;
  const open = planned.slice(made.length);
  return `${made.length === 0 ? 'Nothing was done before it' : `Done before it: ${made.join(', ')}`}; not done: ${open.join(', ')}.`;
}

function plannedTitles(instance: Instance): readonly string[] {
  return instance.steps.map((step) =>
    step.kind === 'action' ? step.summary : step.change.ref.type.describe(step.change).title,
  );
}

function tail(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(Math.max(0, bytes.length - MOST_OUTPUT))).trim();
  return bytes.length > MOST_OUTPUT ? `...${text}` : text;
}

/** The change was made without an error, and the host still shows something else. */
export function mismatch(change: Change, observed: unknown): TaskFailure {
  const { type } = change.ref;
  const diff = type.describe({ ref: change.ref, before: observed, after: change.after, options: {} });
  const differing = diff.attributes.map(
    (a) => `${a.name} is ${a.before ?? 'absent'} instead of ${a.after ?? 'absent'}`,
  );
  if (diff.content !== undefined) differing.push('its content differs');
  const what = differing.length > 0 ? differing.join(', ') : 'it is not as wanted';
  return {
    message: `${diff.title} was changed, and looked at again ${what}`,
    hint: 'Something on the host may have changed it back: another tool, a service, a generator of this file.',
  };
}
