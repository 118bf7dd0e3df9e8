import type { Ref, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import { complaint, partLines, partText } from './answer_text.ts';
import { readingType } from './reading.ts';

/** What a .deb file on the host holds. `null`: there is no such file. */
export interface DebFileValue {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

export const debFileType = readingType<DebFileValue>({
  name: 'deb file',
  collect,
  parse,
});

export function debFile(path: string): Ref<DebFileValue> {
  return { type: debFileType, id: path, aspects: [] };
}

function collect(refs: readonly Ref<DebFileValue>[]): Sh {
  return join(
    refs.map(
      ({ id }, i) => sh`if [ -e ${id} ]; then
  rb_part ${`fields ${i}`}
  dpkg-deb -f ${id} Package Version Architecture 2>&1
  rb_status=$?
  rb_part ${`status ${i}`}
  echo "$rb_status"
else
  rb_part ${`absent ${i}`}
fi`,
    ),
  );
}

function parse(answer: Answer, refs: readonly Ref<DebFileValue>[]): readonly Seen[] {
  return refs.map((ref, i) => {
    if (answer.parts.has(`absent ${i}`)) return { ref, value: null };
    const fields = partLines(answer, `fields ${i}`);
    const field = (key: string) => fields.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2);
    const [name, version, architecture] = [field('Package'), field('Version'), field('Architecture')];
    if (partText(answer, `status ${i}`).trim() === '0' && name && version && architecture) {
      return { ref, value: { name, version, architecture } };
    }
    return { ref, error: fields.join('\n') || complaint(answer) };
  });
}
