import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { sh } from '../../transport/sh.ts';
import { complaint, partLines, partText } from '../answer_text.ts';
import { readingType } from '../reading.ts';

export interface ClockValue {
  /** The kernel's word: a time server has been heard, and the clock follows it. Missing: nobody can tell. */
  readonly synchronized?: boolean;
  /** Units that keep the time and are active. */
  readonly services: readonly string[];
  /** How far chrony sees the clock off, in seconds. */
  readonly offset?: number;
  /** Where chrony gets the time from. */
  readonly source?: string;
  /** It is a container: the clock is its host's, and nothing in it could set it. */
  readonly container: boolean;
}

const clockType = readingType<ClockValue>({ name: 'clock', collect, parse, derived: true });

export const CLOCK: Ref<ClockValue> = { type: clockType, id: 'host', aspects: [] };

const SERVICES = ['systemd-timesyncd', 'chrony', 'ntpsec', 'ntp', 'openntpd'].map((name) => `${name}.service`);

function collect() {
  return sh`rb_part timedatectl
timedatectl show -p NTPSynchronized 2>/dev/null || :
rb_part services
for rb_unit in ${SERVICES}; do
  if systemctl is-active -q "$rb_unit" 2>/dev/null; then echo "$rb_unit"; fi
done
rb_part chrony
if command -v chronyc >/dev/null 2>&1; then timeout 5 chronyc -n -c tracking 2>/dev/null || :; fi
rb_part container
if systemd-detect-virt -c -q 2>/dev/null; then echo yes; fi
rb_part end`;
}

function parse(answer: Answer, refs: readonly Ref<ClockValue>[]): readonly Seen[] {
  if (!answer.parts.has('end')) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const said = /^NTPSynchronized=(yes|no)$/m.exec(partText(answer, 'timedatectl'))?.[1];
  // chronyc(1), -c: reference, address, stratum, time, offset of the system's clock, ...
  const [reference, source, , , offset] = partText(answer, 'chrony').trim().split(',');
  const seconds = Number.parseFloat(offset ?? '');
  const follows = reference !== undefined && reference !== '' && !/^0+$/.test(reference) && !/^7F7F/.test(reference);
  const value: ClockValue = {
    ...(said !== undefined && { synchronized: said === 'yes' }),
    services: partLines(answer, 'services'),
    ...(follows && !Number.isNaN(seconds) && { offset: Math.abs(seconds), source: source ?? '' }),
    container: partText(answer, 'container').trim() === 'yes',
  };
  return refs.map((ref) => ({ ref, value }));
}
