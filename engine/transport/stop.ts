import type { Entry } from './become.ts';
import type { Link } from './link.ts';
import { runOnce } from './run_once.ts';
import { type Sh, sh } from './sh.ts';

/** How long stopping may take in all: two seconds for TERM, two for KILL, and the trip. */
const STOP_TIMEOUT_MS = 10_000;

export interface Stop {
  /** The shell's. */
  readonly pid: number;
  /** A question that has not run for so long is let be: it is another one than was meant. */
  readonly ageMs: number;
  /** The shell itself is told to end as well, before it can start its next question. */
  readonly shell: boolean;
}

/**
 * A program that ends what runs below a shell: the question it is at. Processes are told apart by their pid and
 * start time (proc(5), stat fields 1, 3, 4 and 22; a hundred ticks a second), so that none is hit that only got an
 * old number. What has moved to a parent of its own in time (a daemon) is let live.
 */
export function stopProgram({ pid, ageMs, shell }: Stop): Sh {
  return sh`rb_tree() {
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v top="$1" -v known="$2" -v latest="$rb_latest" '
    { pid = $1; sub(/^.*\\) /, "") }
    $1 != "Z" { parent[pid] = $2; start[pid] = $20; name[pid] = pid ":" $20 }
    END {
      n = split(known, list, " ")
      for (i = 1; i <= n; i++) { split(list[i], one, ":"); if (name[one[1]] == list[i]) in_tree[one[1]] = 1 }
      if (top) for (p in parent) if (parent[p] == top && start[p] <= latest) in_tree[p] = 1
      do {
        more = 0
        for (p in parent) if (!(p in in_tree) && (parent[p] in in_tree)) { in_tree[p] = 1; more = 1 }
      } while (more)
      for (p in in_tree) printf "%s ", name[p]
    }'
}
rb_stop() {
  rb_n=0
  while rb_known=$(rb_tree "" "$rb_known") && [ "$rb_known" ] && [ "$rb_n" -lt 10 ]; do
    for rb_p in $rb_known; do kill -s "$1" "\${rb_p%%:*}" 2>/dev/null; done
    rb_n=$((rb_n + 1))
    sleep 0.2
  done
  [ -z "$rb_known" ]
}
rb_latest=$(awk -v age=${ageMs} '{ printf "%d", ($1 - age / 1000) * 100 + 1 }' /proc/uptime)
${shell ? sh`kill -s TERM ${pid}` : sh`:`}
rb_known=$(rb_tree ${pid} "")
rb_stop TERM || rb_stop KILL
`;
}

/** Ends the question that the shell is at. Whether it worked. */
export async function stopQuestion(link: Link, entry: Entry, stop: Stop): Promise<boolean> {
  try {
    const { status } = await runOnce(link, entry, stopProgram(stop), { timeoutMs: STOP_TIMEOUT_MS });
    return status === 0;
  } catch {
    // The caller goes on as if nothing could be stopped: it cuts the shell off and says so.
    return false;
  }
}
