interface Collector {
  /** What else it answers to. */
  readonly ids?: readonly string[];
  /** It runs though not asked for. */
  readonly minimal?: boolean;
  /** What Ansible gathers along with it. */
  readonly needs?: readonly string[];
}

const COLLECTORS: Readonly<Record<string, Collector>> = {
  apparmor: { minimal: true },
  caps: { minimal: true, ids: ['system_capabilities', 'system_capabilities_enforced'] },
  chroot: { ids: ['is_chroot'] },
  cmdline: { minimal: true },
  date_time: { minimal: true },
  distribution: {
    minimal: true,
    ids: ['distribution_version', 'distribution_release', 'distribution_major_version', 'os_family'],
  },
  dns: { minimal: true },
  env: { minimal: true },
  facter: {},
  fibre_channel_wwn: {},
  fips: { minimal: true },
  hardware: { needs: ['platform'], ids: ['processor', 'processor_cores', 'processor_count', 'mounts', 'devices'] },
  iscsi: {},
  loadavg: {},
  local: { minimal: true },
  lsb: { minimal: true },
  network: {
    needs: ['platform', 'distribution'],
    ids: ['interfaces', 'default_ipv4', 'default_ipv6', 'all_ipv4_addresses', 'all_ipv6_addresses'],
  },
  nvme: {},
  ohai: {},
  pkg_mgr: { minimal: true, needs: ['distribution'] },
  platform: {
    minimal: true,
    ids: ['system', 'kernel', 'kernel_version', 'machine', 'python_version', 'architecture', 'machine_id'],
  },
  python: { minimal: true },
  selinux: { minimal: true },
  service_mgr: { minimal: true, needs: ['platform', 'distribution'] },
  ssh_pub_keys: {
    minimal: true,
    ids: ['ssh_host_pub_keys', ...['dsa', 'rsa', 'ecdsa', 'ed25519'].map((name) => `ssh_host_key_${name}_public`)],
  },
  user: {
    minimal: true,
    ids: [
      'user_id',
      'user_uid',
      'user_gid',
      'user_gecos',
      'user_dir',
      'user_shell',
      'real_user_id',
      'effective_user_id',
      'effective_group_ids',
    ],
  },
  virtual: {
    ids: ['virtualization_type', 'virtualization_role', 'virtualization_tech_guest', 'virtualization_tech_host'],
  },
};

const ALL = Object.keys(COLLECTORS);
const MINIMAL = ALL.filter((name) => COLLECTORS[name]?.minimal);

/**
 * The collectors that `gather_subset` names. Ansible's rules: the minimum is always in unless `!min` is given
 * (so `!hardware` alone leaves just the minimum); a name that is given stays in, whatever is taken out.
 */
export function chooseCollectors(subset: readonly string[]): ReadonlySet<string> | { readonly unknown: string } {
  const added = new Set<string>(MINIMAL);
  const removed = new Set<string>();
  const named = new Set<string>();
  for (const entry of subset.length > 0 ? subset : ['all']) {
    const without = entry.startsWith('!');
    const name = without ? entry.slice(1) : entry;
    const members = membersOf(name, without);
    if (without) for (const one of members) removed.add(one);
    else if (members.length === 0) return { unknown: entry };
    else for (const one of members) added.add(one);
    if (!without && name !== 'all' && name !== 'min') for (const one of members) named.add(one);
  }
  for (const name of removed) if (!named.has(name)) added.delete(name);
  for (const name of [...added]) for (const need of COLLECTORS[name]?.needs ?? []) added.add(need);
  return added;
}

/** `!all` leaves the minimum in: that goes with `!min`. */
function membersOf(name: string, without: boolean): readonly string[] {
  if (name === 'all') return without ? ALL.filter((one) => !MINIMAL.includes(one)) : ALL;
  if (name === 'min') return MINIMAL;
  return ALL.filter((one) => one === name || COLLECTORS[one]?.ids?.includes(name));
}

export function subsetNames(): readonly string[] {
  return ['all', 'min', ...ALL];
}
