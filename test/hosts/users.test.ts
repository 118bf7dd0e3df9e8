import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accountDefaults } from '../../engine/resources/account_defaults.ts';
import { group } from '../../engine/resources/group.ts';
import { type UserValue, user } from '../../engine/resources/user.ts';
import { useHosts } from '../lab/hosts.ts';
import { becomes, becomesAndBack, look, make } from './resource_law.ts';

/** Of the password `runbook`. */
const HASH = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/';

const lab = useHosts({ bare: 1 });
const host = () => lab.host(0);
const said = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const inside = async (command: string) => {
  const { code, stdout, stderr } = await host().inside(command);
  assert.equal(code, 0, stderr);
  return stdout;
};

describe('groups on a real host', () => {
  it('come, change their number and go', async () => {
    const ref = group('ops-test', 'local');
    await becomesAndBack(host(), ref, { name: 'ops-test' });
    await becomes(host(), ref, { name: 'ops-test', gid: 4711 });
    await becomesAndBack(host(), ref, { name: 'ops-test', gid: 4712 });
    await becomesAndBack(host(), ref, null);
  });

  it('get a number of the system if asked for', async () => {
    await becomes(host(), group('sys-test'), { name: 'sys-test' }, { system: true });
    assert.ok(((await look(host(), group('sys-test')))?.gid ?? 9999) < 1000);
  });

  it('fail with the reason of the tool', async () => {
    const answer = await make(host(), group('other'), { name: 'other', gid: 0 });
    assert.notEqual(answer.status, 0);
    assert.match(said(answer.stderr), /GID '?0'? already exists/);
  });
});

describe('users on a real host', () => {
  const full = user('alice', 'password', 'ageing', 'local');
  const base = {
    name: 'alice',
    group: 'alice',
    groups: ['adm'],
    comment: "O'Hara & $HOME, `id`",
    home: '/srv/people/alice',
  };
  const wish: UserValue = { ...base, homeExists: true, shell: '/bin/bash', password: HASH, locked: false };
  const now = async () => (await look(host(), full)) as UserValue;

  it('the defaults of useradd are known', async () => {
    assert.deepEqual(await look(host(), accountDefaults()), {
      group: 'users',
      home: '/home',
      shell: '/bin/sh',
      userGroups: true,
    });
  });

  it('come with everything at once, below a directory that was not there', async () => {
    await becomes(host(), full, { ...wish, expires: 20000, minDays: 1, maxDays: 90, warnDays: 5, inactiveDays: 30 });
    const seen = await now();
    assert.equal(seen.local, true);
    assert.ok((seen.uid ?? 0) >= 1000);
    assert.equal(
      await inside("stat -c '%U:%G' /srv/people/alice /srv/people/alice/.bashrc"),
      'alice:alice\nalice:alice\n',
    );
    assert.equal(await inside("stat -c '%U %a' /srv/people"), 'root 755\n');
    assert.match(await inside('getent shadow alice'), /^alice:\$6\$saltsalt\$/);
  });

  it('change and change back', async () => {
    const seen = await now();
    await becomesAndBack(host(), full, { ...seen, shell: '/bin/sh', comment: '' });
    await becomesAndBack(host(), full, { ...seen, groups: ['adm', 'sudo'] });
    await becomesAndBack(host(), full, { ...seen, groups: [] });
    await becomesAndBack(host(), full, { ...seen, group: 'users', gid: 100 });
    await becomesAndBack(host(), full, { ...seen, locked: true });
    await becomesAndBack(host(), full, { ...seen, password: '*' });
    await becomesAndBack(host(), full, { ...seen, password: '', locked: true });
    await becomesAndBack(host(), full, { ...seen, expires: null, minDays: 0, maxDays: null, inactiveDays: null });
  });

  it('take their files along to another number', async () => {
    const seen = await now();
    await becomes(host(), full, { ...seen, uid: 5001 });
    assert.equal(await inside('stat -c %u /srv/people/alice/.bashrc'), '5001\n');
    await becomes(host(), full, seen);
  });

  it('move house', async () => {
    const seen = await now();
    await inside('touch /srv/people/alice/mine');
    await becomes(host(), full, { ...seen, home: '/srv/alice', homeExists: true }, { moveHome: true });
    await inside('test -e /srv/alice/mine && test ! -e /srv/people/alice');
  });

  it('get a missing home again, with the mode that login.defs gives', async () => {
    await inside('rm -rf /srv/alice');
    const seen = await now();
    assert.equal(seen.homeExists, false);
    await becomesAndBack(host(), full, { ...seen, homeExists: true });
    await becomes(host(), full, { ...seen, homeExists: true });
    const made = await inside("stat -c '%U:%G %a' /srv/alice /srv/alice/.bashrc");
    assert.equal(made, `alice:alice ${await loginDefsMode()}\nalice:alice 644\n`);
  });

  it('keep a home that is not empty when its making is taken back', async () => {
    await inside('echo precious > /srv/alice/mine');
    const seen = await now();
    const answer = await make(host(), full, { ...seen, homeExists: false });
    assert.notEqual(answer.status, 0);
    assert.equal(await inside('cat /srv/alice/mine'), 'precious\n');
  });

  it('go, with and without their home', async () => {
    const seen = await now();
    await becomesAndBack(host(), full, null);
    await inside('test -e /srv/alice/mine');
    await becomes(host(), full, null, { removeHome: true });
    await inside('test ! -e /srv/alice');
    assert.equal(await look(host(), group('alice')), null);
    assert.equal(seen.name, 'alice');
  });

  it('of the system have no home unless one is asked for', async () => {
    await becomes(host(), user('daemonic'), { name: 'daemonic', group: 'daemonic' }, { system: true });
    const seen = await look(host(), user('daemonic'));
    assert.ok((seen?.uid ?? 9999) < 1000);
    assert.equal(seen?.homeExists, false);
  });

  it('never have their hash in an argument list', async () => {
    await inside(`mv /usr/sbin/chpasswd /usr/sbin/chpasswd.real
cat > /usr/sbin/chpasswd <<'SPY'
#!/bin/sh
ps axww -o args > /tmp/seen
exec /usr/sbin/chpasswd.real "$@"
SPY
chmod +x /usr/sbin/chpasswd`);
    await becomes(host(), user('quiet', 'password'), { name: 'quiet', group: 'quiet', password: HASH, locked: false });
    assert.match(await inside('cat /tmp/seen'), /chpasswd -e/);
    assert.equal(await inside('grep -c saltsalt /tmp/seen || :'), '0\n');
  });

  it('fail with the reason of the tool', async () => {
    const answer = await make(host(), user('broken'), { name: 'broken', shell: 'no colon:' });
    assert.notEqual(answer.status, 0);
    assert.match(said(answer.stderr), /invalid shell/);
    assert.equal(await look(host(), user('broken')), null);
  });
});

async function loginDefsMode(): Promise<string> {
  const defs = await inside("sed -n 's/^HOME_MODE[[:space:]]*//p;s/^UMASK[[:space:]]*/u/p' /etc/login.defs");
  const mode = defs.split('\n').find((line) => /^\d/.test(line));
  if (mode !== undefined) return mode.replace(/^0/, '');
  const umask =
    defs
      .split('\n')
      .find((line) => line.startsWith('u'))
      ?.slice(1) ?? '022';
  return (0o777 & ~Number.parseInt(umask, 8)).toString(8);
}
