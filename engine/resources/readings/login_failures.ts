import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { join, type Sh, sh } from '../../transport/sh.ts';
import { complaint, count, partLines, partText } from '../answer_text.ts';
import { readingType } from '../reading.ts';

/** Logins of one user from one address in the time that was asked for. */
export interface LoginCount {
  readonly count: number;
  /** `-`: on the host itself (su, sudo, a console). */
  readonly address: string;
  readonly user: string;
}

export interface LoginsValue {
  /** All there were; the rows are the most frequent ones. */
  readonly failed: number;
  readonly failures: readonly LoginCount[];
  readonly accepted: readonly LoginCount[];
  /** What was read: `the journal`, or a file. */
  readonly source: string;
}

const loginsType = readingType<LoginsValue>({ name: 'logins', collect, parse });

/** Logins of the last so many hours, by the journal, or by /var/log/auth.log where there is none. */
export function logins(hours: number): Ref<LoginsValue> {
  return { type: loginsType, id: String(hours), aspects: [] };
}

/**
 * A message -> `F` or `A`, address, user. The last ` from ` counts: a user's name may hold anything (sshd(8) writes it
 * as it was sent). A connection without password is told by how it was closed.
 */
const EXTRACT = [
  's/^Failed [^ ]+ for (invalid user )?(.*) from ([^ ]+) port [0-9]+( ssh2.*)?$/F\\t\\3\\t\\2/p',
  's/^(Connection closed by|Connection reset by|Disconnected from) (invalid|authenticating) user (.*) ([^ ]+) port [0-9]+ \\[preauth\\]$/F\\t\\4\\t\\3/p',
  's/^Accepted [^ ]+ for (.*) from ([^ ]+) port [0-9]+( ssh2.*)?$/A\\t\\2\\t\\1/p',
  's/^pam_unix\\((su|su-l|sudo|login):auth\\): authentication failure;.*[ ;]user=(.*)$/F\\t-\\t\\2/p',
].flatMap((script) => ['-e', script, '-e', 't']);

/** Counts what is the same on the host: there may be a million of them. The totals come first. */
const TALLY = `{ n[$0]++; t[$1]++ }
END { print "999999999999\\tT\\t" t["F"] + 0; for (k in n) print n[k] "\\t" k }`;

/** Lines since a time: ISO 8601 as rsyslog writes it now, or the old \`Nov 24 10:00:00\`, which has no year. */
const SINCE = `/^[0-9][0-9][0-9][0-9]-/ { if (substr($0, 1, 19) >= iso) print; next }
{ m = index("JanFebMarAprMayJunJulAugSepOctNovDec", $1); if (m == 0) next
  t = $3; gsub(":", "", t); k = sprintf("%02d%02d%s", (m + 2) / 3, $2, t)
  if (from <= now ? (k >= from && k <= now) : (k >= from || k <= now)) print }`;

const MESSAGE = 's/^.* (sshd|sshd-session|su|sudo|login)(\\[[0-9]+\\])?: //p';

function collect(refs: readonly Ref<LoginsValue>[]): Sh {
  return join(
    refs.map(
      ({ id }, i) => sh`rb_tally() {
  sed -nE ${EXTRACT} | awk -F '\\t' ${TALLY} | sort -rn | head -n 300
}
rb_since=${`${id} hours ago`}
rb_part ${`source ${i}`}
if command -v journalctl >/dev/null 2>&1 && [ -d /run/systemd/journal ]; then
  echo 'the journal'
  rb_part ${`tally ${i}`}
  if [ "$(id -u)" != 0 ] && ! id -nG | grep -qwE 'adm|systemd-journal'; then
    echo 'only root and the groups adm and systemd-journal may read the journal' >&2
  else
    journalctl -q --no-pager -o cat --since "$rb_since" -t sshd -t sshd-session -t su -t sudo -t login | rb_tally
  fi
elif [ -r /var/log/auth.log ]; then
  echo /var/log/auth.log
  rb_part ${`tally ${i}`}
  for rb_log in /var/log/auth.log.1 /var/log/auth.log; do
    if [ -r "$rb_log" ]; then cat "$rb_log"; fi
  done | awk -v "iso=$(date -d "$rb_since" +%Y-%m-%dT%H:%M:%S)" -v "from=$(date -d "$rb_since" +%m%d%H%M%S)" \
    -v "now=$(date +%m%d%H%M%S)" ${SINCE} | sed -nE ${MESSAGE} | rb_tally
else
  echo 'there is neither a journal nor an /var/log/auth.log that can be read' >&2
fi`,
    ),
  );
}

function parse(answer: Answer, refs: readonly Ref<LoginsValue>[]): readonly Seen[] {
  return refs.map((ref, i): Seen => {
    const rows = partLines(answer, `tally ${i}`).map((line) => line.split('\t'));
    const total = rows.find((row) => row[1] === 'T');
    if (total === undefined) return { ref, error: complaint(answer) };
    const of = (kind: string): readonly LoginCount[] =>
      rows.flatMap(([number, what, address = '', ...user]) =>
        what === kind ? [{ count: count(number) ?? 0, address, user: user.join('\t') }] : [],
      );
    const source = partText(answer, `source ${i}`).trim();
    return { ref, value: { failed: count(total[2]) ?? 0, failures: of('F'), accepted: of('A'), source } };
  });
}
