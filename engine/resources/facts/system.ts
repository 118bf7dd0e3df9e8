import type { Value, ValueMap } from '../../language/values.ts';
import { count } from '../answer_text.ts';
import { assignments, fields, type Sources } from './sources.ts';

/** Facts that Ansible has small collectors for, by the collector's name. */
export function systemFacts(sources: Sources, distribution: () => ValueMap): Readonly<Record<string, () => ValueMap>> {
  return {
    selinux: () => ({ selinux: selinux(sources) }),
    apparmor: () => ({ apparmor: { status: apparmor(sources) } }),
    chroot: () => ({ is_chroot: isChroot(sources) }),
    fips: () => ({ fips: sources.file('/proc/sys/crypto/fips_enabled') === '1' }),
    pkg_mgr: () => ({ pkg_mgr: packageManager(sources, distribution()) }),
    service_mgr: () => ({ service_mgr: serviceManager(sources) }),
    cmdline: () => kernelArguments(sources.file('/proc/cmdline')),
    env: () => ({ env: environment(sources) }),
    loadavg: () => loadAverage(sources),
    ssh_pub_keys: () => hostKeys(sources),
    user: () => userFacts(sources),
    dns: () => ({ dns: resolver(sources) }),
  };
}

function apparmor(sources: Sources): string {
  return sources.exists('/sys/kernel/security/apparmor') ? 'enabled' : 'disabled';
}

function selinux(sources: Sources): ValueMap {
  const enforce = sources.file('/sys/fs/selinux/enforce');
  if (enforce === undefined) return { status: 'disabled' };
  const config = assignments(sources.file('/etc/selinux/config'));
  return {
    status: 'enabled',
    mode: enforce === '1' ? 'enforcing' : 'permissive',
    config_mode: config.get('SELINUX') ?? 'unknown',
    type: config.get('SELINUXTYPE') ?? 'unknown',
    policyvers: count(sources.file('/sys/fs/selinux/policyvers')) ?? 'unknown',
  };
}

/** Inodes that the root of a file system has. */
const ROOT_INODE: Readonly<Record<string, string>> = { btrfs: '256', xfs: '128' };

function isChroot(sources: Sources): boolean {
  if (environment(sources).debian_chroot) return true;
  const root = sources.text('root').trim();
  if (root === 'same' || root === 'other') return root === 'other';
  // mountinfo, proc(5): ... mount point (5th) ... - type source options
  const line = sources
    .file('/proc/self/mountinfo')
    ?.split('\n')
    .findLast((one) => one.split(' ')[4] === '/');
  const type = / - (\S+)/.exec(line ?? '')?.[1] ?? '';
  return root !== (Object.hasOwn(ROOT_INODE, type) ? ROOT_INODE[type] : '2');
}

const MANAGERS = [
  ['/usr/bin/apt-get', 'apt'],
  ['/usr/bin/dnf', 'dnf'],
  ['/usr/bin/yum', 'yum'],
  ['/usr/bin/zypper', 'zypper'],
  ['/usr/bin/pacman', 'pacman'],
  ['/sbin/apk', 'apk'],
] as const;

function packageManager(sources: Sources, distribution: ValueMap): string {
  if (distribution.os_family === 'Debian') return 'apt';
  return MANAGERS.find(([path]) => sources.exists(path))?.[1] ?? 'unknown';
}

const INIT_NAMES: Readonly<Record<string, string>> = {
  procd: 'openwrt_init',
  'runit-init': 'runit',
  svscan: 'svc',
  'openrc-init': 'openrc',
};

function serviceManager(sources: Sources): string {
  const init = sources.file('/proc/1/comm');
  if (init !== undefined && init !== 'init' && !init.endsWith('sh')) {
    return (Object.hasOwn(INIT_NAMES, init) ? INIT_NAMES[init] : undefined) ?? init;
  }
  if (sources.exists('systemctl') && sources.exists('/run/systemd/system')) return 'systemd';
  if (sources.exists('/sbin/openrc')) return 'openrc';
  return sources.exists('/etc/init.d') ? 'sysvinit' : 'service';
}

/** `cmdline` keeps the last of several values, `proc_cmdline` all of them. */
function kernelArguments(text: string | undefined): ValueMap {
  if (text === undefined) return {};
  const last = new Map<string, Value>();
  const all = new Map<string, Value>();
  for (const word of text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []) {
    const at = word.indexOf('=');
    const name = at < 0 ? word : word.slice(0, at);
    const value = at < 0 ? true : word.slice(at + 1);
    const known = all.get(name);
    last.set(name, value);
    if (known === undefined || value === true) all.set(name, value);
    else all.set(name, Array.isArray(known) ? [...(known as readonly Value[]), value] : [known, value]);
  }
  return { cmdline: Object.fromEntries(last), proc_cmdline: Object.fromEntries(all) };
}

function environment(sources: Sources): Readonly<Record<string, string>> {
  const entries = (sources.file('/proc/self/environ') ?? '').split('\0').flatMap((entry) => {
    const at = entry.indexOf('=');
    return at > 0 ? [[entry.slice(0, at), entry.slice(at + 1)] as const] : [];
  });
  return Object.fromEntries(entries);
}

function loadAverage(sources: Sources): ValueMap {
  const [one, five, fifteen] = (sources.file('/proc/loadavg') ?? '').split(' ').map(Number);
  if (one === undefined || five === undefined || fifteen === undefined || Number.isNaN(one + five + fifteen)) return {};
  return { loadavg: { '1m': one, '5m': five, '15m': fifteen } };
}

function hostKeys(sources: Sources): ValueMap {
  const found: Record<string, Value> = {};
  for (const algorithm of ['dsa', 'rsa', 'ecdsa', 'ed25519']) {
    const [type, key] = (sources.file(`/etc/ssh/ssh_host_${algorithm}_key.pub`) ?? '').split(/\s+/);
    if (type === undefined || key === undefined) continue;
    found[`ssh_host_key_${algorithm}_public`] = key;
    found[`ssh_host_key_${algorithm}_public_keytype`] = type;
  }
  return found;
}

/** From passwd(5); a user of a directory service from the login's environment. */
function userFacts(sources: Sources): ValueMap {
  const status = fields(sources.file('/proc/self/status'));
  const [uid, effectiveUid] = (status.get('Uid') ?? '').split(/\s+/);
  const [gid] = (status.get('Gid') ?? '').split(/\s+/);
  const env = environment(sources);
  const line = sources
    .file('/etc/passwd')
    ?.split('\n')
    .find((one) => one.split(':')[2] === uid);
  const [name, , , primary, comment, home, shell] = line?.split(':') ?? [
    env.LOGNAME ?? env.USER ?? uid ?? '',
    '',
    '',
    gid,
    '',
    env.HOME,
    env.SHELL,
  ];
  return {
    user_id: name ?? '',
    user_uid: count(uid) ?? -1,
    user_gid: count(primary) ?? -1,
    user_gecos: comment ?? '',
    user_dir: home ?? '',
    user_shell: shell ?? '',
    real_user_id: count(uid) ?? -1,
    effective_user_id: count(effectiveUid) ?? -1,
    real_group_id: count(gid) ?? -1,
    effective_group_id: count(gid) ?? -1,
  };
}

/** resolv.conf(5). */
function resolver(sources: Sources): ValueMap {
  const found: Record<string, Value> = {};
  for (const line of (sources.file('/etc/resolv.conf') ?? '').split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === 'nameserver') found.nameservers = [...((found.nameservers as readonly string[]) ?? []), ...words];
    else if (keyword === 'domain' && words[0] !== undefined) found.domain = words[0];
    else if (keyword === 'search' || keyword === 'sortlist') found[keyword] = words;
    else if (keyword === 'options') found.options = Object.fromEntries(words.map(resolverOption));
  }
  return found;
}

function resolverOption(word: string): readonly [string, Value] {
  const at = word.indexOf(':');
  return at < 0 || at === word.length - 1 ? [word.replace(/:$/, ''), true] : [word.slice(0, at), word.slice(at + 1)];
}
