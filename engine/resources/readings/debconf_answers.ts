import type { Change, Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { join, type Sh, sh } from '../../transport/sh.ts';
import { complaint, partLines } from '../answer_text.ts';
import { readingType } from '../reading.ts';

/** Question -> answer, as debconf-show(1) tells them: passwords are left out. */
type DebconfAnswers = { readonly [question: string]: string };

const answersType = readingType<DebconfAnswers>({
  name: 'debconf answers',
  collect,
  parse,
  derived: ({ ref: { type } }: Change) => type.name === 'debconf' || type.name === 'package',
});

/** All questions of a package. */
export function debconfAnswers(owner: string): Ref<DebconfAnswers> {
  return { type: answersType, id: owner, aspects: [] };
}

function collect(refs: readonly Ref<DebconfAnswers>[]): Sh {
  return join(refs.map(({ id }) => sh`rb_part ${`answers ${id}`}\ndebconf-show -- ${id} && rb_part ${`end ${id}`}`));
}

function parse(answer: Answer, refs: readonly Ref<DebconfAnswers>[]): readonly Seen[] {
  return refs.map((ref): Seen => {
    if (!answer.parts.has(`end ${ref.id}`)) return { ref, error: complaint(answer) };
    const rows = partLines(answer, `answers ${ref.id}`).flatMap((line): readonly (readonly [string, string])[] => {
      const [, question, value] = /^[* ]*([^:\s]+): ?(.*)$/.exec(line) ?? [];
      return question === undefined ? [] : [[question, (value ?? '').trim()]];
    });
    return { ref, value: Object.fromEntries(rows) };
  });
}
