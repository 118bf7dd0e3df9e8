import type { Answer } from '../transport/connection.ts';
import { type Sh, sh } from '../transport/sh.ts';
import { partLines } from './answer_text.ts';
import type { PackageValue } from './package_value.ts';

/**
 * Defines `rb_dpkg NAME...`, which prints what dpkg and apt know of packages. dpkg-query(1) would take four times as
 * long to read the same text: dpkg's `status`, the `updates` that a dpkg left there which was stopped (of several
 * stanzas of a package the last counts), and apt's `extended_states`. The row of dpkg itself tells the host's own
 * architecture. A line is one of
 *
 *     NAME  ARCHITECTURE  STATUS  WANT  VERSION  KEEPS   a package; KEEPS is 1 where its removal leaves something
 *     ''  NAME  PROVIDES                                 it may provide a name that is not installed itself
 *     ''  ''  NAME:ARCHITECTURE                          apt took it for a dependency
 */
export function dpkgRows(): Sh {
  return sh`rb_dpkg() {
  rb_admin=\${DPKG_ADMINDIR:-/var/lib/dpkg}
  if [ ! -r "$rb_admin/status" ]; then
    echo 'there is no dpkg on this host: packages are managed on Debian and what derives from it' >&2
    return 1
  fi
  set -- dpkg "$@" / "$rb_admin/status"
  for rb_file in "$rb_admin"/updates/[0-9]* /var/lib/apt/extended_states; do
    if [ -r "$rb_file" ]; then set -- "$@" "$rb_file"; fi
  done
  rb_part rows
  RB_INFO=$rb_admin/info/ awk ${AWK} "$@"
}`;
}

const AWK = `function field(key, from, to) {
  from = index("\\n" $0, "\\n" key ": ")
  if (from == 0) return ""
  from += length(key) + 2
  to = index(substr($0, from), "\\n")
  return to == 0 ? substr($0, from) : substr($0, from, to - 1)
}
function exists(file, line, there) { there = (getline line < file) >= 0; close(file); return there }
BEGIN {
  RS = ""; FS = "\\n"
  for (i = 1; ARGV[i] != "/"; i++) { name = ARGV[i]; sub(/:.*/, "", name); want[name]; ARGV[i] = "" }
  ARGV[i] = ""
}
FILENAME ~ /\\/extended_states$/ {
  if (field("Auto-Installed") == "1" && (field("Package") in want))
    print "\\t\\t" field("Package") ":" field("Architecture")
  next
}
{
  name = field("Package")
  delete provides[name]
  if (/\\nProvides: / && field("Status") ~ / installed$/) provides[name] = field("Provides")
  if (!(name in want)) next
  split(field("Status"), status, " ")
  arch = field("Architecture")
  info = ENVIRON["RB_INFO"] name
  keeps = /\\nConffiles:\\n / || exists(info ".postrm") || exists(info ":" arch ".postrm")
  if (!((name, arch) in rows)) order[++count] = name SUBSEP arch
  rows[name, arch] = name "\\t" arch "\\t" status[3] "\\t" status[1] "\\t" field("Version") "\\t" (keeps ? 1 : "")
  installed[name] = status[3] == "installed"
}
END {
  for (i = 1; i <= count; i++) print rows[order[i]]
  for (name in want) if (!installed[name]) missing[name]
  for (provider in provides)
    for (name in missing)
      if (index(provides[provider], name)) { print "\\t" provider "\\t" provides[provider]; break }
}`;

/** A line of `rb_dpkg`. */
interface Row {
  readonly name: string;
  readonly arch: string;
  readonly status: string;
  readonly want: string;
  readonly version: string;
  readonly keeps: boolean;
}

export interface DpkgRows {
  /** What is known of a package, `null` where it is not there. */
  find(id: string): PackageValue | null;
}

/** `undefined` where the answer holds no rows: dpkg could not be asked. */
export function parseDpkgRows(answer: Answer): DpkgRows | undefined {
  const lines = partLines(answer, 'rows').map((line) => line.split('\t'));
  const rows = lines.flatMap(parseRow);
  const native = rows.find((row) => row.name === 'dpkg' && row.status === 'installed')?.arch;
  if (native === undefined) return undefined;
  const auto = new Set(lines.flatMap(([name, none, id]) => (name === '' && none === '' && id ? [id] : [])));
  const provides = lines.flatMap(parseProvides);
  return {
    find(id) {
      const [name = '', wanted = ''] = id.split(':');
      const arch = wanted === '' || wanted === 'any' || wanted === 'native' ? native : wanted;
      const fits = (row: Row) => row.arch === arch || (row.arch === 'all' && (arch === native || wanted === 'all'));
      const row = rows.find((r) => r.name === name && r.status !== 'not-installed' && fits(r));
      if (row !== undefined) return packageFrom(row, auto.has(`${name}:${row.arch === 'all' ? native : row.arch}`));
      const provider = provides.find((p) => p.provided.has(name));
      if (provider === undefined || wanted !== '') return null;
      return { state: 'installed', providedBy: provider.name };
    },
  };
}

function packageFrom(row: Row, auto: boolean): PackageValue {
  const there = row.status !== 'config-files';
  return {
    version: row.version,
    state: row.status,
    ...(there && { auto, held: row.want === 'hold' }),
    ...(row.keeps && there && { keeps: true }),
  };
}

function parseRow(fields: readonly string[]): readonly Row[] {
  const [name, arch, status, want, version, keeps] = fields;
  if (!name || arch === undefined || !status || want === undefined || version === undefined) return [];
  return [{ name, arch, status, want, version, keeps: keeps === '1' }];
}

interface Provider {
  readonly name: string;
  readonly provided: ReadonlySet<string>;
}

function parseProvides([empty, name, provided]: readonly string[]): readonly Provider[] {
  if (empty !== '' || !name || provided === undefined) return [];
  // `mail-transport-agent, libfoo (= 1.0)`: deb-control(5).
  return [{ name, provided: new Set(provided.split(',').map((p) => p.trim().split(/[ (:]/)[0] as string)) }];
}
