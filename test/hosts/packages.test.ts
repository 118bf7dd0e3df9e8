import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packageOf } from '../../engine/resources/package.ts';
import { useHosts } from '../lab/hosts.ts';
import { IN_DEPTH, inDepth } from '../lab/in_depth.ts';
import { becomes, becomesAndBack, look, make } from './resource_law.ts';

const lab = useHosts({ python: 2 });
const [OURS, THEIRS] = ['python1', 'python2'];
const ours = () => lab.host(OURS as string);
const inside = async (command: string) => {
  const { code, stdout, stderr } = await ours().inside(command);
  assert.equal(code, 0, stderr);
  return stdout;
};
const LONG = { timeout: 300_000 };

const PLAY = `- hosts: all
  gather_facts: false
  tasks:
    - name: lists
      apt: {update_cache: true, cache_valid_time: 3600}
    - name: with what it needs, and a version
      apt: {name: [lab-program, lab-hello=1.0, "lab-conffile>=1"]}
    - name: without recommendations
      apt: {name: lab-library, install_recommends: false}
    - name: newest
      apt: {name: lab-hello, state: latest}
    - name: one of two that exclude each other
      apt: {name: lab-red}
    - name: the other one
      package: {name: lab-blue, state: present}
    - name: gone, configuration kept
      apt: {name: lab-conffile, state: absent}
    - name: gone with what it needed
      apt: {name: lab-program, state: absent, autoremove: true, purge: true}
    - name: a question that nobody answers
      apt: {name: lab-question, policy_rc_d: 101}
    - name: a file
      apt: {deb: /srv/debs/lab-extra_1.0_all.deb}
`;

/** The play without what takes back what an earlier task did. */
const SETTLED = `- hosts: all
  gather_facts: false
  tasks:
    - apt: {name: [lab-hello, lab-library, lab-blue, lab-question], state: latest}
    - apt: {name: [lab-conffile, lab-program, lab-red], state: absent}
    - apt: {name: lab-*gram, state: absent}
    - apt: {deb: /srv/debs/lab-extra_1.0_all.deb}
    - apt: {autoremove: true}
    - apt: {upgrade: dist}
    - apt: {update_cache: true, cache_valid_time: 86400}
`;

describe('packages on a real host', () => {
  it('come and go (in depth: as with Ansible)', LONG, async () => {
    const play = lab.write('play.yml', PLAY);
    const a = await lab.runbook(['apply', play, '-i', lab.inventory(), '-l', OURS as string, '--yes']);
    assert.equal(a.code, 0, a.stdout + a.stderr);
    if (!IN_DEPTH) return;
    const b = await lab.ansible(['-i', lab.inventory(), '-l', THEIRS as string, play]);
    assert.equal(b.code, 0, b.stdout + b.stderr);
    assert.deepEqual(ours().upper(), lab.host(THEIRS as string).upper());
  });

  it('leave nothing to do, for us and for Ansible', LONG, async () => {
    const play = lab.write('settled.yml', SETTLED);
    const again = await lab.runbook(['plan', play, '-i', lab.inventory(), '-l', OURS as string, '--detailed-exitcode']);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    if (!IN_DEPTH) return;
    const check = await lab.ansible(['--check', '-i', lab.inventory(), '-l', OURS as string, play]);
    assert.match(check.stdout, /changed=0 .*failed=0/, check.stdout);
  });

  it('are looked at without a trace', LONG, async () => {
    await ours().reset();
    const before = ours()
      .upper({ all: true })
      .map(({ path }) => path);
    const play = lab.write('play.yml', PLAY);
    const plan = await lab.runbook(['plan', play, '-i', lab.inventory(), '-l', OURS as string]);
    assert.equal(plan.code, 0, plan.stdout + plan.stderr);
    assert.match(plan.stdout, /package lab-library\n\s+version: 1\.0\n\s+installed: as a dependency/);
    const traces = ours()
      .upper({ all: true })
      .map(({ path }) => path)
      .filter((path) => !before.includes(path) && /apt|dpkg|debconf/.test(path));
    assert.deepEqual(traces, []);
  });

  it('that only renewed lists know are planned as not known yet, and then installed', LONG, async () => {
    await inside('rm -rf /var/lib/apt/lists/*');
    const play = lab.write(
      'lists.yml',
      `- hosts: all
  gather_facts: false
  tasks:
    - name: lists
      apt: {name: cron, update_cache: true, cache_valid_time: 3600}
    - name: newcomer
      apt: {name: lab-conffile}
`,
    );
    const args = [play, '-i', lab.inventory(), '-l', OURS as string];
    const plan = await lab.runbook(['plan', ...args]);
    assert.match(
      plan.stdout,
      /\? newcomer[\s\S]*known after "lists"[\s\S]*apt on this host knows no package `lab-conffile`/,
    );
    const apply = await lab.runbook(['apply', ...args, '--yes']);
    assert.equal(apply.code, 0, apply.stdout + apply.stderr);
    assert.equal((await look(ours(), packageOf('lab-conffile')))?.version, '2.0');
    const again = await lab.runbook(['plan', ...args, '--detailed-exitcode']);
    assert.equal(again.code, 0, again.stdout + again.stderr);
  });

  it('are taken back as they were', LONG, async () => {
    await becomesAndBack(ours(), packageOf('lab-hello'), { version: '1.0', state: 'installed' });
    await becomes(ours(), packageOf('lab-hello'), { version: '2.0', state: 'installed' });
    await becomesAndBack(ours(), packageOf('lab-hello'), { version: '1.0', state: 'installed' });
    await becomesAndBack(ours(), packageOf('lab-hello'), { version: '2.0', state: 'installed', auto: true });
    await becomesAndBack(ours(), packageOf('lab-hello'), { version: '2.0', state: 'installed', held: true });
    await becomesAndBack(ours(), packageOf('lab-hello'), null);
  });

  it('tell of all that would go with one', LONG, async () => {
    const play = lab.write(
      'ssh.yml',
      '- hosts: all\n  gather_facts: false\n  tasks:\n    - apt: {name: openssh-client, state: absent}\n',
    );
    const plan = await lab.runbook(['plan', play, '-i', lab.inventory(), '-l', OURS as string]);
    assert.match(plan.stdout, /package openssh-server/);
    assert.equal((await ours().ssh('id -un')).stdout, 'root\n');
  });

  it('are left alone where apt would do more than was planned', LONG, async () => {
    const options = { command: '["install","lab-program"]', exact: true };
    const answer = await make(ours(), packageOf('lab-program'), { version: '1.0', state: 'installed' }, options);
    assert.equal(answer.status, 1);
    assert.match(
      Buffer.from(answer.stderr).toString(),
      /not planned:\nInst lab-extra 1\.0\nInst lab-library 1\.0\nnothing was done/,
    );
    assert.equal(await look(ours(), packageOf('lab-program')), null);
  });

  inDepth('wait for dpkg, and name who holds it', LONG, async () => {
    const slow = ours().inside('LAB_SLOW_SECONDS=12 apt-get install -y lab-slow');
    await inside('while [ ! -e /var/lib/dpkg/info/lab-slow.list ]; do sleep 0.2; done');
    const options = { command: '["install","lab-red"]', lockTimeout: 1 };
    const early = await make(ours(), packageOf('lab-red'), { version: '1.0', state: 'installed' }, options);
    assert.notEqual(early.status, 0);
    assert.match(
      Buffer.from(early.stderr).toString(),
      /lock-frontend is held by process \d+ \(apt-get\), after a wait of 1 s/,
    );
    await becomes(
      ours(),
      packageOf('lab-red'),
      { version: '1.0', state: 'installed' },
      { ...options, lockTimeout: 60 },
    );
    assert.equal((await slow).code, 0);
  });

  inDepth('start no services where policy-rc.d is to forbid it, and it comes back as it was', LONG, async () => {
    await inside(
      "printf '#!/bin/sh\\nexit 0\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; apt-get purge -y lab-slow",
    );
    const options = { command: '["install","lab-slow"]', policyRcD: 101 };
    const [answer, during] = await Promise.all([
      make(ours(), packageOf('lab-slow'), { version: '1.0', state: 'installed' }, options),
      inside('while [ ! -e /var/lib/dpkg/info/lab-slow.list ]; do sleep 0.2; done; tail -n 1 /usr/sbin/policy-rc.d'),
    ]);
    assert.equal(answer.status, 0);
    assert.equal(during, 'exit 101\n');
    assert.equal(await inside('cat /usr/sbin/policy-rc.d; ls /usr/sbin | grep -c policy'), '#!/bin/sh\nexit 0\n1\n');
  });

  it('that cannot be configured fail with the reason, and are mended by the next run', LONG, async () => {
    const play = lab.write(
      'broken.yml',
      '- hosts: all\n  gather_facts: false\n  tasks:\n    - apt: {name: lab-broken}\n',
    );
    const args = ['apply', play, '-i', lab.inventory(), '-l', OURS as string, '--yes'];
    const first = await lab.runbook(args);
    assert.equal(first.code, 3, first.stdout + first.stderr);
    assert.match(first.stdout + first.stderr, /lab-broken: cannot be configured/);
    await inside('sed -i s/^exit.1/exit\\ 0/ /var/lib/dpkg/info/lab-broken.postinst');
    const second = await lab.runbook(args);
    assert.equal(second.code, 0, second.stdout + second.stderr);
    assert.equal((await look(ours(), packageOf('lab-broken')))?.state, 'installed');
  });

  it('come after dpkg has finished what it was interrupted in', LONG, async () => {
    await inside(
      'dpkg --purge lab-conffile; dpkg --unpack /srv/debs/lab-hello_2.0_all.deb; touch /var/lib/dpkg/updates/0001',
    );
    const play = lab.write(
      'interrupted.yml',
      '- hosts: all\n  gather_facts: false\n  tasks:\n    - apt: {name: lab-conffile}\n',
    );
    const run = (...words: string[]) => lab.runbook([...words, play, '-i', lab.inventory(), '-l', OURS as string]);
    assert.match((await run('plan')).stdout, /finish what dpkg was interrupted in/);
    const applied = await run('apply', '--yes');
    assert.equal(applied.code, 0, applied.stdout + applied.stderr);
    const state = "dpkg -l lab-conffile lab-hello | awk '/^.. *lab-/ { print $1, $2 }'; ls /var/lib/dpkg/updates";
    assert.equal(await inside(state), 'ii lab-conffile\nii lab-hello\n');
    assert.equal((await run('plan', '--detailed-exitcode')).code, 0);
  });
});
