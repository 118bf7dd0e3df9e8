import { type Answer, type AskOptions, type Shell, TransportError } from '../transport/connection.ts';
import type { Ref, ResourceType, Seen } from './contracts.ts';
import { keyOf } from './contracts.ts';
import { named } from './named.ts';

/** One question a resource type: what to ask, and how to read the answer. */
interface Question {
  readonly type: ResourceType<unknown>;
  readonly refs: readonly Ref[];
}

export function questionsFor(refs: Iterable<Ref>): readonly Question[] {
  const byType = new Map<ResourceType<unknown>, Ref[]>();
  for (const ref of refs) {
    const list = byType.get(ref.type);
    if (list === undefined) byType.set(ref.type, [ref]);
    else list.push(ref);
  }
  return [...byType].map(([type, list]) => ({ type, refs: list }));
}

/** What an answer tells; a ref that it leaves out could not be read. */
export function read(question: Question, answer: Answer | null): readonly Seen[] {
  if (answer === null) return question.refs.map((ref) => ({ ref, error: 'it was not looked at' }));
  const seen = question.type.parse(answer, question.refs);
  const told = new Set(seen.map((one) => keyOf(one.ref)));
  const missing = question.refs.filter((ref) => !told.has(keyOf(ref)));
  if (missing.length === 0) return seen;
  const stderr = new TextDecoder().decode(answer.stderr).trim();
  const why = stderr === '' ? `looking at it ended with status ${answer.status}` : stderr;
  return [...seen, ...missing.map((ref) => ({ ref, error: why }))];
}

/**
 * Looks at all refs in one round trip, with one process for each kind of question. `each` hears of the answers as they
 * come.
 */
export async function observe(
  shell: Shell,
  refs: Iterable<Ref>,
  options: AskOptions,
  each?: (seen: readonly Seen[]) => void,
): Promise<readonly Seen[]> {
  const questions = questionsFor(refs);
  const seen: (readonly Seen[])[] = [];
  // An answer is read as it comes, while the host works on the next one.
  const onAnswer = (i: number, answer: Answer) => {
    const told = read(questions[i] as Question, answer);
    seen[i] = told;
    each?.(told);
  };
  try {
    await shell.ask(
      questions.map(({ type, refs: asked }) => type.collect(asked)),
      { ...options, onAnswer },
    );
  } catch (thrown) {
    throw lookedAt(thrown, questions);
  }
  return questions.flatMap((question, i) => seen[i] ?? read(question, null));
}

/** As many resources as are named where looking at them took too long. */
const MOST_NAMED = 5;

/** A look that hangs tells at what: as a rule it is a file system that does not answer. */
function lookedAt(thrown: unknown, questions: readonly Question[]): unknown {
  if (!(thrown instanceof TransportError) || thrown.question === undefined) return thrown;
  const question = questions[thrown.question];
  if (question === undefined) return thrown;
  const ids = question.refs.map(({ id }) => id);
  const what = `${question.type.name} ${named(ids, MOST_NAMED)}`;
  return new TransportError(thrown.fault, `${thrown.message}; it was looking at ${what}`, thrown.hint);
}
