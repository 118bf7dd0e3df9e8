import type { Ref, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import { complaint, partText } from './answer_text.ts';
import { readingType } from './reading.ts';

/** Paths that match a pattern, in the shell's order. `null`: none does. */
export interface GlobValue {
  readonly paths: readonly string[];
}

export const globType = readingType<GlobValue>({
  name: 'glob',
  collect,
  parse,
});

/** As Python's `glob`: hidden names match no `*`, links need not lead anywhere. A relative pattern starts where commands do. */
export function glob(pattern: string): Ref<GlobValue> {
  return { type: globType, id: pattern, aspects: [] };
}

/** The shell expands a pattern that comes out of a variable and never evaluates it (XCU 2.6.6). */
function collect(refs: readonly Ref<GlobValue>[]): Sh {
  const questions = refs.map(
    ({ id }, i) => sh`rb_pattern=${id}
rb_part ${`paths ${i}`}
# shellcheck disable=SC2086 # it is to be expanded
for rb_path in $rb_pattern; do
  if [ -e "$rb_path" ] || [ -L "$rb_path" ]; then printf '%s\\000' "$rb_path"; fi
done`,
  );
  return sh`IFS=\n${join(questions)}`;
}

function parse(answer: Answer, refs: readonly Ref<GlobValue>[]): readonly Seen[] {
  return refs.map((ref, i) => {
    const part = `paths ${i}`;
    if (!answer.parts.has(part)) return { ref, error: complaint(answer) };
    const paths = partText(answer, part).split('\0').slice(0, -1);
    return { ref, value: paths.length === 0 ? null : { paths } };
  });
}
