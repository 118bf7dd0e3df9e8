import type { Change, Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { sh } from '../../transport/sh.ts';
import { complaint, partLines } from '../answer_text.ts';
import { readingType } from '../reading.ts';

export interface InstalledPackage {
  /** With its architecture where that is not the host's own: `libc6:i386`. */
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  /** Section of the archive. */
  readonly category: string;
}

const installedType = readingType<readonly InstalledPackage[]>({
  name: 'installed packages',
  collect: () => sh`rb_part rows
dpkg-query -W -f='\${db:Status-Status}\\t\${Package}\\t\${Version}\\t\${Architecture}\\t\${Section}\\n'`,
  parse,
  derived: ({ ref: { type, id } }: Change) =>
    type.name === 'package' || (type.name === 'path' && id.startsWith('/var/lib/dpkg')),
});

/** All packages that are installed (dpkg), by name. */
export const INSTALLED_PACKAGES: Ref<readonly InstalledPackage[]> = { type: installedType, id: 'dpkg', aspects: [] };

function parse(answer: Answer, refs: readonly Ref<readonly InstalledPackage[]>[]): readonly Seen[] {
  const rows = partLines(answer, 'rows').map((line) => line.split('\t'));
  const native = rows.find(([status, name]) => status === 'installed' && name === 'dpkg')?.[3];
  if (native === undefined) {
    const none = answer.status === 127 ? 'there is no dpkg on this host' : complaint(answer);
    return refs.map((ref) => ({ ref, error: none }));
  }
  const value = rows.flatMap(([status, name = '', version = '', arch = '', category = '']) => {
    const own = arch === native || arch === 'all';
    return status === 'installed' ? [{ name: own ? name : `${name}:${arch}`, version, arch, category }] : [];
  });
  return refs.map((ref) => ({ ref, value }));
}
