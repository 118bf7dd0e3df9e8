import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { join, type Sh, sh } from '../../transport/sh.ts';
import { complaint, partLines, partText } from '../answer_text.ts';
import { readingType } from '../reading.ts';

/** What sshd is set to in the end: options in small letters, each with its values (`port` may have several). */
export interface SshdOptionsValue {
  readonly options: Readonly<Record<string, readonly string[]>>;
}

const sshdOptionsType = readingType<SshdOptionsValue>({ name: 'sshd options', collect, parse, derived: true });

/**
 * `sshd -T`: what it would be if it were started now. `connection` as for its option -C (`user=deploy,addr=10.0.0.1`);
 * empty: what holds before any Match. `null`: there is no sshd.
 */
export function sshdOptions(connection = ''): Ref<SshdOptionsValue> {
  return { type: sshdOptionsType, id: connection, aspects: [] };
}

function collect(refs: readonly Ref<SshdOptionsValue>[]): Sh {
  const questions = refs.map(({ id }, i) => {
    const about = id === '' ? [] : ['-C', id];
    return sh`rb_said=$("$rb_sshd" -T ${about} 2>&1 </dev/null)
rb_status=$?
rb_part ${`status ${i}`}
echo "$rb_status"
rb_part ${`said ${i}`}
printf '%s\\n' "$rb_said"`;
  });
  return sh`rb_sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd) || rb_sshd=
rb_part sshd
echo "$rb_sshd"
if [ -n "$rb_sshd" ]; then
${join(questions)}
fi`;
}

function parse(answer: Answer, refs: readonly Ref<SshdOptionsValue>[]): readonly Seen[] {
  return refs.map((ref, i): Seen => {
    if (partText(answer, 'sshd') === '\n') return { ref, value: null };
    const status = partText(answer, `status ${i}`).trim();
    const said = partLines(answer, `said ${i}`);
    if (status !== '0') return { ref, error: said.join('; ') || complaint(answer) };
    const options = new Map<string, string[]>();
    for (const line of said) {
      const [, name, value = ''] = /^([a-z0-9]+)(?: (.*))?$/.exec(line) ?? [];
      if (name === undefined) continue;
      options.set(name, [...(options.get(name) ?? []), value]);
    }
    return { ref, value: { options: Object.fromEntries(options) } };
  });
}
