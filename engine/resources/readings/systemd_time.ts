import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { join, type Sh, sh } from '../../transport/sh.ts';
import { complaint, partText } from '../answer_text.ts';
import { readingType } from '../reading.ts';

/** What the host's systemd makes of a time. */
type SystemdTime = { readonly normal: string } | { readonly wrong: string };

const timeType = readingType<SystemdTime>({ name: 'systemd time', collect, parse });

/** An expression of systemd.time(7): `Mon *-*-* 02:00`, `monthly`; or a span such as `30min`. */
export function systemdTime(kind: 'calendar' | 'timespan', text: string): Ref<SystemdTime> {
  return { type: timeType, id: `${kind} ${text}`, aspects: [] };
}

function collect(refs: readonly Ref<SystemdTime>[]): Sh {
  return join(
    refs.map(({ id }, i) => {
      const [kind = '', text = ''] = split(id);
      return sh`rb_part ${`time ${i}`}
systemd-analyze ${kind} -- ${text} 2>&1
rb_status=$?
rb_part ${`status ${i}`}
echo "$rb_status"`;
    }),
  );
}

function split(id: string): readonly [string, string] {
  const space = id.indexOf(' ');
  return [id.slice(0, space), id.slice(space + 1)];
}

function parse(answer: Answer, refs: readonly Ref<SystemdTime>[]): readonly Seen[] {
  return refs.map((ref, i): Seen => {
    const status = partText(answer, `status ${i}`).trim();
    const said = partText(answer, `time ${i}`).trim();
    if (status === '0') return { ref, value: { normal: /Normalized form: (.*)/.exec(said)?.[1] ?? split(ref.id)[1] } };
    if (status === '127') return { ref, error: 'there is no systemd-analyze here: schedules need systemd' };
    return status === '1' ? { ref, value: { wrong: said.split('\n')[0] ?? '' } } : { ref, error: complaint(answer) };
  });
}
