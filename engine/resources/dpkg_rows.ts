import type { Answer } from '../transport/connection.ts';
import { type Sh, sh } from '../transport/sh.ts';
import { partLines } from './answer_text.ts';
import type { PackageValue } from './package_value.ts';

/**
 * Defines `rb_dpkg NAME...`, which prints what dpkg knows of packages: one dpkg-query, and a second one only
 * where a name is no installed package, since another may provide it. The row of dpkg itself tells the host's
 * own architecture. apt-mark(8) would take as long as apt-cache(8); the file it writes tells the same.
 */
export function dpkgRows(): Sh {
  return sh`rb_dpkg() {
  rb_rows=$(dpkg-query -W -f='\${Package}\\t\${Architecture}\\t\${db:Status-Status}\\t\${db:Status-Want}\\t\${Version}\\t\${Conffiles}\\n' -- dpkg "$@")
  rb_status=$?
  rb_part rows
  printf '%s\\n' "$rb_rows"
  case $rb_status in
    0 | 1) ;;
    127)
      echo 'there is no dpkg on this host: packages are managed on Debian and what derives from it' >&2
      return 1 ;;
    *) return 1 ;;
  esac
  case "$rb_status $rb_rows" in
    '1 '* | *not-installed*)
      rb_part provides
      dpkg-query -W -f='\${db:Status-Status}\\t\${Package}\\t\${Provides}\\n' | grep -F -e "$(printf '%s\\n' "$@")" || : ;;
  esac
  rb_part postrm
  for rb_name do
    for rb_file in /var/lib/dpkg/info/"\${rb_name%%:*}".postrm /var/lib/dpkg/info/"\${rb_name%%:*}":*.postrm; do
      if [ -e "$rb_file" ]; then echo "\${rb_file##*/}"; fi
    done
  done
  rb_part auto
  if [ -r /var/lib/apt/extended_states ]; then
    rb_stanzas=$(for rb_name do printf 'Package: %s\\n' "\${rb_name%%:*}"; done)
    grep -A 2 -xF -e "$rb_stanzas" /var/lib/apt/extended_states || :
  fi
}`;
}

/** A line of `rb_dpkg`. */
interface Row {
  readonly name: string;
  readonly arch: string;
  readonly status: string;
  readonly want: string;
  readonly version: string;
  readonly conffiles: boolean;
}

export interface DpkgRows {
  /** What is known of a package, `null` where it is not there. */
  find(id: string): PackageValue | null;
}

/** `undefined` where the answer holds no rows: dpkg could not be asked. */
export function parseDpkgRows(answer: Answer): DpkgRows | undefined {
  const rows = parseRows(partLines(answer, 'rows'));
  const native = rows.find((row) => row.name === 'dpkg' && row.status === 'installed')?.arch;
  if (native === undefined) return undefined;
  const auto = parseAuto(partLines(answer, 'auto'));
  const scripts = new Set(partLines(answer, 'postrm'));
  const provides = partLines(answer, 'provides').flatMap(parseProvides);
  return {
    find(id) {
      const [name = '', wanted = ''] = id.split(':');
      const arch = wanted === '' || wanted === 'any' || wanted === 'native' ? native : wanted;
      const fits = (row: Row) => row.arch === arch || (row.arch === 'all' && (arch === native || wanted === 'all'));
      const row = rows.find((r) => r.name === name && r.status !== 'not-installed' && fits(r));
      if (row !== undefined) {
        const isAuto = auto.has(`${name}:${row.arch === 'all' ? native : row.arch}`);
        const script = scripts.has(`${name}.postrm`) || scripts.has(`${name}:${row.arch}.postrm`);
        return packageFrom(row, isAuto, script || row.conffiles);
      }
      const provider = provides.find((p) => p.provided.has(name));
      if (provider === undefined || wanted !== '') return null;
      return { state: 'installed', providedBy: provider.name };
    },
  };
}

function packageFrom(row: Row, auto: boolean, keeps: boolean): PackageValue {
  const there = row.status !== 'config-files';
  return {
    version: row.version,
    state: row.status,
    ...(there && { auto, held: row.want === 'hold' }),
    ...(keeps && there && { keeps }),
  };
}

/** A line for each package. Its configuration files begin on the same line (dpkg 1.22) or on the next, after a space. */
function parseRows(all: readonly string[]): readonly Row[] {
  const rows: Row[] = [];
  for (const line of all) {
    const last = rows.at(-1);
    if (line.startsWith(' ') && last !== undefined) rows[rows.length - 1] = { ...last, conffiles: true };
    else rows.push(...parseRow(line));
  }
  return rows;
}

function parseRow(line: string): readonly Row[] {
  const [name, arch, status, want, version, conffile = ''] = line.split('\t');
  if (!name || arch === undefined || !status || want === undefined || version === undefined) return [];
  return [{ name, arch, status, want, version, conffiles: conffile !== '' }];
}

function parseProvides(line: string): readonly { readonly name: string; readonly provided: ReadonlySet<string> }[] {
  const [status, name, provided] = line.split('\t');
  if (status !== 'installed' || !name || provided === undefined) return [];
  // `mail-transport-agent, libfoo (= 1.0)`: deb-control(5).
  return [{ name, provided: new Set(provided.split(',').map((p) => p.trim().split(/[ (:]/)[0] as string)) }];
}

/** `name:arch` of the packages that apt's extended_states calls automatically installed. */
function parseAuto(lines: readonly string[]): ReadonlySet<string> {
  const auto = new Set<string>();
  let name = '';
  let arch = '';
  for (const line of lines) {
    const [, key, value = ''] = /^([A-Za-z-]+): (.*)$/.exec(line) ?? [];
    if (key === 'Package') name = value;
    else if (key === 'Architecture') arch = value;
    else if (key === 'Auto-Installed' && value === '1') auto.add(`${name}:${arch}`);
  }
  return auto;
}
