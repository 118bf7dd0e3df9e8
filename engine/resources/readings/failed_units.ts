import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { sh } from '../../transport/sh.ts';
import { complaint, partLines } from '../answer_text.ts';
import { readingType } from '../reading.ts';

export interface FailedUnit {
  readonly name: string;
  readonly description: string;
}

const failedUnitsType = readingType<readonly FailedUnit[]>({ name: 'failed units', collect, parse, derived: true });

/** `null`: systemd does not run there. */
export const FAILED_UNITS: Ref<readonly FailedUnit[]> = { type: failedUnitsType, id: 'all', aspects: [] };

function collect() {
  return sh`if [ -d /run/systemd/system ]; then
  rb_part units
  systemctl list-units --state=failed --all --plain --full --no-legend --no-pager && rb_part end
else
  rb_part none
fi`;
}

function parse(answer: Answer, refs: readonly Ref<readonly FailedUnit[]>[]): readonly Seen[] {
  if (answer.parts.has('none')) return refs.map((ref) => ({ ref, value: null }));
  if (!answer.parts.has('end')) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  // UNIT LOAD ACTIVE SUB DESCRIPTION
  const value = partLines(answer, 'units').flatMap((line): readonly FailedUnit[] => {
    const [, name, description] = /^\s*(\S+)\s+\S+\s+\S+\s+\S+\s*(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, description: description ?? '' }];
  });
  return refs.map((ref) => ({ ref, value }));
}
