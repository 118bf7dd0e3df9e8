import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Change, ChangeOptions, Ref } from '../../engine/planning/contracts.ts';
import { unit, unitType } from '../../engine/resources/unit.ts';
import { fullUnitName, isTemplate, isUnitName, unitTitle } from '../../engine/resources/unit_name.ts';
import type { UnitValue } from '../../engine/resources/unit_value.ts';
import type { Answer } from '../../engine/transport/connection.ts';
import { fillUnit } from '../cases/unit_values.ts';
import { answer, run, SHELLS, shellcheck } from './programs.ts';

/** `systemctl show` of systemd 252 (Debian 12). */
const SSH = `Type=notify
RemainAfterExit=no
Id=ssh.service
Names=ssh.service sshd.service
LoadState=loaded
ActiveState=active
SubState=running
FragmentPath=/lib/systemd/system/ssh.service
SourcePath=
UnitFileState=enabled
CanReload=yes
NeedDaemonReload=no
LoadError=
`;
const GONE = `Type=
RemainAfterExit=no
Id=gone.service
Names=gone.service
LoadState=not-found
ActiveState=inactive
SubState=dead
SourcePath=
UnitFileState=
CanReload=no
NeedDaemonReload=no
LoadError=org.freedesktop.systemd1.NoSuchUnit "Unit gone.service not found."
`;
const TIMER = `Id=fstrim.timer
Names=fstrim.timer
LoadState=loaded
ActiveState=inactive
SubState=dead
UnitFileState=enabled
NeedDaemonReload=yes
`;

function block(properties: Record<string, string>): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

function look(blocks: readonly string[], names: readonly string[], more: Record<string, string> = {}, status = '0') {
  const told = answer({ 'system status': `${status}\n`, 'system show': blocks.join('\n'), ...more });
  const seen = unitType.parse(
    told,
    names.map((name) => unit(name)),
  );
  return Object.fromEntries(
    seen.map((one) => [one.ref.id, 'error' in one ? one.error : (one.value as UnitValue | null)]),
  );
}

describe('looking at units', () => {
  it('tells of each by its own name, aliases and absent ones too', () => {
    const seen = look([SSH, SSH, GONE, TIMER], ['ssh', 'sshd', 'gone', 'fstrim.timer']);
    const ssh: UnitValue = {
      name: 'ssh.service',
      load: 'loaded',
      active: 'active',
      sub: 'running',
      enabled: true,
      file: 'enabled',
      path: '/lib/systemd/system/ssh.service',
      masked: false,
      canReload: true,
      type: 'notify',
      once: false,
      stale: false,
    };
    assert.deepEqual(seen['ssh.service'], ssh);
    assert.deepEqual(seen['sshd.service'], ssh);
    assert.equal(seen['gone.service'], null);
    const { path: _, ...timer } = ssh;
    assert.deepEqual(seen['fstrim.timer'], {
      ...timer,
      name: 'fstrim.timer',
      active: 'inactive',
      sub: 'dead',
      canReload: false,
      type: '',
      stale: true,
    });
  });

  it('finds units by name where systemctl stopped half-way', () => {
    const seen = look([SSH], ['gone', 'sshd'], {}, '1');
    assert.equal((seen['sshd.service'] as UnitValue).name, 'ssh.service');
    assert.equal(typeof seen['gone.service'], 'string');
  });

  it('reads what counts as enabled from the table in systemctl(1)', () => {
    const enabled = (state: string, more: Record<string, string> = {}) => {
      const seen = look(
        [block({ Id: 'a.service', Names: 'a.service', LoadState: 'loaded', UnitFileState: state })],
        ['a'],
        more,
      );
      return (seen['a.service'] as UnitValue).enabled;
    };
    for (const state of ['enabled', 'enabled-runtime', 'static', 'generated', 'transient'])
      assert.equal(enabled(state), true, state);
    for (const state of ['disabled', 'linked', 'linked-runtime', 'masked', 'bad', ''])
      assert.equal(enabled(state), false, state);
    assert.equal(enabled('indirect', { 'links a.service': 'indirect\n' }), false);
    assert.equal(
      enabled('indirect', { 'links a.service': 'indirect\n  /etc/systemd/system/b.wants/a.service\n' }),
      true,
    );
  });

  it('asks the links of an init script whether it is enabled', () => {
    const old = block({
      Id: 'old.service',
      Names: 'old.service',
      LoadState: 'loaded',
      UnitFileState: 'generated',
      SourcePath: '/etc/init.d/old',
    });
    const enabled = (files: string) => (look([old], ['old'], { files })['old.service'] as UnitValue).enabled;
    assert.equal(enabled('file old.service\ninit old.service\n'), true);
    assert.equal(enabled('file old.service\n'), false);
  });

  it('tells a mask with a unit under it from one without', () => {
    const masked = block({
      Id: 'm.service',
      Names: 'm.service',
      LoadState: 'masked',
      UnitFileState: 'masked',
      ActiveState: 'active',
    });
    const there = look([masked], ['m'], { files: 'file m.service\n' })['m.service'] as UnitValue;
    assert.deepEqual([there.masked, there.hollow, there.enabled, there.active], [true, undefined, false, 'active']);
    assert.equal((look([masked], ['m'])['m.service'] as UnitValue).hollow, true);
  });

  it('tells a unit that cannot be loaded, and one that has not been read', () => {
    const bad = block({
      Id: 'bad.service',
      LoadState: 'bad-setting',
      LoadError: 'org.x "Unit bad.service has a bad unit file setting."',
    });
    assert.equal(
      (look([bad], ['bad'])['bad.service'] as UnitValue).problem,
      'Unit bad.service has a bad unit file setting.',
    );
    const unread = look([GONE], ['gone'], { files: 'file gone.service\n' })['gone.service'] as UnitValue;
    assert.deepEqual([unread.load, unread.problem, unread.name], ['unread', undefined, 'gone.service']);
  });

  it('knows what runs to its end', () => {
    const once = (RemainAfterExit: string) =>
      (
        look([block({ Id: 'o.service', LoadState: 'loaded', Type: 'oneshot', RemainAfterExit })], ['o'])[
          'o.service'
        ] as UnitValue
      ).once;
    assert.deepEqual([once('no'), once('yes')], [true, false]);
  });

  it('looks at templates and at units of all users by their files', () => {
    const parts = {
      'system templates': 'getty@.service enabled enabled\n',
      'global app.service': 'disabled\n',
      'global gone.service': '',
    };
    const refs = [unit('getty@'), unit('foo@'), unit('app', 'global'), unit('gone', 'global')];
    const seen = unitType
      .parse(answer(parts), refs)
      .map((one) => ('value' in one ? (one.value as UnitValue | null) : one.error));
    assert.deepEqual(
      seen.map((value) => value !== null && typeof value === 'object' && [value.name, value.enabled, value.active]),
      [['getty@.service', true, 'inactive'], false, ['app.service', false, 'inactive'], false],
    );
  });

  it('says why units cannot be asked', () => {
    const stderr = Buffer.from('systemd does not run on this host\n');
    const [none] = unitType.parse(answer({}, { status: 69, stderr }), [unit('ssh')]);
    assert.deepEqual(none, { ref: unit('ssh'), error: 'systemd does not run on this host' });
    const lost = Buffer.from('Failed to connect to bus: No medium found\n');
    const [user] = unitType.parse(answer({ 'user status': '1\n', 'user show': '' }, { stderr: lost }), [
      unit('app', 'user'),
    ]);
    assert.match((user as { error: string }).error, /No medium found.*loginctl enable-linger/);
  });

  it('does not throw whatever a host answers', () => {
    const word = fc.constantFrom(
      'Id=',
      'Names=',
      'ssh.service',
      '\n',
      '\n\n',
      '=',
      'LoadState=not-found',
      'LoadError="',
      '"',
      ' ',
      '\0',
      '__proto__=x',
    );
    const noise = fc.oneof(
      fc.array(word).map((all) => Buffer.from(all.join(''))),
      fc.uint8Array({ maxLength: 40 }),
    );
    const part = fc.constantFrom(
      'system status',
      'system show',
      'files',
      'links ssh.service',
      'system templates',
      'global ssh.service',
      'user show',
    );
    const refs = [unit('ssh'), unit('gone'), unit('a@'), unit('ssh', 'global'), unit('ssh', 'user'), unit('no name')];
    fc.assert(
      fc.property(fc.dictionary(part, noise), fc.integer({ min: 0, max: 255 }), (parts, status) => {
        const seen = unitType.parse(answer(parts, { status }) as Answer, refs);
        assert.deepEqual(
          seen.map((one) => one.ref),
          refs,
        );
      }),
      { numRuns: 300 },
    );
  });

  for (const shell of SHELLS) {
    it(`asks nothing of a host without systemd, by ${shell}`, () => {
      const here = run(unitType.collect([unit('ssh'), unit('a@'), unit('ssh', 'user')]), shell);
      // On a machine with systemd the question is answered; either way nothing breaks.
      const seen = unitType.parse(here, [unit('ssh')]);
      assert.equal(seen.length, 1);
      assert.ok(here.status === 69 || here.parts.has('system show'), String(here.status));
    });
  }
});

describe('names of units', () => {
  it('are completed, and nothing else is taken for one', () => {
    assert.deepEqual(['ssh', 'a.b', 'x.timer', 'getty@tty1'].map(fullUnitName), [
      'ssh.service',
      'a.b.service',
      'x.timer',
      'getty@tty1.service',
    ]);
    assert.ok(
      ['ssh.service', 'getty@tty1.service', 'a@b@c.service', 'dev-disk-by\\x2duuid.device', '-.mount'].every(
        isUnitName,
      ),
    );
    for (const name of [
      '',
      '@.service',
      'a b.service',
      'a;b',
      'a/b.service',
      '$(x).service',
      'a\n.service',
      `${'x'.repeat(260)}.service`,
    ]) {
      assert.equal(isUnitName(name), false, name);
    }
    assert.equal(isTemplate('getty@.service'), true);
    assert.deepEqual(['ssh.service', 'user/app.timer'].map(unitTitle), ['unit ssh', 'unit app.timer (user)']);
  });
});

const running = fillUnit('cron.service', {}, false) as UnitValue;
const stopped: UnitValue = { ...running, active: 'inactive', sub: 'dead' };

function change(
  before: UnitValue | null,
  after: UnitValue | null,
  id = 'cron.service',
  options: ChangeOptions = {},
): Change<UnitValue> {
  return { ref: { type: unitType, id, aspects: [] }, before, after, options };
}

describe('changing units', () => {
  const verbs = (one: Change<UnitValue>) =>
    [...unitType.transition([one]).text.matchAll(/^systemctl (.*) -- /gm)].map((match) => match[1]);

  it('lifts and lays masks, enables, starts, in that order', () => {
    assert.deepEqual(verbs(change({ ...stopped, enabled: false }, running)), ['enable', 'start']);
    assert.deepEqual(verbs(change(running, { ...stopped, enabled: false, masked: true })), ['mask', 'stop']);
    assert.deepEqual(verbs(change({ ...stopped, enabled: false, masked: true }, { ...running, enabled: false })), [
      'unmask',
      'disable',
      'start',
    ]);
    assert.deepEqual(verbs(change(null, { ...stopped, masked: true })), ['mask']);
    assert.deepEqual(verbs(change({ ...stopped, masked: true }, null)), ['unmask']);
    assert.deepEqual(verbs(change(stopped, { ...stopped, enabled: false }, 'user/cron.service', { force: true })), [
      '--user --force disable',
    ]);
    assert.deepEqual(verbs(change(running, running)), []);
  });

  it('sees to it that what was started stays up', () => {
    const program = (type: string) => unitType.transition([change({ ...stopped, type }, { ...running, type })]).text;
    assert.match(program('simple'), /sleep 0\.3\nrb_now=\$\(systemctl is-active -- cron\.service\)/);
    assert.doesNotMatch(program('notify'), /sleep/);
    assert.match(program('notify'), /rb_now=/);
  });

  it('is as wished where it runs, or is on its way', () => {
    const same = unitType.same?.bind(unitType) as NonNullable<typeof unitType.same>;
    assert.equal(same({ ...running, active: 'activating' }, running), true);
    assert.equal(same({ ...stopped, active: 'failed' }, stopped), true);
    assert.equal(same({ ...running, active: 'deactivating' }, stopped), false);
    assert.equal(same({ ...running, enabled: false }, running), false);
    const { enabled: _, ...unknown } = running;
    assert.equal(same({ ...running, enabled: false }, unknown), true);
    assert.equal(same(null, running), false);
  });

  it('shows what changes', () => {
    const shown = (one: Change<UnitValue>) => {
      const diff = unitType.describe(one);
      return [diff.title, ...diff.attributes.map((a) => `${a.name}: ${a.before ?? '-'} -> ${a.after ?? '-'}`)];
    };
    assert.deepEqual(shown(change({ ...stopped, enabled: false }, running)), [
      'unit cron',
      'active: inactive -> active',
      'enabled: no -> yes',
    ]);
    const { enabled: _, ...lifted } = stopped;
    assert.deepEqual(shown(change({ ...stopped, masked: true, enabled: false }, lifted)), [
      'unit cron',
      'masked: yes -> no',
    ]);
  });

  it('doubts the rest of the family, and what a daemon makes', () => {
    const affects = unitType.affects?.bind(unitType) as NonNullable<typeof unitType.affects>;
    const other = (type: string, id: string): Ref => ({ type: { name: type } as never, id, aspects: [] });
    const start = change(stopped, running, 'docker.service');
    assert.equal(affects(start, other('unit', 'docker.socket'), stopped), true);
    assert.equal(affects(start, other('unit', 'cron.service'), stopped), false);
    assert.equal(affects(start, other('path', '/run/docker.sock'), null), true);
    assert.equal(affects(start, other('path', '/etc/docker'), null), false);
    assert.equal(affects(change(running, { ...running, enabled: false }), other('path', '/run/x'), null), false);
  });

  it('knows what lets people in', () => {
    for (const id of [
      'ssh.service',
      'ssh.socket',
      'sshd@1.service',
      'systemd-networkd.service',
      'networking.service',
      'nftables.service',
      'ufw.service',
      'firewalld.service',
      'wg-quick@wg0.service',
      'sudo.service',
    ]) {
      assert.equal(unitType.access?.(id), true, id);
    }
    for (const id of ['cron.service', 'nginx.service', 'sshguard.service'])
      assert.equal(unitType.access?.(id), false, id);
  });

  it('writes programs that shellcheck passes', () => {
    const findings = shellcheck({
      look: unitType.collect([
        unit('ssh'),
        unit('a b'),
        unit('dev-x\\x2dy.device'),
        unit('getty@'),
        unit('a', 'user'),
        unit('b', 'global'),
      ]),
      change: unitType.transition([
        change({ ...stopped, masked: true }, running),
        change(running, stopped, 'user/a.service'),
      ]),
    });
    assert.equal(findings, '');
  });
});
