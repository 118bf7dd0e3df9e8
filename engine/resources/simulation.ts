import type { Ref, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import { lines, partText } from './answer_text.ts';
import { quietApt } from './apt_cache.ts';
import { dpkgRows, parseDpkgRows } from './dpkg_rows.ts';
import { packageOf } from './package.ts';
import { isPackageName } from './package_value.ts';
import { readingType } from './reading.ts';

/** What one apt-get would do, dependencies and all. */
export interface SimulationValue {
  readonly rows: readonly SimulationRow[];
  /** Package files that `autoclean` would delete: `nginx 1.22.1-9`. */
  readonly deleted: readonly string[];
  /** Why it would refuse, in its own words. */
  readonly refused?: string;
  /** A dpkg was cut off while it worked: apt does nothing before it is finished. */
  readonly interrupted?: true;
}

export interface SimulationRow {
  /** `configure`: it is unpacked already. */
  readonly action: 'install' | 'remove' | 'purge' | 'configure';
  readonly name: string;
  /** The version it has now. */
  readonly from?: string;
  readonly to?: string;
}

/** `apt-get -s`: needs no lock, leaves no trace (apt-get(8)). */
export const simulationType = readingType<SimulationValue>({
  name: 'apt simulation',
  collect,
  parse,
});

/** The words for apt-get(8): `['install', 'nginx']`. */
export function simulation(words: readonly string[]): Ref<SimulationValue> {
  return { type: simulationType, id: JSON.stringify(words), aspects: [] };
}

function wordsOf(ref: Ref<SimulationValue>): readonly string[] {
  return JSON.parse(ref.id) as string[];
}

/** After each simulation dpkg is asked of the packages it names: they are about to change. */
function collect(refs: readonly Ref<SimulationValue>[]): Sh {
  const runs = refs.map(
    (ref, i) => sh`rb_said=$(rb_apt apt-get -s -q -y ${wordsOf(ref)} 2>&1 </dev/null)
rb_status=$?
rb_part ${`status ${i}`}
echo "$rb_status"
rb_part ${`said ${i}`}
printf '%s\\n' "$rb_said"
rb_all="$rb_all
$rb_said"`,
  );
  return sh`${quietApt()}
${dpkgRows()}
rb_all=
${join(runs)}
rb_part interrupted
for rb_journal in /var/lib/dpkg/updates/[0-9]*; do
  # A journal is there while dpkg works, too; then somebody holds its lock (proc(5): the inode stands last but one).
  if [ -e "$rb_journal" ] && ! grep -q ":$(stat -c %i /var/lib/dpkg/lock) " /proc/locks; then echo "$rb_journal"; fi
  break
done
rb_names=$(printf '%s\\n' "$rb_all" | sed -n ${NAMES} | sort -u)
if [ -n "$rb_names" ]; then
  set -f
  # shellcheck disable=SC2086 # a word for each name
  rb_dpkg $rb_names
fi`;
}

const NAMES = ['Inst', 'Remv', 'Purg', 'Conf'].flatMap((verb) => ['-e', `s/^${verb} \\([^ ]*\\) .*/\\1/p`]);

function parse(answer: Answer, refs: readonly Ref<SimulationValue>[]): readonly Seen[] {
  const interrupted = partText(answer, 'interrupted') !== '';
  const seen: Seen[] = refs.map((ref, i) => {
    if (interrupted) return { ref, value: { rows: [], deleted: [], refused: INTERRUPTED, interrupted: true } };
    return { ref, value: readSimulation(partText(answer, `said ${i}`), partText(answer, `status ${i}`).trim()) };
  });
  const dpkg = parseDpkgRows(answer);
  if (dpkg === undefined) return seen;
  const simulated = seen.flatMap((one) => ('value' in one ? (one.value as SimulationValue).rows : []));
  const names = new Set(simulated.map((row) => row.name).filter(isPackageName));
  return [...seen, ...[...names].map((name) => ({ ref: packageOf(name), value: dpkg.find(name) }))];
}

const INTERRUPTED =
  'dpkg was interrupted on this host while it worked; run `dpkg --configure -a` there first, which finishes it';

function readSimulation(said: string, status: string): SimulationValue {
  const all = lines(said);
  const rows = all.flatMap(parseRow);
  // What is unpacked and configured in one go has both lines.
  const unpacked = new Set(rows.filter((row) => row.action === 'install').map((row) => row.name));
  const value = {
    rows: rows.filter((row) => row.action !== 'configure' || !unpacked.has(row.name)),
    deleted: all.flatMap((line) => /^Del (\S+ \S+)/.exec(line)?.[1] ?? []),
  };
  return status === '0' ? value : { ...value, rows: [], refused: refusal(all, status) };
}

function refusal(all: readonly string[], status: string): string {
  const at = all.findIndex((line) => line.startsWith('The following packages have unmet dependencies:'));
  const unmet = at === -1 ? [] : all.slice(at + 1).filter((line) => line.startsWith(' ') || line.startsWith('\t'));
  const errors = all.filter((line) => line.startsWith('E: ')).map((line) => line.slice(3));
  const told = [...errors, ...unmet.map((line) => line.trim())];
  return told.length === 0 ? `apt-get ended with status ${status}` : told.join('\n');
}

/**
 * `Inst NAME [OLD] (NEW ORIGIN [ARCH]) [BROKEN]`, `Conf NAME (NEW ORIGIN [ARCH])`, `Remv NAME [OLD]`,
 * `Purg NAME [OLD]`: what is in brackets at the start is missing where there is none.
 */
function parseRow(line: string): readonly SimulationRow[] {
  const [, verb, name, from, to] = /^(Inst|Conf|Remv|Purg) (\S+)(?: \[(\S*)\])?(?: \((\S+) .*\))?/.exec(line) ?? [];
  const action = { Inst: 'install', Conf: 'configure', Remv: 'remove', Purg: 'purge' }[verb ?? ''] as
    | SimulationRow['action']
    | undefined;
  if (action === undefined || name === undefined) return [];
  return [{ action, name, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
}
