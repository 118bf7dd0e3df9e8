import type { Ref, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { type Sh, sh } from '../transport/sh.ts';
import { complaint, count, partLines } from './answer_text.ts';
import { readingType } from './reading.ts';

/** apt's package lists and the packages it has fetched. */
export interface AptListsValue {
  /** When the lists were last renewed, in seconds since 1970 by the host's clock; 0: there are none. */
  readonly updatedAt: number;
  /** Seconds since then, by the host's clock. */
  readonly age: number;
  /** Package files in /var/cache/apt/archives. */
  readonly archives: number;
}

export const aptListsType = readingType<AptListsValue>({
  name: 'apt lists',
  collect,
  parse,
});

export const APT_LISTS: Ref<AptListsValue> = { type: aptListsType, id: 'lists', aspects: [] };

/**
 * The time is that of update-notifier's stamp or of the directory (Ansible takes the same two). Lists that
 * somebody has emptied, as container images do, are as good as never renewed.
 */
function collect(): Sh {
  return sh`rb_count() {
  if [ -e "$1" ]; then echo $#; else echo 0; fi
}
rb_part lists
if [ "$(rb_count /var/lib/apt/lists/*_*)" -gt 0 ]; then
  stat -c %Y -- /var/lib/apt/lists /var/lib/apt/periodic/update-success-stamp 2>/dev/null
fi
rb_part now
date +%s
rb_part archives
rb_count /var/cache/apt/archives/*.deb`;
}

function parse(answer: Answer, refs: readonly Ref<AptListsValue>[]): readonly Seen[] {
  const now = count(partLines(answer, 'now')[0]);
  const archives = count(partLines(answer, 'archives')[0]);
  if (now === undefined || archives === undefined) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const updatedAt = Math.max(0, ...partLines(answer, 'lists').map((line) => count(line) ?? 0));
  return refs.map((ref) => ({ ref, value: { updatedAt, age: Math.max(0, now - updatedAt), archives } }));
}
