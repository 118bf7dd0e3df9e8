import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sameSysctl, sysctl, sysctlPath, sysctlType } from '../../engine/resources/sysctl.ts';
import { valueInFile, withValue } from '../../modules/system/sysctl_file.ts';
import { answer, run, SHELLS, shellcheck } from './programs.ts';

describe('names of kernel parameters', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['vm.swappiness', '/proc/sys/vm/swappiness'],
    ['net/ipv4/ip_forward', '/proc/sys/net/ipv4/ip_forward'],
    ['net.ipv4.conf.eth0/100.forwarding', '/proc/sys/net/ipv4/conf/eth0.100/forwarding'],
    ['net/ipv4/conf/eth0.100/forwarding', '/proc/sys/net/ipv4/conf/eth0.100/forwarding'],
    ['../etc/passwd', undefined],
    ['a/../../etc', undefined],
    ['a..b', undefined],
    ['.a', undefined],
    ['', undefined],
    ['a b', undefined],
    ['net.ipv4.conf.*.rp_filter', undefined],
    ['a.b=c', undefined],
  ];
  for (const [name, path] of cases) it(`${name} is ${path}`, () => assert.equal(sysctlPath(name), path));

  it('never lead out of /proc/sys', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z./*\n-]{1,12}$/), (name) => {
        const path = sysctlPath(name);
        if (path !== undefined) assert.equal(new URL(path, 'file:///').pathname.startsWith('/proc/sys/'), true);
      }),
    );
  });
});

describe('looking at kernel parameters', () => {
  const [ostype, none, directory] = [sysctl('kernel.ostype'), sysctl('kernel.no_such'), sysctl('net.ipv4')];
  for (const shell of SHELLS) {
    it(`works on this machine in ${shell}`, () => {
      const refs = [ostype, none, directory, sysctl('net.ipv4.ip_local_port_range')] as const;
      const seen = sysctlType.parse(run(sysctlType.collect(refs), shell), refs);
      assert.deepEqual(seen.slice(0, 3), [
        { ref: ostype, value: { value: 'Linux' } },
        { ref: none, value: null },
        { ref: directory, value: null },
      ]);
      const range = seen[3];
      assert.ok(range !== undefined && 'value' in range);
      assert.match((range.value as { value: string }).value, /^\d+\s+\d+$/);
    });
  }

  it('keeps several lines and colons, and tells what cannot be read', () => {
    const write = sysctl('net.ipv4.route.flush');
    const refs = [sysctl('a.b'), write];
    const said = answer({
      there: 'r /proc/sys/a/b\nw /proc/sys/net/ipv4/route/flush\n',
      values: '/proc/sys/a/b:one: 1\n/proc/sys/a/b:\n/proc/sys/a/b:two\n',
    });
    assert.deepEqual(sysctlType.parse(said, refs), [
      { ref: refs[0], value: { value: 'one: 1\n\ntwo' } },
      { ref: write, error: '/proc/sys/net/ipv4/route/flush cannot be read' },
    ]);
  });

  it('never throws, whatever a host answers', () => {
    const bytes = fc.oneof(fc.uint8Array(), fc.constant(Buffer.from('r /proc/sys/kernel/ostype\n')));
    fc.assert(
      fc.property(bytes, bytes, (there, values) => {
        assert.equal(sysctlType.parse(answer({ there, values }), [ostype]).length, 1);
      }),
    );
  });
});

describe('setting kernel parameters', () => {
  const change = { ref: sysctl('kernel.no_such'), before: { value: '0' }, after: { value: '1\t2' }, options: {} };

  for (const shell of SHELLS) {
    it(`fails with the kernel's reason in ${shell}`, () => {
      const refused = run(sysctlType.transition([change]), shell);
      assert.notEqual(refused.status, 0);
      assert.match(Buffer.from(refused.stderr).toString(), /\/proc\/sys\/kernel\/no_such/);
    });
  }

  it('passes shellcheck', () => {
    const look = sysctlType.collect([change.ref, sysctl("a.b'c")]);
    assert.equal(shellcheck({ look, change: sysctlType.transition([change, { ...change, after: null }]) }), '');
  });

  it('compares values by their fields', () => {
    assert.equal(sameSysctl('4096\t131072\t6291456\n', '4096 131072 6291456'), true);
    assert.equal(sameSysctl('1', '10'), false);
    assert.equal(sysctlType.same?.({ value: '1' }, null), false);
  });

  it('counts the network as a way in', () => {
    assert.equal(sysctlType.access?.('net.ipv4.ip_forward'), true);
    assert.equal(sysctlType.access?.('vm.swappiness'), false);
  });
});

describe('a file of kernel parameters', () => {
  it('says what was written, and writing again changes nothing', () => {
    const line = fc.oneof(fc.stringMatching(/^[ab.#;= 1]{0,8}$/), fc.constant('key.a = 0'));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const once = withValue(lines.join('\n'), 'key.a', '1');
        assert.equal(valueInFile(once, 'key.a'), '1');
        assert.equal(withValue(once, 'key.a', '1'), once);
        assert.equal(valueInFile(withValue(once, 'key.a', undefined), 'key.a'), undefined);
      }),
    );
  });
});
