import type { Ref, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import { partLines } from './answer_text.ts';
import { quietApt } from './apt_cache.ts';
import { fnmatch } from './fnmatch.ts';
import { readingType } from './reading.ts';

/** Names of packages that match a pattern, sorted. */
export interface PackageNamesValue {
  readonly names: readonly string[];
}

export const packageNamesType = readingType<PackageNamesValue>({
  name: 'package names',
  collect,
  parse,
});

/**
 * Packages by a pattern (fnmatch): those that dpkg has heard of, or all that apt could install too. As with
 * Ansible, a pattern without `:` stands for packages of the host's own architecture.
 */
export function packageNames(pattern: string, among: 'dpkg' | 'apt'): Ref<PackageNamesValue> {
  return { type: packageNamesType, id: `${among}/${pattern}`, aspects: [] };
}

function split(id: string): { readonly among: string; readonly pattern: string } {
  const slash = id.indexOf('/');
  return { among: id.slice(0, slash), pattern: id.slice(slash + 1) };
}

/** apt's own filter is a prefix: what stands before the first character that is no letter of a name. */
function prefixOf(pattern: string): string {
  return /^[A-Za-z0-9+._-]*/.exec(pattern)?.[0] ?? '';
}

function collect(refs: readonly Ref<PackageNamesValue>[]): Sh {
  const questions = refs.map((ref, i) => {
    const { among, pattern } = split(ref.id);
    if (among === 'dpkg') return sh`rb_part ${`names ${i}`}\n${DPKG_NAMES}`;
    return sh`rb_part ${`names ${i}`}\nrb_apt apt-cache pkgnames -- ${prefixOf(pattern)}`;
  });
  return join([quietApt(), ...questions]);
}

function parse(answer: Answer, refs: readonly Ref<PackageNamesValue>[]): readonly Seen[] {
  return refs.flatMap((ref, i) => {
    const { pattern } = split(ref.id);
    if (!answer.parts.has(`names ${i}`)) return [];
    const names = localNames(partLines(answer, `names ${i}`));
    const fits = names.filter((name) => pattern.includes(':') || !name.includes(':'));
    return [{ ref, value: { names: [...new Set(fits.filter((name) => fnmatch(name, pattern)))].sort() } }];
  });
}

/** `NAME:ARCHITECTURE` of all that dpkg has heard of, a line each. */
export const DPKG_NAMES: Sh = sh`dpkg-query -W -f='\${Package}:\${Architecture}\\n'`;

/** dpkg's own row tells the host's architecture, which goes without saying in the other names. */
export function localNames(rows: readonly string[]): readonly string[] {
  const native = rows.find((row) => row.startsWith('dpkg:'))?.slice('dpkg:'.length) ?? '';
  return rows
    .filter((row) => row !== '')
    .map((row) => {
      const [name = '', arch = ''] = row.split(':');
      return arch === '' || arch === 'all' || arch === native ? name : row;
    });
}
