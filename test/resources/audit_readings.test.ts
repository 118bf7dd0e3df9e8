import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Ref } from '../../engine/planning/contracts.ts';
import { ACCOUNTS } from '../../engine/resources/readings/accounts.ts';
import { BOOT_STATE } from '../../engine/resources/readings/boot_state.ts';
import { type ChainValue, certificates } from '../../engine/resources/readings/certificates.ts';
import { CLOCK } from '../../engine/resources/readings/clock.ts';
import { FAILED_UNITS } from '../../engine/resources/readings/failed_units.ts';
import { FILESYSTEMS } from '../../engine/resources/readings/filesystems.ts';
import { LISTENERS } from '../../engine/resources/readings/listeners.ts';
import { logins } from '../../engine/resources/readings/login_failures.ts';
import { looseFiles } from '../../engine/resources/readings/loose_files.ts';
import { sshdOptions } from '../../engine/resources/readings/sshd_options.ts';
import { SUDOERS } from '../../engine/resources/readings/sudoers.ts';
import { UPGRADES } from '../../engine/resources/readings/upgrades.ts';
import { answer, run, SHELLS, shellcheck } from './programs.ts';

const LOOSE = looseFiles(30, ['/b', '/a']);
const ALL: Readonly<Record<string, Ref<never>>> = Object.fromEntries(
  [
    ACCOUNTS,
    BOOT_STATE,
    certificates({ files: "/it's a/*.pem" }),
    certificates({ service: 'example.com:443', authority: '/ca.pem' }),
    CLOCK,
    FAILED_UNITS,
    FILESYSTEMS,
    LISTENERS,
    logins(24),
    LOOSE,
    sshdOptions(),
    SUDOERS,
    UPGRADES,
  ].map((ref, i) => [`${ref.type.name.replaceAll(' ', '_')}_${i}`, ref as Ref<never>]),
);

function parse<V>(ref: Ref<V>, parts: Readonly<Record<string, string>>, more = {}): V | null {
  const [seen] = ref.type.parse(answer(parts, more), [ref]);
  assert.ok(seen !== undefined && 'value' in seen, JSON.stringify(seen));
  return seen.value as V | null;
}

it('writes programs that shellcheck passes', () => {
  assert.equal(shellcheck(Object.fromEntries(Object.entries(ALL).map(([k, ref]) => [k, ref.type.collect([ref])]))), '');
});

it('takes whatever a host says', () => {
  const parts = [
    'passwd',
    'shadow',
    'df',
    'units',
    'end',
    'ss',
    'proc',
    'status',
    'said',
    'found 0',
    'known 0',
    'end 0',
  ];
  const more = ['tally 0', 'source 0', 'chain 0 1', 'done 0', 'file 1', 'there', 'kernel', 'now', 'uptime', 'chrony'];
  const names = fc.constantFrom(...parts, ...more, 'sshd', 'status 0', 'said 0', 'timedatectl');
  fc.assert(
    fc.property(fc.dictionary(names, fc.string({ unit: 'binary', maxLength: 60 })), (said) => {
      for (const ref of Object.values(ALL)) assert.equal(ref.type.parse(answer(said), [ref]).length, 1);
    }),
  );
});

describe('pending updates', () => {
  const said = `Inst libssl3 [3.0.1] (3.0.2 Debian-Security:12/stable-security [amd64])
Inst vim [1] (2 Debian:12.5/stable [amd64]) [broken]
Inst linux-image-6.1 (6.1.9 Debian:12/stable, Ubuntu:22.04/jammy-security [amd64])
E: odd`;

  it('are told apart by where they come from', () => {
    assert.deepEqual(parse(UPGRADES, { status: '0\n', said }), {
      upgrades: [
        { name: 'libssl3', from: '3.0.1', to: '3.0.2', security: true },
        { name: 'vim', from: '1', to: '2', security: false },
        { name: 'linux-image-6.1', to: '6.1.9', security: true },
      ],
    });
  });

  it('are not known where apt refuses', () => {
    assert.deepEqual(parse(UPGRADES, { status: '100\n', said: 'E: Unmet dependencies.\n' }), {
      upgrades: [],
      refused: 'Unmet dependencies.',
    });
  });
});

describe('what listens', () => {
  it('is read from ss', () => {
    const ss = `udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=1,fd=13))
tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=7,fd=3),("systemd",pid=1,fd=9))
tcp LISTEN 0 128 [fe80::1]%eth0:22 [::]:*
tcp LISTEN 0 128 *:80 *:*
rubbish`;
    assert.deepEqual(parse(LISTENERS, { ss, end: '' }), [
      { protocol: 'tcp', address: '0.0.0.0', port: 22, programs: ['sshd', 'systemd'] },
      { protocol: 'tcp', address: 'fe80::1', port: 22, programs: [] },
      { protocol: 'udp', address: '127.0.0.53', port: 53, programs: ['systemd-resolve'] },
      { protocol: 'tcp', address: '*', port: 80, programs: [] },
    ]);
  });

  it('is read from the kernel where there is no ss', () => {
    const proc = `tcp   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000
tcp   1: 00000000:0016 0101A8C0:0001 01 00000000:00000000
tcp6  0: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 0A
tcp6  1: B80D0120000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A
udp   0: 00000000:0044 00000000:0000 07 00000000:00000000`;
    assert.deepEqual(parse(LISTENERS, { proc, end: '' }), [
      { protocol: 'tcp', address: '::1', port: 53, programs: [] },
      { protocol: 'udp', address: '0.0.0.0', port: 68, programs: [] },
      { protocol: 'tcp', address: '2001:db8::1', port: 443, programs: [] },
      { protocol: 'tcp', address: '127.0.0.1', port: 8080, programs: [] },
    ]);
  });
});

describe('file systems', () => {
  it('are those with a disk, whatever their mount point is called', () => {
    const df = `Type Used Avail IUsed IFree Mounted on
ext4 100 300 5 95 /
tmpfs 0 100 0 0 /run
overlay 1 1 1 1 /var/lib/docker/overlay2/x/merged
vfat 10 10 0 0 /boot/efi
ext4 9 1 0 0 /run/host/os-release
btrfs 10 30 0 0 /srv/with space
ext4 0 0 0 0 /empty
ext4 - - - - /broken`;
    assert.deepEqual(parse(FILESYSTEMS, { df }), [
      { mount: '/', type: 'ext4', used: 100, free: 300, inodes: { used: 5, free: 95 } },
      { mount: '/boot/efi', type: 'vfat', used: 10, free: 10 },
      { mount: '/srv/with space', type: 'btrfs', used: 10, free: 30 },
    ]);
  });
});

describe('sudoers', () => {
  const text = `440 root /etc/sudoers
# a comment
Defaults env_reset, !authenticate
Defaults:ops passwd_tries=2
User_Alias ADMINS = ann, \\
  bob
root    ALL=(ALL:ALL) ALL
%sudo ALL=(ALL) NOPASSWD:ALL # all of them
ADMINS, #1000 ALL = (www-data) \\
    NOPASSWD: /bin/true, /bin/ALL
web\\ user host1 = /usr/bin/id
@includedir /etc/sudoers.d
`;
  it('are read as sudo reads them', () => {
    const value = parse(SUDOERS, { there: 'yes\n', 'file 1': text, visudo: 'bad\n', end: '' });
    assert.deepEqual(
      value?.rules.map(({ line, who, all, withoutPassword }) => [line, who, all, withoutPassword]),
      [
        [6, ['root'], true, false],
        [7, ['%sudo'], true, true],
        [8, ['ADMINS', '#1000'], false, true],
        [10, ['web\\ user'], false, false],
      ],
    );
    assert.deepEqual(
      value?.open.map(({ line }) => line),
      [2],
    );
    assert.deepEqual(value?.files, [{ path: '/etc/sudoers', mode: 0o440, owner: 'root' }]);
    assert.equal(value?.invalid, 'bad');
  });

  it('are not judged where one of them cannot be read', () => {
    const said = answer(
      { there: 'yes\n', denied: '', end: '' },
      { stderr: Buffer.from('/etc/sudoers cannot be read\n') },
    );
    assert.deepEqual(SUDOERS.type.parse(said, [SUDOERS]), [{ ref: SUDOERS, error: '/etc/sudoers cannot be read' }]);
    assert.equal(parse(SUDOERS, { there: 'no\n', end: '' }), null);
  });
});

describe('accounts', () => {
  it('are told with what their passwords are like', () => {
    const passwd =
      'root:x:0:/bin/bash\nd:x:1:/usr/sbin/nologin\ne:empty:2:\no:x:1000:/bin/sh\nn:x:1001:/bin/false\n:x\n';
    assert.deepEqual(parse(ACCOUNTS, { passwd, shadow: 'root:set\nd:locked\ne:locked\no:old\n' }), [
      { name: 'root', uid: 0, shell: '/bin/bash', login: true, password: 'set' },
      { name: 'd', uid: 1, shell: '/usr/sbin/nologin', login: false, password: 'locked' },
      { name: 'e', uid: 2, shell: '', login: true, password: 'empty' },
      { name: 'o', uid: 1000, shell: '/bin/sh', login: true, password: 'old' },
      { name: 'n', uid: 1001, shell: '/bin/false', login: false, password: 'locked' },
    ]);
  });

  for (const shell of SHELLS) {
    it(`no hash leaves the host, in ${shell}`, () => {
      const said = run(ACCOUNTS.type.collect([ACCOUNTS]), shell);
      const kinds = Buffer.from(said.parts.get('shadow') ?? [])
        .toString()
        .trim()
        .split('\n');
      for (const line of kinds.filter((text) => text !== '')) assert.match(line, /^[^:]+:(empty|locked|old|set)$/);
    });
  }
});

describe('loose files', () => {
  const found =
    'P 4755 root /usr/bin/su\nP 2755 root (a name with a line break, inode 7)\nf 666 app /etc/x y\nd 777 root /srv\n';

  it('are told with whether a package has them', () => {
    assert.deepEqual(parse(LOOSE, { 'found 0': `${found}= 0\n`, 'known 0': '/bin/su\n', 'end 0': '' }), {
      privileged: [
        { path: '/usr/bin/su', mode: 0o4755, owner: 'root', packaged: true },
        { path: '(a name with a line break, inode 7)', mode: 0o2755, owner: 'root', packaged: false },
      ],
      writable: [
        { path: '/etc/x y', mode: 0o666, owner: 'app', kind: 'file' },
        { path: '/srv', mode: 0o777, owner: 'root', kind: 'directory' },
      ],
      cut: false,
    });
  });

  it('may be more where the search did not come to its end', () => {
    for (const end of ['= 124\n', '']) {
      assert.equal(parse(LOOSE, { 'found 0': found + end, 'known 0': '', 'end 0': '' })?.cut, true);
    }
  });
});

describe('logins', () => {
  it('are counted', () => {
    const tally = '999999999999\tT\t12\n10\tF\t6.6.6.6\troot\n2\tF\t-\ta\tb\n1\tA\t6.6.6.6\troot\n';
    assert.deepEqual(parse(logins(24), { 'source 0': 'the journal\n', 'tally 0': tally }), {
      failed: 12,
      failures: [
        { count: 10, address: '6.6.6.6', user: 'root' },
        { count: 2, address: '-', user: 'a\tb' },
      ],
      accepted: [{ count: 1, address: '6.6.6.6', user: 'root' }],
      source: 'the journal',
    });
  });
});

describe('the clock', () => {
  const base = { timedatectl: 'NTPSynchronized=yes\n', services: 'chrony.service\n', container: '', end: '' };

  it('is off by what chrony says, once it follows somebody', () => {
    const chrony = 'C0A80001,192.168.0.1,3,1700000000.1,-0.0123,0.1,0.1,0,0,0,0,0,64,Normal\n';
    assert.deepEqual(parse(CLOCK, { ...base, chrony }), {
      synchronized: true,
      services: ['chrony.service'],
      offset: 0.0123,
      source: '192.168.0.1',
      container: false,
    });
    const nobody = parse(CLOCK, { ...base, chrony: '00000000,,0,0.0,0.0,0,0,0,0,0,0,0,0,Not synchronised\n' });
    assert.equal(nobody?.offset, undefined);
  });
});

describe('sshd', () => {
  it('has options with several values', () => {
    const said = { sshd: '/usr/sbin/sshd\n', 'status 0': '0\n', 'said 0': 'port 22\nport 2222\nciphers a,b\nbanner\n' };
    assert.deepEqual(parse(sshdOptions(), said), {
      options: { port: ['22', '2222'], ciphers: ['a,b'], banner: [''] },
    });
    assert.equal(parse(sshdOptions(), { sshd: '\n' }), null);
    const wrong = answer({ sshd: '/x\n', 'status 0': '255\n', 'said 0': 'line 3: Bad option: x\n' });
    assert.deepEqual(sshdOptions().type.parse(wrong, [sshdOptions()]), [
      { ref: sshdOptions(), error: 'line 3: Bad option: x' },
    ]);
  });
});

describe('units, kernels', () => {
  it('are read line by line', () => {
    assert.deepEqual(parse(FAILED_UNITS, { units: 'a.service loaded failed failed A thing\n', end: '' }), [
      { name: 'a.service', description: 'A thing' },
    ]);
    assert.equal(parse(FAILED_UNITS, { none: '' }), null);
    const parts = {
      required: '1000\n',
      packages: 'b\na\nb\n',
      now: '4600\n',
      kernel: '6.1.0\n',
      installed: '/boot/vmlinuz-6.1.0\n',
      uptime: '9.5 1\n',
    };
    assert.deepEqual(parse(BOOT_STATE, parts), {
      requiredFor: 3600,
      packages: ['b', 'a'],
      running: '6.1.0',
      installed: ['6.1.0'],
      uptime: 9.5,
    });
  });
});

describe('certificates', () => {
  const dir = mkdtempSync(join(tmpdir(), 'runbook-certificates-'));
  after(() => rmSync(dir, { recursive: true }));
  const openssl = (...args: readonly string[]) => {
    const made = spawnSync('openssl', args, { cwd: dir, encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
  };
  const key = ['-newkey', 'rsa:1024', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Own CA', '-days', '90');
  openssl(
    'req',
    ...key,
    '-keyout',
    'leaf.key',
    '-out',
    'leaf.csr',
    '-subj',
    '/CN=a.example',
    '-addext',
    'subjectAltName=DNS:a.example,IP:10.0.0.1',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    'leaf.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'leaf.pem',
    '-days',
    '9',
    '-copy_extensions',
    'copy',
  );
  const pem = (...names: readonly string[]) => names.map((name) => readFileSync(join(dir, name), 'utf8')).join('');
  const place = (name: string, authority?: string) =>
    certificates({ files: join(dir, name), ...(authority && { authority }) });
  const look = (ref: ReturnType<typeof certificates>, shell: (typeof SHELLS)[number]) => {
    const said = run(ref.type.collect([ref]), shell);
    assert.doesNotMatch(
      Buffer.concat([...said.parts.values()].map((part) => Buffer.from(part))).toString(),
      /PRIVATE KEY/,
    );
    const [seen] = ref.type.parse(said, [ref]);
    assert.ok(seen !== undefined && 'value' in seen);
    return seen.value as readonly ChainValue[];
  };

  for (const shell of SHELLS) {
    it(`are read without the keys beside them, in ${shell}`, () => {
      const all = `cat leaf.key leaf.pem ca.pem > 'all of it.pem'`;
      assert.equal(spawnSync('sh', ['-c', all], { cwd: dir }).status, 0);
      const [chain] = look(place('all of it.pem', join(dir, 'ca.pem')), shell);
      assert.deepEqual([chain?.trust, chain?.linked, chain?.certificates.length], ['ok', true, 2]);
      const days = ((chain?.certificates[0]?.to ?? 0) - Date.now()) / 86_400_000;
      assert.ok(days > 8.9 && days < 9.1, `${days}`);
    });

    it(`are told apart by who vouches for them, in ${shell}`, () => {
      const trust = (ref: ReturnType<typeof certificates>) => look(ref, shell).map((chain) => chain.trust);
      assert.match(trust(place('leaf.pem'))[0] ?? '', /unable to get local issuer/);
      assert.match(trust(place('ca.pem'))[0] ?? '', /self.signed/);
      assert.deepEqual(trust(place('nothing*.pem')), []);
    });
  }

  it('name the host, its other names and its key', () => {
    const text = (pemText: string, trust = 'trust ok') =>
      parse(place('x'), { 'chain 0 1': `/x\n${trust}\n${pemText}`, 'done 0': '' });
    const [chain] = text(pem('leaf.pem', 'ca.pem')) ?? [];
    const { from: _, to: __, ...leaf } = chain?.certificates[0] ?? { from: 0, to: 0 };
    assert.deepEqual(leaf, {
      subject: 'a.example',
      names: ['a.example', '10.0.0.1'],
      issuer: 'Own CA',
      key: 'RSA 1024',
      weak: '1024-bit RSA',
    });
    assert.equal(text(pem('ca.pem', 'leaf.pem'))?.[0]?.linked, false);
    assert.equal(text('')?.[0]?.problem, 'it holds no certificate');
    assert.equal(
      text('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')?.[0]?.problem,
      'what it holds is no certificate',
    );
    assert.equal(text('', 'problem it cannot be read')?.[0]?.problem, 'it cannot be read');
  });

  it('of a service are for its name, or not', () => {
    const named = (service: string) => {
      const ref = certificates({ service });
      return parse(ref, { 'chain 0 1': `${service}\ntrust ok\n${pem('leaf.pem')}`, 'done 0': '' })?.[0]?.named;
    };
    assert.deepEqual(['a.example:443', 'b.example:443', '10.0.0.1:443', '[::1]:443'].map(named), [
      true,
      false,
      undefined,
      undefined,
    ]);
  });
});
