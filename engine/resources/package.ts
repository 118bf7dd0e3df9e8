import type { Change, Diff, Ref, ResourceType, Seen } from '../planning/contracts.ts';
import { type Sh, sh, tidy } from '../transport/sh.ts';
import { complaint } from './answer_text.ts';
import { dpkgRows, parseDpkgRows } from './dpkg_rows.ts';
import { DPKG_NAMES } from './package_names.ts';
import { packageProgram } from './package_program.ts';
import { isInstalled, isPackageName, type PackageValue, samePackage } from './package_value.ts';

/** A package as dpkg and apt know it. Options of a change: AptOptions. */
export const packageType: ResourceType<PackageValue> = {
  name: 'package',
  collect,
  parse,
  transition: packageProgram,
  describe,
  same: samePackage,
  image: listBefore,
  affects: (change, other, value) => packageAffects(change, other, value),
  access: (id) => ACCESS.has(id.split(':')[0] as string),
};

/** A package by name (`nginx`, `libc6:i386`), or a virtual one that an installed package provides. */
export function packageOf(name: string): Ref<PackageValue> {
  return { type: packageType, id: name, aspects: [] };
}

function collect(refs: readonly Ref<PackageValue>[]): Sh {
  const names = refs.map((ref) => ref.id).filter(isPackageName);
  return names.length === 0 ? sh`:` : tidy(sh`${dpkgRows()}\nrb_dpkg ${names}`);
}

function parse(answer: Parameters<typeof parseDpkgRows>[0], refs: readonly Ref<PackageValue>[]): readonly Seen[] {
  const rows = answer.status === 0 ? parseDpkgRows(answer) : undefined;
  return refs.map((ref) => {
    if (!isPackageName(ref.id)) return { ref, error: `\`${ref.id}\` is not a package name` };
    return rows === undefined ? { ref, error: complaint(answer) } : { ref, value: rows.find(ref.id) };
  });
}

/** Where apt may bring more than was foreseen: what there was before, so that the rest can be told from it. */
function listBefore({ before, after, options }: Change<PackageValue>, to: Sh): Sh | undefined {
  const open = options.exact === false && !isInstalled(before) && isInstalled(after);
  return open ? sh`${DPKG_NAMES} >${to}` : undefined;
}

function describe({ ref, before, after }: Change<PackageValue>): Diff {
  const attributes = [
    { name: 'version', before: shown(before), after: shown(after) },
    { name: 'installed', before: reason(before), after: reason(after) },
    { name: 'hold', before: hold(before), after: hold(after) },
  ];
  const tells = (a: (typeof attributes)[number]) =>
    a.name === 'version' || (isInstalled(after) && a.after !== undefined);
  // That a new package was asked for, and is not on hold, goes without saying.
  const usual = (a: (typeof attributes)[number]) => a.before === undefined && /^(on request|no)$/.test(a.after ?? '');
  return {
    title: `package ${ref.id}`,
    action: before === null ? 'create' : after === null ? 'remove' : 'change',
    attributes: attributes.filter((a) => a.before !== a.after && tells(a) && !usual(a)),
  };
}

function shown(value: PackageValue | null): string | undefined {
  if (value === null) return undefined;
  if (value.state === 'config-files') return 'removed, configuration kept';
  if (value.providedBy !== undefined) return `provided by ${value.providedBy}`;
  const version = value.version ?? 'as apt chooses';
  return isInstalled(value) ? version : `${version} (${value.state})`;
}

function reason(value: PackageValue | null): string | undefined {
  return value?.auto === undefined ? undefined : value.auto ? 'as a dependency' : 'on request';
}

function hold(value: PackageValue | null): string | undefined {
  return value?.held === undefined ? undefined : value.held ? 'yes' : 'no';
}

/** Packages without which nobody gets in, or whose change may alter who does. */
const ACCESS = new Set([
  'openssh-server',
  'openssh-sftp-server',
  'sudo',
  'sudo-ldap',
  'libpam-modules',
  'libpam-runtime',
  'systemd',
  'dbus',
  'ifupdown',
  'netplan.io',
  'network-manager',
  'isc-dhcp-client',
  'cloud-init',
  'firewalld',
  'ufw',
  'nftables',
  'iptables',
  'iptables-persistent',
  'netfilter-persistent',
  'wireguard-tools',
  'openvpn',
]);

/** What apt may alter beside the packages it names: see `packageAffects`. */
export function aptDisturbs(other: Ref, value: unknown): boolean {
  return other.type.name === 'package' || other.type.name === 'candidate' || sideEffect(other, value, false);
}

function packageAffects({ before, after, options }: Change<PackageValue>, other: Ref, value: unknown): boolean {
  // Marks are a matter between apt and dpkg.
  const marksOnly = isInstalled(before) && isInstalled(after) && before?.version === after?.version;
  if (marksOnly) return other.type.name === 'apt simulation';
  // A simulated install names all that comes with it; otherwise whatever is missing may come along.
  if (other.type.name === 'package') return options.exact !== true && value === null;
  return sideEffect(other, value, before === null || before.state === 'config-files');
}

/**
 * A new package may bring what was not there; one that is upgraded or removed may change anything that a
 * package may own, which is nothing in /home and the like (FHS 3, Debian Policy 9.1).
 */
function sideEffect(other: Ref, value: unknown, fresh: boolean): boolean {
  switch (other.type.name) {
    case 'apt simulation':
    case 'package names':
      return true;
    case 'unit':
      return value === null || !fresh;
    case 'ufw':
    case 'ufw profile':
      return value === null || !fresh;
    case 'user':
    case 'group':
      return value === null;
    case 'path':
    case 'glob':
      if (!OWNABLE.test(other.id) || NOT_OWNABLE.test(other.id)) return REGISTRIES.has(other.id);
      return value === null || !fresh || other.type.name === 'glob' || REGISTRIES.has(other.id);
    default:
      return false;
  }
}

const OWNABLE = /^\/(etc|usr|var|run|boot|lib\w*|bin|sbin)(\/|$)/;
const NOT_OWNABLE = /^\/(usr\/local|var\/(www|tmp|local|backups))\//;
/** Files that maintainer scripts of new packages add lines to. */
const REGISTRIES = new Set(['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow', '/etc/shells']);
