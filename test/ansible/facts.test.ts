import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { ValueMap } from '../../engine/language/values.ts';
import { type FactsValue, facts, factsType } from '../../engine/resources/facts.ts';
import { runInside } from '../hosts/resource_law.ts';
import { useHosts } from '../lab/hosts.ts';

/** Facts that must be the very same as Ansible's, on a real host. */
const SAME = [
  'all_ipv4_addresses',
  'all_ipv6_addresses',
  'apparmor',
  'architecture',
  'cmdline',
  'default_ipv4',
  'default_ipv6',
  'distribution',
  'distribution_file_parsed',
  'distribution_file_path',
  'distribution_file_variety',
  'distribution_major_version',
  'distribution_minor_version',
  'distribution_release',
  'dns',
  'domain',
  'effective_group_id',
  'effective_user_id',
  'fips',
  'form_factor',
  'fqdn',
  'host0',
  'hostname',
  'is_chroot',
  'kernel',
  'kernel_version',
  'lo',
  'local',
  'lsb',
  'machine',
  'machine_id',
  'memtotal_mb',
  'nodename',
  'os_family',
  'pkg_mgr',
  'proc_cmdline',
  'processor',
  'processor_cores',
  'processor_count',
  'processor_nproc',
  'processor_threads_per_core',
  'processor_vcpus',
  'product_name',
  'product_serial',
  'product_uuid',
  'product_version',
  'real_group_id',
  'real_user_id',
  'service_mgr',
  'ssh_host_key_ecdsa_public',
  'ssh_host_key_ecdsa_public_keytype',
  'ssh_host_key_ed25519_public',
  'ssh_host_key_ed25519_public_keytype',
  'ssh_host_key_rsa_public',
  'ssh_host_key_rsa_public_keytype',
  'swaptotal_mb',
  'system',
  'system_vendor',
  'user_dir',
  'user_gecos',
  'user_gid',
  'user_id',
  'user_shell',
  'user_uid',
  'userspace_architecture',
  'userspace_bits',
  'virtualization_role',
  'virtualization_type',
];

/** Lists that Ansible leaves in the order of a directory. */
const SORTED = ['interfaces', 'virtualization_tech_guest', 'virtualization_tech_host'];

const PLAYBOOK = `- hosts: python1
  gather_facts: false
  tasks:
    - setup: {fact_path: /etc/ansible/facts.d}
      register: found
    - copy: {dest: /root/facts.json, content: "{{ found.ansible_facts | to_json }}"}
`;

const PREPARE = `mkdir -p /etc/ansible/facts.d
printf '{"a": [1, "x"]}' > /etc/ansible/facts.d/one.fact
printf '[General]\\nName = value\\nempty =\\n' > /etc/ansible/facts.d/two.fact
printf '127.0.1.1 python1.example.org python1\\n' >> /etc/hosts
printf 'nameserver 192.0.2.53\\nsearch example.org\\noptions timeout:1\\n' > /etc/resolv.conf
ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime
ip link add br-test type bridge
ip link add dummy0 type dummy 2>/dev/null && ip addr add 198.51.100.7/25 dev dummy0 || :
ip addr add 198.51.100.200/26 brd + dev host0 label host0:1
ip addr add 10.213.0.250/24 dev host0`;

const lab = useHosts({ python: 1 });
const theirs: Record<string, ValueMap[string]> = {};
let ours: ValueMap = {};

describe('facts, held against Ansible on a real host', () => {
  before(async () => {
    const host = lab.host('python1');
    const prepared = await host.inside(PREPARE);
    assert.equal(prepared.code, 0, prepared.stderr);
    const playbook = lab.write('facts.yml', PLAYBOOK);
    const gathered = await lab.ansible(['-i', lab.inventory(), playbook]);
    assert.equal(gathered.code, 0, gathered.stdout + gathered.stderr);
    const read = await host.inside('cat /root/facts.json');
    for (const [name, value] of Object.entries(JSON.parse(read.stdout) as ValueMap)) {
      theirs[name.replace(/^ansible_/, '')] = value;
    }
    const ref = facts('/etc/ansible/facts.d', 'hardware', 'network', 'virtual');
    const [seen] = factsType.parse(await runInside(host, factsType.collect([ref])), [ref]);
    assert.ok(seen !== undefined && 'value' in seen);
    ours = Object.assign({}, ...Object.values((seen.value as FactsValue).collected));
  });

  for (const name of SAME) {
    it(`${name} is the same`, () => {
      if (Array.isArray(theirs[name]) && name.startsWith('all_')) {
        assert.deepEqual([...(ours[name] as string[])].sort(), [...(theirs[name] as string[])].sort());
      } else {
        assert.deepEqual(ours[name], theirs[name]);
      }
    });
  }

  // Ansible 2.14 tells the point release only where the host has python3-distro; later ones always do.
  it('distribution_version is the point release', () => {
    assert.equal(
      ours.distribution_version,
      `${theirs.distribution_major_version}.${theirs.distribution_minor_version}`,
    );
  });

  for (const name of SORTED) {
    it(`${name} has the same members`, () => {
      const sorted = (list: unknown) => [...(list as string[])].sort();
      assert.deepEqual(sorted(ours[name]), sorted(theirs[name]));
    });
  }

  it('interfaces are described alike', () => {
    for (const name of theirs.interfaces as string[]) {
      const key = name.replaceAll('-', '_');
      // Offload features come from ethtool(8), which hosts need not have.
      const {
        features: _,
        timestamping: _t,
        hw_timestamp_filters: _h,
        phc_index: _p,
        ...rest
      } = theirs[key] as ValueMap;
      assert.deepEqual(ours[key], rest, name);
    }
  });

  it('mounts are the same but for what is in use', () => {
    const still = (list: unknown) =>
      (list as ValueMap[])
        .map(({ mount, device, fstype, options, size_total, block_size, block_total, inode_total, uuid }) => ({
          mount,
          device,
          fstype,
          options,
          size_total,
          block_size,
          block_total,
          inode_total,
          uuid,
        }))
        .sort((a, b) => String(a.mount).localeCompare(String(b.mount)));
    assert.deepEqual(still(ours.mounts), still(theirs.mounts));
  });

  it('devices are the same in all that is told here', () => {
    for (const [name, device] of Object.entries(ours.devices as ValueMap)) {
      const other = (theirs.devices as ValueMap)[name] as ValueMap;
      for (const [key, value] of Object.entries(device as ValueMap))
        assert.deepEqual(value, other[key], `${name}.${key}`);
    }
  });

  it('the clock has the same zone and shape', () => {
    const [mine, other] = [ours.date_time, theirs.date_time] as [ValueMap, ValueMap];
    assert.deepEqual(Object.keys(mine).sort(), Object.keys(other).sort());
    for (const key of ['tz', 'tz_dst', 'tz_offset', 'year', 'weekday', 'weeknumber', 'weekday_number']) {
      assert.equal(mine[key], other[key], key);
    }
    assert.ok(Math.abs(Number(mine.epoch) - Number(other.epoch)) < 300);
    for (const [key, value] of Object.entries(other)) assert.equal(String(mine[key]).length, String(value).length, key);
  });

  it('nothing is missing but what hangs on Python, LVM, ethtool and storage networks', () => {
    const missing = Object.keys(theirs).filter((name) => !(name in ours));
    assert.deepEqual(missing.sort(), [
      'fibre_channel_wwn',
      'gather_subset',
      'hostnqn',
      'iscsi_iqn',
      'lvm',
      'module_setup',
      'python',
      'python_version',
      'selinux_python_present',
      'system_capabilities',
      'system_capabilities_enforced',
    ]);
  });
});
