import type { ValueMap } from '../../language/values.ts';
import { assignments, type Sources } from './sources.ts';

/** Ansible's names by ID of os-release(5). */
const NAMES: Readonly<Record<string, string>> = {
  debian: 'Debian',
  ubuntu: 'Ubuntu',
  raspbian: 'Raspbian',
  linuxmint: 'Linux Mint',
  kali: 'Kali',
  devuan: 'Devuan',
  parrot: 'Parrot',
  pop: 'Pop!_OS',
  alpine: 'Alpine',
  arch: 'Archlinux',
  fedora: 'Fedora',
  rhel: 'RedHat',
  centos: 'CentOS',
  rocky: 'Rocky',
  almalinux: 'AlmaLinux',
  amzn: 'Amazon',
};

const DEBIAN = new Set(['debian', 'ubuntu', 'raspbian', 'linuxmint', 'kali', 'devuan', 'parrot', 'pop']);
const RED_HAT = new Set(['fedora', 'rhel', 'centos', 'rocky', 'almalinux', 'amzn']);

interface Release {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly codename: string;
}

function release(sources: Sources): Release {
  const path = sources.file('/etc/os-release') === undefined ? '/usr/lib/os-release' : '/etc/os-release';
  const os = assignments(sources.file(path));
  const id = os.get('ID') ?? '';
  const fromVersion = /\(([^)]+)\)/.exec(os.get('VERSION') ?? '')?.[1];
  return {
    id,
    name: (Object.hasOwn(NAMES, id) ? NAMES[id] : os.get('NAME')) ?? 'NA',
    version: preciseVersion(id, os.get('VERSION_ID') ?? '', sources.file('/etc/debian_version') ?? ''),
    codename: os.get('VERSION_CODENAME') ?? os.get('UBUNTU_CODENAME') ?? fromVersion?.toLowerCase() ?? '',
  };
}

/** Debian's os-release has no point releases; /etc/debian_version does, or two names on testing and unstable. */
function preciseVersion(id: string, version: string, debianVersion: string): string {
  if (id !== 'debian') return version;
  return /^\d+(\.\d+)+/.exec(debianVersion)?.[0] ?? version;
}

export function distributionFacts(sources: Sources): ValueMap {
  const { id, name, version, codename } = release(sources);
  const minor = id === 'debian' ? /\d+\.(\d+)/.exec(sources.file('/etc/debian_version') ?? '')?.[1] : undefined;
  const family = DEBIAN.has(id) ? 'Debian' : RED_HAT.has(id) ? 'RedHat' : name;
  return {
    distribution: name,
    distribution_version: version || 'NA',
    distribution_major_version: version.split('.')[0] || 'NA',
    ...(minor !== undefined && { distribution_minor_version: minor }),
    distribution_release: codename || 'NA',
    ...(DEBIAN.has(id) && {
      distribution_file_path: '/etc/os-release',
      distribution_file_variety: 'Debian',
      distribution_file_parsed: true,
    }),
    os_family: family,
  };
}

/** What lsb_release(1) prints, from the files that it reads: starting it takes longer than all other facts. */
export function lsbFacts(sources: Sources): ValueMap {
  const file = assignments(sources.file('/etc/lsb-release'));
  const os = assignments(sources.file('/etc/os-release'));
  if (!sources.exists('lsb_release') && file.size === 0) return { lsb: {} };
  const { name, codename } = release(sources);
  const number = file.get('DISTRIB_RELEASE') ?? os.get('VERSION_ID') ?? '';
  return {
    lsb: {
      id: file.get('DISTRIB_ID') ?? name,
      description: file.get('DISTRIB_DESCRIPTION') ?? os.get('PRETTY_NAME') ?? '',
      release: number,
      codename: file.get('DISTRIB_CODENAME') ?? codename,
      major_release: number.split('.')[0] as string,
    },
  };
}
