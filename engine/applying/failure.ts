import type { Change } from '../planning/contracts.ts';
import type { Instance } from '../planning/instance.ts';
import { named } from '../planning/named.ts';
import type { PlannedStep, TaskFailure } from '../planning/plan.ts';
import type { Answer } from '../transport/connection.ts';
import type { Piece } from './program.ts';

/** As much of a command's output as a person reads; the rest is in the registered result. */
const MOST_OUTPUT = 4096;
/** As many steps as are named; a copied tree may have thousands. */
const MOST_NAMED = 10;

/** A failed step, told with what had been made before it and what had not. */
export function failureOf(piece: Piece, answer: Answer, message: string, done: readonly Piece[]): TaskFailure {
  const left = leftBehind(piece, done);
  return {
    message,
    command: named(titlesOf(piece), MOST_NAMED),
    status: answer.status,
    stderr: tail(answer.stderr),
    stdout: tail(answer.stdout),
    ...(left === undefined ? {} : { left }),
  };
}

/** What a piece does, step by step, each in a few words. */
function titlesOf(piece: Piece): readonly string[] {
  if (piece.kind === 'proof') return [];
  if (piece.kind === 'transition') return piece.changes.map(({ change }) => titleOf(change));
  return [stepTitle(piece.instance, piece.action)];
}

function stepTitle({ noLog }: Instance, step: PlannedStep): string {
  if (step.kind === 'change') return titleOf(step.change);
  return noLog ? 'what it runs' : step.summary;
}

function titleOf(change: Change): string {
  return change.ref.type.describe(change).title;
}

/** The connection broke in the middle of a task: what was answered for is done, of the rest nobody knows. */
export function brokenOff(
  pieces: readonly { readonly piece: Piece; readonly answer: Answer | null | undefined }[],
): string {
  const titles = (answered: boolean) =>
    pieces.flatMap(({ piece, answer }) => ((answer != null) === answered ? titlesOf(piece) : []));
  const [done, begun] = [titles(true), titles(false)];
  const told = [
    ...(done.length === 0 ? [] : [`Done: ${named(done, MOST_NAMED)}`]),
    ...(begun.length === 0 ? [] : [`sent, and perhaps done: ${named(begun, MOST_NAMED)}`]),
    'the next run looks and goes on from there',
  ].join('; ');
  return `${told.charAt(0).toUpperCase()}${told.slice(1)}.`;
}

function leftBehind(failed: Piece, done: readonly Piece[]): string | undefined {
  const { steps } = failed.instance;
  if (steps.length < 2)
    return failed.kind === 'transition' ? 'Nothing of it was changed, as far as the failed step tells.' : undefined;
  const made = done.flatMap(titlesOf);
  // Changes that are made together fail together, and nobody says how far they came.
  const failing = titlesOf(failed);
  const doubtful = failing.length > 1 ? failing : [];
  const planned = steps.map((step) => stepTitle(failed.instance, step));
  const open = planned.slice(made.length + doubtful.length);
  const told = [
    made.length === 0 ? 'Nothing was done before it' : `Done before it: ${named(made, MOST_NAMED)}`,
    ...(doubtful.length === 0 ? [] : [`some of this may be done: ${named(doubtful, MOST_NAMED)}`]),
    ...(open.length === 0 ? [] : [`not done: ${named(open, MOST_NAMED)}`]),
  ];
  return `${told.join('; ')}.`;
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
