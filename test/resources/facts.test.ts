import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { ValueMap } from '../../engine/language/values.ts';
import { type FactsValue, facts, factsType } from '../../engine/resources/facts.ts';
import { answer, run, SHELLS, shellcheck } from './programs.ts';

const ALL = ['hardware', 'network', 'virtual'] as const;
const everything = facts('/etc/ansible/facts.d', ...ALL);

interface Host {
  readonly files?: Readonly<Record<string, string>>;
  readonly exists?: readonly string[];
  readonly parts?: Readonly<Record<string, string>>;
}

/** The facts of a host whose program printed this. */
function factsOf({ files = {}, exists = [], parts = {} }: Host): FactsValue {
  const lines = Object.entries(files).flatMap(([path, text]) =>
    (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n').map((line) => `${path}\0${line}\n`),
  );
  const said = answer({ files: lines.join(''), exists: exists.map((path) => `${path}\n`).join(''), ...parts, end: '' });
  const [seen] = factsType.parse(said, [everything]);
  assert.ok(seen !== undefined && 'value' in seen);
  return seen.value as FactsValue;
}

function collected(collector: string, host: Host): ValueMap {
  return factsOf(host).collected[collector] ?? {};
}

function part(actual: ValueMap, expected: ValueMap): void {
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, actual[key]])), expected);
}

describe('the distribution', () => {
  const release = (text: string, more: Readonly<Record<string, string>> = {}) =>
    collected('distribution', { files: { '/etc/os-release': text, ...more } });
  const debian = (version: string, codename: string) =>
    `PRETTY_NAME="Debian GNU/Linux ${version} (${codename})"\nNAME="Debian GNU/Linux"\nVERSION_ID="${version}"\nVERSION="${version} (${codename})"\nVERSION_CODENAME=${codename}\nID=debian\n`;
  const ubuntu = (version: string, codename: string) =>
    `PRETTY_NAME="Ubuntu ${version}.1 LTS"\nNAME="Ubuntu"\nVERSION_ID="${version}"\nVERSION="${version}.1 LTS"\nVERSION_CODENAME=${codename}\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=${codename}\n`;

  for (const [major, point, codename] of [
    ['11', '11.11', 'bullseye'],
    ['12', '12.11', 'bookworm'],
    ['13', '13.1', 'trixie'],
  ] as const) {
    it(`is Debian ${major}`, () => {
      part(release(debian(major, codename), { '/etc/debian_version': `${point}\n` }), {
        distribution: 'Debian',
        distribution_version: point,
        distribution_major_version: major,
        distribution_minor_version: point.split('.')[1] as string,
        distribution_release: codename,
        os_family: 'Debian',
      });
    });
  }

  for (const [version, codename] of [
    ['20.04', 'focal'],
    ['22.04', 'jammy'],
    ['24.04', 'noble'],
  ] as const) {
    it(`is Ubuntu ${version}`, () => {
      part(release(ubuntu(version, codename), { '/etc/debian_version': 'bookworm/sid\n' }), {
        distribution: 'Ubuntu',
        distribution_version: version,
        distribution_major_version: version.split('.')[0] as string,
        distribution_release: codename,
        os_family: 'Debian',
      });
    });
  }

  it('is Debian testing, without a number', () => {
    const text =
      'PRETTY_NAME="Debian GNU/Linux forky/sid"\nNAME="Debian GNU/Linux"\nVERSION_CODENAME=forky\nID=debian\n';
    part(release(text, { '/etc/debian_version': 'forky/sid\n' }), {
      distribution: 'Debian',
      distribution_version: 'NA',
      distribution_release: 'forky',
    });
  });

  it('is another one by its own name', () => {
    part(release('NAME="Void"\nID="void"\n'), { distribution: 'Void', os_family: 'Void' });
    part(release('NAME="Rocky Linux"\nID="rocky"\nVERSION_ID="9.4"\n'), { distribution: 'Rocky', os_family: 'RedHat' });
  });

  it('has an lsb entry where lsb_release or its file is there', () => {
    const files = { '/etc/os-release': debian('12', 'bookworm'), '/etc/debian_version': '12.11' };
    assert.deepEqual(collected('lsb', { files }), { lsb: {} });
    assert.deepEqual(collected('lsb', { files, exists: ['lsb_release'] }), {
      lsb: {
        id: 'Debian',
        description: 'Debian GNU/Linux 12 (bookworm)',
        release: '12',
        codename: 'bookworm',
        major_release: '12',
      },
    });
    const lsb =
      'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\nDISTRIB_DESCRIPTION="Ubuntu 22.04.1 LTS"\n';
    assert.deepEqual(
      collected('lsb', { files: { '/etc/os-release': ubuntu('22.04', 'jammy'), '/etc/lsb-release': lsb } }),
      {
        lsb: {
          id: 'Ubuntu',
          description: 'Ubuntu 22.04.1 LTS',
          release: '22.04',
          codename: 'jammy',
          major_release: '22',
        },
      },
    );
  });
});

describe('names', () => {
  const name = (host: string, hosts: string, parts: Readonly<Record<string, string>> = {}) => {
    const { hostname, nodename, fqdn, domain } = collected('platform', {
      files: { '/proc/sys/kernel/hostname': host, '/etc/hosts': hosts },
      parts,
    });
    return [hostname, nodename, fqdn, domain];
  };

  it('come from the hosts file', () => {
    assert.deepEqual(name('web1', '127.0.0.1 localhost\n127.0.1.1\tweb1.example.org web1 # own\n'), [
      'web1',
      'web1',
      'web1.example.org',
      'example.org',
    ]);
    assert.deepEqual(name('vm', '127.0.0.1 localhost\n127.0.0.1 vm\n'), ['vm', 'vm', 'localhost', '']);
    assert.deepEqual(name('web1', '#127.0.1.1 web1.example.org web1\n'), ['web1', 'web1', 'web1', '']);
  });

  it('or else from the name service', () => {
    const resolved = { resolved: '192.0.2.7      db.example.org db\n' };
    assert.deepEqual(name('db', '127.0.0.1 localhost\n', resolved), ['db', 'db', 'db.example.org', 'example.org']);
  });

  it('or are full already', () => {
    assert.deepEqual(name('a.b.c', ''), ['a', 'a.b.c', 'a.b.c', 'b.c']);
  });
});

describe('the machine', () => {
  it('has a kernel and a width', () => {
    const files = {
      '/proc/sys/kernel/arch': 'x86_64',
      '/proc/sys/kernel/osrelease': '6.1.0-37-amd64',
      '/proc/sys/kernel/ostype': 'Linux',
    };
    const wide = collected('platform', { files, exists: ['/lib64/ld-linux-x86-64.so.2'] });
    part(wide, { machine: 'x86_64', architecture: 'x86_64', userspace_architecture: 'x86_64', userspace_bits: '64' });
    part(collected('platform', { files }), {
      userspace_architecture: 'i386',
      userspace_bits: '32',
      kernel: '6.1.0-37-amd64',
    });
    part(collected('platform', { parts: { machine: 'aarch64\n' } }), { architecture: 'aarch64', userspace_bits: '64' });
  });

  it('has memory and processors', () => {
    const socket = (n: number, core: number) =>
      `processor\t: ${n}\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nphysical id\t: 0\nsiblings\t: 4\ncore id\t\t: ${core}\ncpu cores\t: 2\n\n`;
    const found = collected('hardware', {
      files: {
        '/proc/meminfo':
          'MemTotal:        2048000 kB\nMemFree:          512000 kB\nBuffers:           10240 kB\nCached:           102400 kB\nSwapCached:            0 kB\nSwapTotal:       1024000 kB\nSwapFree:        1023000 kB\n',
        '/proc/cpuinfo': [0, 1, 2, 3].map((n) => socket(n, n % 2)).join(''),
        '/proc/self/status': 'Name:\tgrep\nCpus_allowed_list:\t0-1,3\n',
        '/proc/uptime': '1260.77 2000.00\n',
        '/sys/devices/virtual/dmi/id/product_name': 'Standard PC (Q35 + ICH9, 2009)\n',
        '/sys/devices/virtual/dmi/id/chassis_type': '1\n',
      },
    });
    part(found, {
      memtotal_mb: 2000,
      memfree_mb: 500,
      swaptotal_mb: 1000,
      swapfree_mb: 999,
      memory_mb: {
        real: { total: 2000, used: 1500, free: 500 },
        nocache: { free: 610, used: 1390 },
        swap: { total: 1000, free: 999, used: 1, cached: 0 },
      },
      processor_count: 1,
      processor_cores: 2,
      processor_threads_per_core: 2,
      processor_vcpus: 4,
      processor_nproc: 3,
      uptime_seconds: 1260,
      product_name: 'Standard PC (Q35 + ICH9, 2009)',
      product_serial: 'NA',
      form_factor: 'Other',
    });
  });

  it('has an ARM processor', () => {
    const cpu = (n: number) => `processor\t: ${n}\nBogoMIPS\t: 108.00\nCPU implementer\t: 0x41\n\n`;
    part(collected('hardware', { files: { '/proc/cpuinfo': cpu(0) + cpu(1) } }), {
      processor: ['0', '1'],
      processor_count: 2,
      processor_cores: 1,
      processor_vcpus: 2,
    });
  });
});

describe('mounts', () => {
  it('are those of devices, with sizes, escapes, binds and UUIDs', () => {
    const { mounts } = collected('hardware', {
      files: {
        '/proc/self/mounts':
          'proc /proc proc rw 0 0\n/dev/mapper/vg-root / ext4 rw,relatime 0 0\n/dev/sda1 /mnt/a\\040b ext4 ro 0 0\nnas:/x /nas nfs4 rw 0 0\n//nas/y /smb cifs rw 0 0\n',
        '/proc/self/mountinfo':
          '30 1 8:1 / / rw - ext4 /dev/mapper/vg-root rw\n31 30 8:1 /srv/x /mnt/a\\040b ro - ext4 /dev/sda1 rw\n',
        '/sys/block/dm-0/dm/name': 'vg-root\n',
      },
      parts: {
        sizes: '1000 500 400 64 32 4096 4096 /\n10 5 5 0 0 1024 4096 /mnt/a b\n',
        links: '/dev/disk/by-uuid/abc-1\0../../dm-0\0/dev/disk/by-uuid/abc-2\0../../sda1\0',
      },
    });
    const none = { note: 'the sizes of a network file system are not asked for', uuid: 'N/A' };
    assert.deepEqual(mounts, [
      {
        mount: '/',
        device: '/dev/mapper/vg-root',
        fstype: 'ext4',
        options: 'rw,relatime',
        size_total: 4096000,
        size_available: 1638400,
        block_size: 4096,
        block_total: 1000,
        block_available: 400,
        block_used: 600,
        inode_total: 64,
        inode_available: 32,
        inode_used: 32,
        uuid: 'abc-1',
      },
      {
        mount: '/mnt/a b',
        device: '/dev/sda1',
        fstype: 'ext4',
        options: 'ro,bind',
        size_total: 10240,
        size_available: 5120,
        block_size: 4096,
        block_total: 10,
        block_available: 5,
        block_used: 5,
        inode_total: 0,
        inode_available: 0,
        inode_used: 0,
        uuid: 'abc-2',
      },
      { mount: '/nas', device: 'nas:/x', fstype: 'nfs4', options: 'rw', ...none },
      { mount: '/smb', device: '//nas/y', fstype: 'cifs', options: 'rw', ...none },
    ]);
  });
});

describe('the network', () => {
  const net = (name: string, more: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries({
        mtu: '1500',
        address: '00:00:00:00:00:00',
        operstate: 'up',
        type: '1',
        flags: '0x1003',
        ...more,
      }).map(([file, text]) => [`/sys/class/net/${name}/${file}`, `${text}\n`]),
    );
  const found = collected('network', {
    files: {
      ...net('lo', { mtu: '65536', operstate: 'unknown', type: '772' }),
      ...net('eth0', { address: '52:54:00:12:34:56', speed: '1000' }),
      ...net('br-lan', {
        address: '52:54:00:00:00:01',
        flags: '0x1103',
        'bridge/bridge_id': '8000.525400000001',
        'bridge/stp_state': '0',
      }),
      ...net('tun0', { type: '65534', operstate: 'down' }),
    },
    exists: ['lo', 'eth0', 'br-lan', 'tun0', 'br-lan/brif/eth1', 'bonding_masters'].map(
      (name) => `/sys/class/net/${name}`,
    ),
    parts: {
      links: '/sys/class/net/eth0/device\0../../../virtio0\0',
      addresses: `1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
1: lo    inet6 ::1/128 scope host noprefixroute \\       valid_lft forever preferred_lft forever
2: eth0    inet 192.0.2.10/24 brd 192.0.2.255 scope global dynamic eth0\\       valid_lft 86000sec preferred_lft 86000sec
2: eth0    inet 192.0.2.11/24 brd 192.0.2.255 scope global secondary eth0\\       valid_lft forever preferred_lft forever
2: eth0    inet 192.0.2.129/25 brd 192.0.2.255 scope global secondary eth0:1\\       valid_lft forever preferred_lft forever
2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever
3: tun0    inet 10.8.0.2 peer 10.8.0.1/32 scope global tun0\\       valid_lft forever preferred_lft forever
8.8.8.8 via 192.0.2.1 dev eth0 src 192.0.2.10 uid 0 \\    cache
`,
    },
  });

  it('has the addresses of all interfaces but the loopback', () => {
    assert.deepEqual(found.all_ipv4_addresses, ['192.0.2.10', '192.0.2.11', '192.0.2.129', '10.8.0.2']);
    assert.deepEqual(found.all_ipv6_addresses, ['fe80::1']);
  });

  it('has a default route, or none', () => {
    assert.deepEqual(found.default_ipv4, {
      gateway: '192.0.2.1',
      interface: 'eth0',
      address: '192.0.2.10',
      macaddress: '52:54:00:12:34:56',
      mtu: 1500,
      type: 'ether',
      prefix: '24',
      broadcast: '192.0.2.255',
      netmask: '255.255.255.0',
      network: '192.0.2.0',
      alias: 'eth0',
    });
    assert.deepEqual(found.default_ipv6, {});
  });

  it('has interfaces under names that templates can use', () => {
    assert.deepEqual(found.interfaces, ['br-lan', 'eth0', 'lo', 'tun0', 'eth0_1']);
    const second = {
      address: '192.0.2.11',
      broadcast: '192.0.2.255',
      netmask: '255.255.255.0',
      network: '192.0.2.0',
      prefix: '24',
    };
    const alias = {
      address: '192.0.2.129',
      broadcast: '192.0.2.255',
      netmask: '255.255.255.128',
      network: '192.0.2.128',
      prefix: '25',
    };
    assert.deepEqual(found.eth0, {
      device: 'eth0',
      macaddress: '52:54:00:12:34:56',
      mtu: 1500,
      active: true,
      type: 'ether',
      promisc: false,
      pciid: 'virtio0',
      speed: 1000,
      ipv4: {
        address: '192.0.2.10',
        broadcast: '192.0.2.255',
        netmask: '255.255.255.0',
        network: '192.0.2.0',
        prefix: '24',
      },
      ipv4_secondaries: [second, alias],
      ipv6: [{ address: 'fe80::1', prefix: '64', scope: 'link' }],
    });
    part(found.br_lan as ValueMap, {
      type: 'bridge',
      interfaces: ['eth1'],
      id: '8000.525400000001',
      stp: false,
      promisc: true,
    });
    part(found.tun0 as ValueMap, {
      type: 'tunnel',
      active: false,
      ipv4: { address: '10.8.0.2', broadcast: '', netmask: '255.255.255.255', network: '10.8.0.2', prefix: '32' },
    });
  });

  it('is empty where ip(8) is missing, as in Ansible', () => {
    assert.deepEqual(collected('network', { files: net('eth0', {}) }), {});
  });
});

describe('what the host runs on', () => {
  const on = (host: Host) => {
    const { virtualization_type: type, virtualization_role: role } = collected('virtual', host);
    return `${role} ${type}`;
  };
  const dmi = (name: string, text: string) => ({ files: { [`/sys/devices/virtual/dmi/id/${name}`]: text } });

  it('is told by the first sign that Ansible goes by', () => {
    assert.equal(on({}), 'NA NA');
    assert.equal(on({ files: { '/run/systemd/container': 'systemd-nspawn\n' } }), 'guest systemd-nspawn');
    assert.equal(on({ files: { '/proc/1/environ': 'PATH=/\0container=lxc\0' } }), 'guest lxc');
    assert.equal(on({ files: { '/proc/1/cgroup': '0::/docker/abc\n' } }), 'guest docker');
    assert.equal(on(dmi('sys_vendor', 'QEMU\n')), 'guest kvm');
    assert.equal(on(dmi('product_name', 'VMware7,1\n')), 'guest VMware');
    assert.equal(on(dmi('bios_vendor', 'innotek GmbH\n')), 'guest virtualbox');
    assert.equal(on({ files: { '/proc/modules': 'kvm_intel 1 0\nkvm 2 1 kvm_intel, Live 0x0\n' } }), 'host kvm');
    assert.equal(on({ exists: ['/proc/xen'], files: { '/proc/xen/capabilities': 'control_d\n' } }), 'host xen');
    assert.equal(on({ exists: ['/dev/kvm'], ...dmi('sys_vendor', 'Google') }), 'guest kvm');
  });
});

describe('smaller facts', () => {
  it('tell the time, with the name of the zone in summer', () => {
    const date = '2024 01 02 04 05 06 1704164706 123456789 Tuesday 2 01 CET +0100\n';
    const { date_time: found } = collected('date_time', {
      parts: { date },
      files: { '/etc/localtime': 'TZif2\0\0\nCET-1CEST,M3.5.0,M10.5.0/3\n' },
    });
    part(found as ValueMap, {
      date: '2024-01-02',
      time: '04:05:06',
      epoch: '1704164706',
      weekday: 'Tuesday',
      weekday_number: '2',
      weeknumber: '01',
      iso8601: '2024-01-02T03:05:06Z',
      iso8601_micro: '2024-01-02T03:05:06.123456Z',
      iso8601_basic: '20240102T040506123456',
      iso8601_basic_short: '20240102T040506',
      tz: 'CET',
      tz_dst: 'CEST',
      tz_offset: '+0100',
    });
  });

  it('tell who acts', () => {
    const status = 'Name:\tgrep\nUid:\t1001\t1001\t1001\t1001\nGid:\t1002\t1002\t1002\t1002\n';
    const local = {
      '/proc/self/status': status,
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nbob:x:1001:1002:Bob,,,:/home/bob:/bin/sh\n',
    };
    part(collected('user', { files: local }), {
      user_id: 'bob',
      user_uid: 1001,
      user_gid: 1002,
      user_gecos: 'Bob,,,',
      user_dir: '/home/bob',
      user_shell: '/bin/sh',
      real_user_id: 1001,
      effective_user_id: 1001,
    });
    const remote = {
      '/proc/self/status': status,
      '/proc/self/environ': 'LOGNAME=jane\0HOME=/net/jane\0SHELL=/bin/zsh\0',
    };
    part(collected('user', { files: remote }), {
      user_id: 'jane',
      user_dir: '/net/jane',
      user_shell: '/bin/zsh',
      user_gid: 1002,
    });
  });

  it('tell the environment, line breaks and all', () => {
    assert.deepEqual(collected('env', { files: { '/proc/self/environ': 'A=1\0B=two\nlines\0C==\0' } }).env, {
      A: '1',
      B: 'two\nlines',
      C: '=',
    });
  });

  it('tell the resolver, the kernel arguments, the host keys and the security modules', () => {
    const files = {
      '/etc/resolv.conf': '# x\nnameserver 192.0.2.53\nnameserver ::1\nsearch a.b c.d\noptions rotate timeout:2\n',
      '/proc/cmdline': 'quiet root=/dev/sda1 console=tty0 console=ttyS0\n',
      '/etc/ssh/ssh_host_ed25519_key.pub': 'ssh-ed25519 AAAA root@x\n',
    };
    const host = { files, exists: ['/sys/kernel/security/apparmor'] };
    assert.deepEqual(collected('dns', host).dns, {
      nameservers: ['192.0.2.53', '::1'],
      search: ['a.b', 'c.d'],
      options: { rotate: true, timeout: '2' },
    });
    assert.deepEqual(collected('cmdline', host), {
      cmdline: { quiet: true, root: '/dev/sda1', console: 'ttyS0' },
      proc_cmdline: { quiet: true, root: '/dev/sda1', console: ['tty0', 'ttyS0'] },
    });
    assert.deepEqual(collected('ssh_pub_keys', host), {
      ssh_host_key_ed25519_public: 'AAAA',
      ssh_host_key_ed25519_public_keytype: 'ssh-ed25519',
    });
    assert.deepEqual(collected('apparmor', host).apparmor, { status: 'enabled' });
    assert.deepEqual(collected('selinux', host).selinux, { status: 'disabled' });
  });

  it('tell the service manager', () => {
    const manager = (comm: string, exists: readonly string[] = []) =>
      collected('service_mgr', { files: { '/proc/1/comm': comm }, exists }).service_mgr;
    assert.equal(manager('systemd\n'), 'systemd');
    assert.equal(manager('init\n', ['/etc/init.d']), 'sysvinit');
    assert.equal(manager('bash\n'), 'service');
    assert.equal(manager('runit-init\n'), 'runit');
  });

  it('tell a chroot by the root of init, or by its inode where that is hidden', () => {
    const chroot = (root: string, type = 'ext4') =>
      collected('chroot', {
        parts: { root },
        files: { '/proc/self/mountinfo': `1 1 8:1 / / rw - ${type} /dev/sda1 rw\n` },
      }).is_chroot;
    assert.equal(chroot('same\n'), false);
    assert.equal(chroot('other\n'), true);
    assert.equal(chroot('2\n'), false);
    assert.equal(chroot('1234\n'), true);
    assert.equal(chroot('256\n', 'btrfs'), false);
  });
});

describe('facts of the host itself', () => {
  let dir = '';
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'runbook-facts-'));
    writeFileSync(join(dir, 'app.fact'), '{"port": 80, "names": ["a"]}');
    writeFileSync(join(dir, 'old.fact'), '; note\n[General]\nName = x\nlong: one\n  two\n');
    writeFileSync(join(dir, 'bad.fact'), 'neither\n');
    writeFileSync(join(dir, 'run.fact'), '#!/bin/sh\ntouch ran\n');
    chmodSync(join(dir, 'run.fact'), 0o755);
  });
  after(() => rmSync(dir, { recursive: true }));

  for (const shell of SHELLS) {
    it(`are read where they are text and never run, in ${shell}`, () => {
      const ref = facts(dir);
      const [seen] = factsType.parse(run(factsType.collect([ref]), shell), [ref]);
      assert.ok(seen !== undefined && 'value' in seen);
      const { collected: found, warnings } = seen.value as FactsValue;
      assert.deepEqual(found.local, {
        local: {
          app: { port: 80, names: ['a'] },
          old: { General: { name: 'x', long: 'one\ntwo' } },
          bad: `error loading facts as JSON or ini - please check content: ${dir}/bad.fact`,
        },
      });
      assert.deepEqual(warnings, [
        `${dir}/bad.fact is neither JSON nor INI`,
        `${dir}/run.fact is executable: local facts are read and not run`,
      ]);
      assert.equal('hardware' in found, false);
    });
  }
});

describe('the program of facts', () => {
  it('tells the same in both shells', () => {
    const [one, two] = SHELLS.map((shell) => {
      const [seen] = factsType.parse(run(factsType.collect([everything]), shell), [everything]);
      assert.ok(seen !== undefined && 'value' in seen);
      return (seen.value as FactsValue).collected;
    });
    // Of the network only what stands still: test hosts come and go on this machine meanwhile.
    assert.deepEqual(one?.network?.default_ipv4, two?.network?.default_ipv4);
    for (const name of ['platform', 'distribution', 'virtual', 'user', 'chroot']) {
      assert.deepEqual(one?.[name], two?.[name]);
    }
    part(one?.platform ?? {}, { system: 'Linux' });
    assert.ok(Number(one?.hardware?.memtotal_mb) > 0);
  });

  it('passes shellcheck', () => {
    assert.equal(
      shellcheck({ all: factsType.collect([everything, facts("/it's here")]), few: factsType.collect([facts()]) }),
      '',
    );
  });

  it('is told apart from one that did not come to its end', () => {
    const seen = factsType.parse(answer({ files: '' }, { stderr: Buffer.from('killed\n') }), [everything]);
    assert.deepEqual(seen, [{ ref: everything, error: 'facts: killed' }]);
  });

  it('never throws, whatever a host answers', () => {
    const names = ['files', 'exists', 'date', 'sizes', 'links', 'addresses', 'root', 'resolved', 'machine', 'local0'];
    const paths = [
      '/etc/os-release',
      '/etc/hosts',
      '/proc/cpuinfo',
      '/proc/meminfo',
      '/proc/self/mounts',
      '/proc/self/status',
      '/proc/self/mountinfo',
      '/sys/class/net/__proto__/mtu',
      '/sys/block/x/y/start',
      '/sys/block/x/size',
      '/proc/cmdline',
      '/etc/passwd',
      '/proc/self/environ',
      '/etc/localtime',
      '/etc/resolv.conf',
    ];
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(...paths, '__proto__', 'constructor', ':', '=', '/', ' ', '\0', '\n', '0-99999'),
    );
    const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(''));
    const line = fc.tuple(fc.constantFrom(...paths), text).map(([path, rest]) => `${path}\0${rest}`);
    const file = fc.array(fc.oneof(line, text), { maxLength: 8 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), fc.oneof(text, file)),
        file,
        text,
        (parts, files, exists) => {
          const said = answer({ ...parts, files, exists, end: '' });
          assert.equal(factsType.parse(said, [everything]).length, 1);
        },
      ),
      { numRuns: 300 },
    );
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });
});
