import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Change, ChangeOptions, Ref, Seen } from '../../engine/planning/contracts.ts';
import { APT_LISTS, aptListsType } from '../../engine/resources/apt_lists.ts';
import { candidate, candidateType } from '../../engine/resources/candidate.ts';
import { debFile, debFileType } from '../../engine/resources/deb_file.ts';
import { compareVersions } from '../../engine/resources/debian_version.ts';
import { fnmatch } from '../../engine/resources/fnmatch.ts';
import { packageOf, packageType } from '../../engine/resources/package.ts';
import { packageNames, packageNamesType } from '../../engine/resources/package_names.ts';
import { isPackageName, type PackageValue } from '../../engine/resources/package_value.ts';
import { simulation, simulationType } from '../../engine/resources/simulation.ts';
import { type AptWorld, aptWorld } from './apt_world.ts';
import { answer, run, SHELLS, shellcheck } from './programs.ts';

const DPKG = 'dpkg\tamd64\tinstalled\tinstall\t1.22.6\t1\n';

/** Asked for, and not on hold. */
const PLAIN = { state: 'installed', auto: false, held: false };

function values(seen: readonly Seen[]): Record<string, unknown> {
  return Object.fromEntries(seen.map((one) => [one.ref.id, 'error' in one ? { error: one.error } : one.value]));
}

describe('what dpkg knows of packages', () => {
  const look = (rows: string, ...names: string[]) =>
    values(packageType.parse(answer({ rows: DPKG + rows }), names.map(packageOf)));

  it('tells versions, and what is not there', () => {
    const rows = 'cron\tamd64\tinstalled\tinstall\t3.0pl1-162\t1\n';
    assert.deepEqual(look(rows, 'cron', 'gone'), {
      cron: { version: '3.0pl1-162', ...PLAIN, keeps: true },
      gone: null,
    });
  });

  it('tells every state by its name', () => {
    const rows = ['config-files', 'half-configured', 'triggers-pending', 'unpacked', 'not-installed']
      .map((state) => `a-${state}\tamd64\t${state}\tdeinstall\t1.0\t\n`)
      .join('');
    const seen = look(
      rows,
      'a-config-files',
      'a-half-configured',
      'a-triggers-pending',
      'a-unpacked',
      'a-not-installed',
    );
    assert.deepEqual(
      Object.values(seen).map((value) => (value as PackageValue | null)?.state),
      ['config-files', 'half-configured', 'triggers-pending', 'unpacked', undefined],
    );
  });

  it('tells holds and dependencies', () => {
    const rows =
      'libssl3\tamd64\tinstalled\thold\t3.0.2-0ubuntu1.15\t\ntzdata\tall\tinstalled\tinstall\t2024a\t\n\t\tlibssl3:amd64\n';
    assert.deepEqual(look(rows, 'libssl3', 'tzdata'), {
      libssl3: { version: '3.0.2-0ubuntu1.15', state: 'installed', auto: true, held: true },
      tzdata: { version: '2024a', ...PLAIN },
    });
  });

  it('takes a name without an architecture for the one of the host', () => {
    const rows =
      'libc6\tamd64\tinstalled\tinstall\t2.36\t\nlibc6\ti386\tinstalled\tinstall\t2.35\t\ntzdata\tall\tinstalled\tinstall\t1\t\n';
    assert.deepEqual(look(rows, 'libc6', 'libc6:amd64', 'libc6:i386', 'libc6:arm64', 'tzdata:amd64', 'tzdata:i386'), {
      libc6: { version: '2.36', ...PLAIN },
      'libc6:amd64': { version: '2.36', ...PLAIN },
      'libc6:i386': { version: '2.35', ...PLAIN },
      'libc6:arm64': null,
      'tzdata:amd64': { version: '1', ...PLAIN },
      'tzdata:i386': null,
    });
  });

  it('finds who provides a virtual package, and is not fooled by a name within a name', () => {
    const rows = '\tpostfix\tdefault-mta, mail-transport-agent (= 3.7), postfix-mail\n';
    assert.deepEqual(look(rows, 'mail-transport-agent', 'mail-transport'), {
      'mail-transport-agent': { state: 'installed', providedBy: 'postfix' },
      'mail-transport': null,
    });
  });

  it('says why dpkg could not be asked', () => {
    const stderr = Buffer.from('there is no dpkg on this host');
    const [seen] = packageType.parse(answer({ rows: '' }, { status: 1, stderr }), [packageOf('cron')]);
    assert.deepEqual(seen, { ref: packageOf('cron'), error: 'there is no dpkg on this host' });
  });

  it('never gives dpkg what is no name', () => {
    for (const name of ['-x', '--purge', 'a b', 'a;b', '*', '', 'é', 'a\nb', 'a:b:c', '.a']) {
      assert.equal(isPackageName(name), false, name);
      assert.equal(packageType.collect([packageOf(name)]).text, ':');
    }
    assert.ok(['g++', 'libc6:i386', '0ad', 'libstdc++6', 'python3.11'].every(isPackageName));
  });
});

describe('what apt could install', () => {
  const POLICY = `nginx:
  Installed: (none)
  Candidate: 1.24.0-2ubuntu7.1
  Version table:
     1.24.0-2ubuntu7.1 500 (phased 20%)
        500 http://archive.ubuntu.com/ubuntu noble-updates/main amd64 Packages
     1.24.0-2ubuntu7 500
        500 http://archive.ubuntu.com/ubuntu noble/main amd64 Packages
libc6:i386:
  Installed: 2.39
  Candidate: 2.39
  Version table:
 *** 2.39 500
        500 http://archive.ubuntu.com/ubuntu noble/main i386 Packages
        100 /var/lib/dpkg/status
     2.31 -1
        -1 http://archive.ubuntu.com/ubuntu focal/main i386 Packages
awk:
  Installed: (none)
  Candidate: (none)
  Version table:
ghost:
  Installed: (none)
  Candidate: (none)
  Version table:
N: Unable to locate package nosuch
`;
  const VIRTUAL = `Package: awk
Reverse Provides: 
mawk 1.3.4.20240123-1 (= )
gawk 1:5.2.1-2build3 (= )
gawk 1:5.2.0-1 (= )
Package: ghost
Reverse Provides: 
`;

  it('tells the candidate, all versions, and who provides a virtual package', () => {
    const parts = { 'status 0': '0\n', 'policy 0': POLICY, 'virtual 0': VIRTUAL, native: 'amd64\n' };
    const names = ['nginx', 'libc6:i386', 'awk', 'ghost', 'nosuch', 'nginx:amd64'];
    assert.deepEqual(
      values(
        candidateType.parse(
          answer(parts),
          names.map((name) => candidate(name)),
        ),
      ),
      {
        nginx: { version: '1.24.0-2ubuntu7.1', versions: ['1.24.0-2ubuntu7.1', '1.24.0-2ubuntu7'], providers: [] },
        'nginx:amd64': {
          version: '1.24.0-2ubuntu7.1',
          versions: ['1.24.0-2ubuntu7.1', '1.24.0-2ubuntu7'],
          providers: [],
        },
        'libc6:i386': { version: '2.39', versions: ['2.39', '2.31'], providers: [] },
        awk: { version: null, versions: [], providers: ['gawk', 'mawk'] },
        ghost: null,
        nosuch: null,
      },
    );
  });

  it('keeps the trouble with one release from the others', () => {
    const said =
      "E: The value 'sarge' is invalid for APT::Default-Release as such a release is not available in the sources\n";
    const parts = { 'status 0': '100\n', 'policy 0': said, 'status 1': '0\n', 'policy 1': POLICY };
    const seen = values(candidateType.parse(answer(parts), [candidate('nginx', 'sarge'), candidate('nginx')]));
    assert.match((seen['nginx/sarge'] as { error: string }).error, /^The value 'sarge' is invalid/);
    assert.equal((seen.nginx as { version: string }).version, '1.24.0-2ubuntu7.1');
  });
});

describe('what an apt-get would do', () => {
  const SAID = `NOTE: This is only a simulation!
Reading package lists...
Inst libssl3 [3.0.2-0ubuntu1.10] (3.0.2-0ubuntu1.15 Ubuntu:22.04/jammy-updates, Ubuntu:22.04/jammy-security [amd64]) []
Inst nginx-common (1.18.0-6ubuntu14.4 Ubuntu:22.04/jammy-updates [all]) [libssl3:amd64 ]
Inst libc6:i386 (2.35-0ubuntu3.7 Ubuntu:22.04/jammy-updates [i386])
Conf libssl3 (3.0.2-0ubuntu1.15 Ubuntu:22.04/jammy-updates [amd64])
Conf half (1.0 Ubuntu:22.04/jammy [all])
Remv exim4 [4.95-4ubuntu2.4]
Purg postfix [3.6.4-1ubuntu1.3] []
Del nginx-common 1.18.0-6ubuntu14.3 [40.0 kB]
`;

  it('is told package by package', () => {
    const ref = simulation(['install', 'nginx']);
    const [seen] = simulationType.parse(answer({ 'status 0': '0\n', 'said 0': SAID }), [ref]);
    assert.deepEqual(seen, {
      ref,
      value: {
        deleted: ['nginx-common 1.18.0-6ubuntu14.3'],
        rows: [
          { action: 'install', name: 'libssl3', from: '3.0.2-0ubuntu1.10', to: '3.0.2-0ubuntu1.15' },
          { action: 'install', name: 'nginx-common', to: '1.18.0-6ubuntu14.4' },
          { action: 'install', name: 'libc6:i386', to: '2.35-0ubuntu3.7' },
          { action: 'configure', name: 'half', to: '1.0' },
          { action: 'remove', name: 'exim4', from: '4.95-4ubuntu2.4' },
          { action: 'purge', name: 'postfix', from: '3.6.4-1ubuntu1.3' },
        ],
      },
    });
  });

  it('tells why apt would refuse', () => {
    const said = `Reading package lists...
The following packages have unmet dependencies:
 lab-blue : Conflicts: lab-red but 1.0 is to be installed
E: Unable to correct problems, you have held broken packages.
`;
    const [seen] = simulationType.parse(answer({ 'status 0': '100\n', 'said 0': said }), [
      simulation(['install', 'x']),
    ]);
    assert.deepEqual((seen as { value: unknown }).value, {
      rows: [],
      deleted: [],
      refused:
        'Unable to correct problems, you have held broken packages.\nlab-blue : Conflicts: lab-red but 1.0 is to be installed',
    });
  });

  it('tells of a dpkg that was interrupted', () => {
    const parts = { 'status 0': '0\n', 'said 0': SAID, interrupted: '/var/lib/dpkg/updates/0001\n' };
    const [seen] = simulationType.parse(answer(parts), [simulation(['dist-upgrade'])]);
    assert.match((seen as unknown as { value: { refused: string } }).value.refused, /dpkg --configure -a/);
  });
});

describe('apt lists, package names, package files', () => {
  it('takes the newer of the two times, and none where the lists are gone', () => {
    const look = (lists: string) =>
      values(aptListsType.parse(answer({ lists, now: '2000\n', archives: '3\n' }), [APT_LISTS])).lists;
    assert.deepEqual(look('1000\n1500\n'), { updatedAt: 1500, age: 500, archives: 3 });
    assert.deepEqual(look(''), { updatedAt: 0, age: 2000, archives: 3 });
    assert.deepEqual(look('3000\n'), { updatedAt: 3000, age: 0, archives: 3 });
  });

  it('leaves other architectures out of a pattern that names none', () => {
    const rows = 'dpkg:amd64\nlibc6:amd64\nlibc6:i386\nlibcap2:amd64\ntzdata:all\n';
    const look = (pattern: string) =>
      values(packageNamesType.parse(answer({ 'names 0': rows }), [packageNames(pattern, 'dpkg')]))[`dpkg/${pattern}`];
    assert.deepEqual(look('libc*'), { names: ['libc6', 'libcap2'] });
    assert.deepEqual(look('libc*:i386'), { names: ['libc6:i386'] });
    assert.deepEqual(look('[!a-l]*'), { names: ['tzdata'] });
  });

  it('reads what a package file holds', () => {
    const fields = 'Package: app\nVersion: 1:2.0-1\nArchitecture: amd64\n';
    const parts = {
      'fields 0': fields,
      'status 0': '0\n',
      'absent 1': '',
      'fields 2': 'not an archive\n',
      'status 2': '2\n',
    };
    const refs = ['/a.deb', '/b.deb', '/c.deb'].map(debFile);
    assert.deepEqual(values(debFileType.parse(answer(parts), refs)), {
      '/a.deb': { name: 'app', version: '1:2.0-1', architecture: 'amd64' },
      '/b.deb': null,
      '/c.deb': { error: 'not an archive' },
    });
  });
});

describe('versions and patterns', () => {
  it('orders versions as dpkg does', () => {
    const piece = fc.constantFrom('0', '1', '10', '9', 'a', 'b', '~', '.', '+', '~rc1', '00', 'z');
    const part = fc.array(piece, { minLength: 1, maxLength: 4 }).map((all) => `1${all.join('')}`);
    const version = fc.tuple(
      fc.constantFrom('', '0:', '1:', '12:'),
      part,
      fc.constantFrom('', '-1', '-0', '-1~bpo1', '-2'),
    );
    const pairs = fc.sample(fc.tuple(version, version), 60).map(([a, b]) => [a.join(''), b.join('')] as const);
    const script = pairs
      .map(
        ([a, b]) =>
          `dpkg --compare-versions '${a}' lt '${b}' && echo -1 || { dpkg --compare-versions '${a}' eq '${b}' && echo 0 || echo 1; }`,
      )
      .join('\n');
    const told = spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout.trim().split('\n').map(Number);
    assert.deepEqual(
      pairs.map(([a, b]) => Math.sign(compareVersions(a, b))),
      told,
    );
  });

  it('matches patterns as Python does', () => {
    const cases: [string, string, boolean][] = [
      ['1.22.1-9', '1.22*', true],
      ['1.22.1-9', '1.22', false],
      ['1.22', '1.?2', true],
      ['a', '[!b-z]', true],
      ['b', '[!b-z]', false],
      ['[', '[', true],
      [']', '[]]', true],
      ['^', '[^a]', true],
      ['-', '[a-]', true],
      ['x.y', 'x.y', true],
      ['xzy', 'x.y', false],
      ['a\nb', 'a*b', true],
      ['a', '[b-a]', false],
    ];
    for (const [text, pattern, matches] of cases) assert.equal(fnmatch(text, pattern), matches, `${text} ${pattern}`);
    assert.equal(fnmatch('a'.repeat(50), `${'*'.repeat(40)}b`), false);
  });
});

describe('answers from a host that means harm', () => {
  const questions: readonly {
    readonly type: { parse: (a: never, refs: never) => readonly Seen[] };
    readonly refs: readonly Ref[];
    readonly parts: readonly string[];
  }[] = [
    {
      type: packageType,
      refs: [packageOf('a'), packageOf('b:i386'), packageOf('?')],
      parts: ['rows'],
    },
    {
      type: candidateType,
      refs: [candidate('a'), candidate('b', 'x')],
      parts: ['native', 'status 0', 'policy 0', 'virtual 0', 'policy 1'],
    },
    {
      type: simulationType,
      refs: [simulation(['install', 'a'])],
      parts: ['status 0', 'said 0', 'interrupted', 'rows'],
    },
    { type: aptListsType, refs: [APT_LISTS], parts: ['lists', 'now', 'archives'] },
    { type: packageNamesType, refs: [packageNames('a*', 'apt')], parts: ['names 0'] },
    { type: debFileType, refs: [debFile('/a')], parts: ['fields 0', 'status 0', 'absent 0'] },
  ];
  const word = fc.constantFrom(
    'dpkg',
    'a',
    'installed',
    '\t',
    '\n',
    ' ',
    ':',
    'Inst ',
    'Conf ',
    '(',
    ')',
    '[',
    '__proto__',
    'Package: ',
    'Candidate: ',
    '0',
    '100',
    'E: ',
    '\0',
  );
  const noise = fc.oneof(
    fc.array(word).map((all) => Buffer.from(all.join(''))),
    fc.uint8Array({ maxLength: 60 }),
  );
  for (const { type, refs, parts } of questions) {
    it(`${refs[0]?.type.name}: is read without a throw, and every ref gets an answer`, () => {
      fc.assert(
        fc.property(
          fc.dictionary(fc.constantFrom(...parts), noise),
          fc.integer({ min: 0, max: 255 }),
          (dictionary, status) => {
            const seen = type.parse(answer(dictionary, { status }) as never, refs as never);
            const ids = seen.map((one) => one.ref.id);
            assert.ok(refs.every((ref) => ids.includes(ref.id) || !(`names 0` in dictionary)));
          },
        ),
        { numRuns: 300 },
      );
    });
  }
});

describe('in a world of its own', () => {
  let made: AptWorld | undefined;
  const world = () => {
    made ??= aptWorld([
      { name: 'dpkg', version: '1.21', status: 'install ok installed', local: true },
      { name: 'web', version: '2.0', fields: 'Depends: web-common\nRecommends: extra' },
      { name: 'web-common', version: '2.0' },
      { name: 'extra', version: '1.0' },
      { name: 'old-web', version: '1.0', fields: 'Conflicts: web', status: 'install ok installed' },
      { name: 'needs-old', version: '1.0', fields: 'Depends: old-web', status: 'install ok installed' },
      { name: 'held', version: '1.0', status: 'hold ok installed', local: true },
      { name: 'held', version: '2.0' },
      {
        name: 'kept',
        version: '1.0',
        status: 'deinstall ok config-files',
        fields: 'Conffiles:\n /etc/kept.conf 0123456789abcdef0123456789abcdef',
      },
      { name: 'sender', version: '1.0', fields: 'Provides: mta', status: 'install ok installed' },
      { name: 'relay', version: '1.0', fields: 'Provides: relayer' },
    ]);
    return made;
  };
  after(() => made?.remove());

  for (const shell of SHELLS) {
    it(`dpkg is asked, by ${shell}`, () => {
      const refs = ['old-web', 'web', 'kept', 'held', 'mta', 'sender:amd64'].map(packageOf);
      const told = run(world().inside(packageType.collect(refs)), shell);
      assert.deepEqual(values(packageType.parse(told, refs)), {
        'old-web': { version: '1.0', ...PLAIN },
        web: null,
        kept: { version: '1.0', state: 'config-files' },
        held: { version: '1.0', ...PLAIN, held: true },
        mta: { state: 'installed', providedBy: 'sender' },
        'sender:amd64': { version: '1.0', ...PLAIN },
      });
    });

    it(`apt is asked for candidates, by ${shell}`, () => {
      const refs = [
        candidate('web'),
        candidate('held'),
        candidate('relayer'),
        candidate('nosuch'),
        candidate('web', 'sarge'),
      ];
      const seen = values(candidateType.parse(run(world().inside(candidateType.collect(refs)), shell), refs));
      assert.deepEqual(seen.web, { version: '2.0', versions: ['2.0'], providers: [] });
      assert.deepEqual(seen.held, { version: '2.0', versions: ['2.0', '1.0'], providers: [] });
      assert.deepEqual(seen.relayer, { version: null, versions: [], providers: ['relay'] });
      assert.equal(seen.nosuch, null);
      assert.match((seen['web/sarge'] as { error: string }).error, /sarge/);
    });

    it(`apt simulates, by ${shell}`, () => {
      const refs = [simulation(['install', 'web']), simulation(['install', 'held']), simulation(['install', 'nosuch'])];
      const seen = values(simulationType.parse(run(world().inside(simulationType.collect(refs)), shell), refs));
      const rows = (seen['["install","web"]'] as { rows: { action: string; name: string }[] }).rows;
      assert.deepEqual(rows.map(({ action, name }) => `${action} ${name}`).sort(), [
        'install extra',
        'install web',
        'install web-common',
        'remove needs-old',
        'remove old-web',
      ]);
      assert.match((seen['["install","held"]'] as { refused: string }).refused, /Held packages were changed/);
      assert.match((seen['["install","nosuch"]'] as { refused: string }).refused, /Unable to locate package nosuch/);
      assert.deepEqual(seen['needs-old'], { version: '1.0', ...PLAIN });
      assert.equal(seen['web-common'], null);
    });
  }

  it('apt names packages', () => {
    const refs = [packageNames('we*', 'apt'), packageNames('*-*', 'dpkg')];
    const seen = values(packageNamesType.parse(run(world().inside(packageNamesType.collect(refs))), refs));
    assert.deepEqual(seen, {
      'apt/we*': { names: ['web', 'web-common'] },
      'dpkg/*-*': { names: ['needs-old', 'old-web'] },
    });
  });

  it('apt does nothing at all where it would do more than was planned', () => {
    const refused = run(
      world().inside(
        change('web', null, { version: '2.0', state: 'installed' }, { command: '["install","web"]', exact: true }),
      ),
    );
    assert.equal(refused.status, 1);
    const told = Buffer.from(refused.stderr).toString();
    assert.match(told, /^apt would do what was not planned:\n/);
    for (const line of ['Inst web-common 2.0', 'Inst extra 1.0', 'Remv old-web', 'Remv needs-old'])
      assert.ok(told.includes(line), told);
    assert.ok(!told.includes('Inst web 2.0'), told);
  });
});

const installed: PackageValue = { version: '1.0', state: 'installed' };

function change(name: string, before: PackageValue | null, to: PackageValue | null, options: ChangeOptions = {}) {
  return packageType.transition([{ ref: packageOf(name), before, after: to, options }]);
}

describe('changing packages', () => {
  const text = (changes: readonly Change<PackageValue>[]) => packageType.transition(changes).text;
  const one = (
    name: string,
    before: PackageValue | null,
    to: PackageValue | null,
    options: ChangeOptions = {},
  ): Change<PackageValue> => ({
    ref: packageOf(name),
    before,
    after: to,
    options,
  });

  it('makes the changes of one command by one apt-get, dependencies unnamed', () => {
    const options = { command: '["install","-t","x","web=2.0"]', exact: true, lockTimeout: 7 };
    const program = text([
      one('web', null, { version: '2.0', state: 'installed' }, options),
      one('web-common', null, { version: '2.0', state: 'installed', auto: true }, options),
      one('old', installed, null, options),
    ]);
    assert.equal(
      program.match(/apt-get -q -y -o 'DPkg::Lock::Timeout=7' -o 'Dpkg::Use-Pty=0' install -t x 'web=2.0' </g)?.length,
      1,
    );
    assert.match(program, /grep -vxF -e 'Inst web 2.0\nInst web-common 2.0\nRemv old\nPurg old/);
    assert.doesNotMatch(program, /apt-mark/);
  });

  it('follows from before and after alone on the way back', () => {
    assert.match(text([one('web', installed, null)]), / purge web </);
    assert.match(text([one('web', installed, { state: 'config-files' })]), / remove web </);
    assert.match(
      text([one('web', { version: '2.0', state: 'installed' }, installed)]),
      /install --allow-downgrades --allow-change-held-packages 'web=1.0' </,
    );
    assert.match(
      text([one('lib', { state: 'config-files' }, { ...installed, auto: true })]),
      /install .*lib=1.0' <[\s\S]*apt-mark auto lib/,
    );
  });

  it('marks, and leaves apt-get alone for it', () => {
    assert.equal(
      text([one('lib', { ...installed, auto: true }, { ...installed, auto: false })]),
      'apt-mark manual lib >/dev/null',
    );
    assert.equal(text([one('lib', installed, { ...installed, held: true })]), 'apt-mark hold lib >/dev/null');
    assert.equal(
      text([one('lib', { ...installed, held: true }, { ...installed, held: false })]),
      'apt-mark unhold lib >/dev/null',
    );
  });

  it('shows what a person wants to know', () => {
    const shown = (before: PackageValue | null, to: PackageValue | null) =>
      packageType
        .describe(one('web', before, to))
        .attributes.map((a) => `${a.name}: ${a.before ?? '-'} -> ${a.after ?? '-'}`);
    assert.deepEqual(shown(null, installed), ['version: - -> 1.0']);
    assert.deepEqual(shown(null, { ...installed, auto: true }), [
      'version: - -> 1.0',
      'installed: - -> as a dependency',
    ]);
    assert.deepEqual(shown(installed, { state: 'config-files' }), ['version: 1.0 -> removed, configuration kept']);
    assert.deepEqual(shown({ ...installed, auto: true }, null), ['version: 1.0 -> -']);
    assert.deepEqual(shown({ ...installed, state: 'half-configured' }, installed), [
      'version: 1.0 (half-configured) -> 1.0',
    ]);
    assert.deepEqual(shown(null, { state: 'installed' }), ['version: - -> as apt chooses']);
  });

  it('doubts what a package may bring, and not what it cannot', () => {
    const affects = packageType.affects?.bind(packageType) as NonNullable<typeof packageType.affects>;
    const other = (type: string, id: string): Ref => ({ type: { name: type } as never, id, aspects: [] });
    const fresh = one('web', null, installed, { exact: true });
    const upgrade = one('web', installed, { version: '2.0', state: 'installed' }, { exact: true });
    assert.equal(affects(fresh, other('unit', 'nginx.service'), null), true);
    assert.equal(affects(fresh, other('unit', 'cron.service'), {}), false);
    assert.equal(affects(upgrade, other('unit', 'cron.service'), {}), true);
    assert.equal(affects(fresh, other('path', '/etc/nginx/nginx.conf'), null), true);
    assert.equal(affects(fresh, other('path', '/etc/motd'), {}), false);
    assert.equal(affects(fresh, other('path', '/etc/passwd'), {}), true);
    assert.equal(affects(fresh, other('path', '/home/deploy/.ssh'), null), false);
    assert.equal(affects(fresh, other('path', '/usr/local/bin/x'), null), false);
    assert.equal(affects(fresh, other('package', 'other'), null), false);
    assert.equal(affects(one('web', null, installed), other('package', 'other'), null), true);
    assert.equal(affects(fresh, other('apt simulation', '["install","x"]'), {}), true);
    assert.equal(affects(fresh, other('user', 'www-data'), null), true);
    const mark = one('lib', { ...installed, auto: true }, { ...installed, auto: false });
    assert.equal(affects(mark, other('unit', 'cron.service'), {}), false);
    assert.equal(affects(mark, other('apt simulation', '["autoremove"]'), {}), true);
  });

  it('knows what lets people in', () => {
    assert.equal(packageType.access?.('openssh-server'), true);
    assert.equal(packageType.access?.('nginx'), false);
  });

  it('writes programs that shellcheck passes', () => {
    const options = { command: '["install","web"]', exact: true, policyRcD: 101 };
    const findings = shellcheck({
      packages: packageType.collect([packageOf('web')]),
      candidates: candidateType.collect([candidate('web'), candidate('web:amd64', 'x')]),
      simulation: simulationType.collect([simulation(['install', 'web'])]),
      lists: aptListsType.collect([APT_LISTS]),
      names: packageNamesType.collect([packageNames('a*', 'apt'), packageNames('a*', 'dpkg')]),
      debs: debFileType.collect([debFile('/a b.deb')]),
      install: packageType.transition([
        one('web', null, installed, options),
        one('lib', { ...installed, auto: true }, installed),
      ]),
      mixed: packageType.transition([one('a', installed, null), one('b', null, installed)]),
    });
    assert.equal(findings, '');
  });
});
