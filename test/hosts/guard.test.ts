import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';
import { copyPlaybook } from '../lab/playbook.ts';
import { sleep } from '../lab/process.ts';
import { args, comesBack, killedAfter, lockedOut, nothingLeft, play, SECONDS, waysIn } from './lockouts.ts';

/**
 * The access guard, held against what it is for: a play locks everybody out of some hosts, of each in another way,
 * while bare1 is changed by it and stays so.
 */
const lab = useHosts({ python: 1, bare: 5 });
const LIMIT = { timeout: 150_000 };

test('hosts with a packet filter', LIMIT, async () => {
  const debs = ['iptables', 'libip6tc2', 'libnfnetlink0', 'libnftnl11', 'libnetfilter-conntrack3'];
  const files = debs.map((name) => `/srv/debs/${name}_*.deb`).join(' ');
  for (const host of lab.hosts) {
    const { code, stderr } = await host.inside(
      `dpkg -i ${files} >/dev/null && iptables -A INPUT -p tcp --dport 22 -j ACCEPT`,
    );
    assert.equal(code, 0, stderr);
  }
  const { code, stderr } = await lab.host('python1').inside('dpkg -i /srv/debs/ufw_*.deb >/dev/null');
  assert.equal(code, 0, stderr);
});

test('files: sshd_config, PAM, keys and sudoers that let nobody in', LIMIT, async () => {
  await lockedOut(lab, [
    {
      host: 'bare2',
      tasks: `
- name: only somebody else
  copy: {dest: /etc/ssh/sshd_config.d/10-users.conf, content: "AllowUsers nobody\\n", mode: "0644"}
- name: reload
  service: {name: ssh, state: reloaded}`,
      says: /no longer a login works: .*bare2/,
    },
    {
      host: 'bare3',
      tasks: `
- name: nobody
  copy: {dest: /etc/pam.d/sshd, content: "account required pam_deny.so\\n", mode: "0644"}`,
      says: /no longer a login works: .*bare3/,
    },
    {
      host: 'bare4',
      tasks: `
- name: no key
  copy: {dest: /root/.ssh/authorized_keys, content: "", mode: "0600"}
- name: nor a home of its own
  file: {path: /root, mode: "0777"}`,
      says: /no longer a login works: .*bare4/,
    },
    {
      host: 'bare5',
      user: 'admin',
      tasks: `
- name: not admin
  copy: {dest: /etc/sudoers.d/zz, content: "admin ALL=(ALL) !ALL\\n", mode: "0440"}
- name: who is nobody any more
  command: gpasswd -d admin sudo
  failed_when: false`,
      says: /no longer root can be become: .*admin/,
    },
  ]);
});

inDepth('what runs: ssh is stopped and masked, the link down, the way back gone, ports closed', LIMIT, async () => {
  await lockedOut(lab, [
    {
      host: 'bare2',
      tasks: `
- name: stop it
  shell: systemctl stop ssh.service ssh.socket; systemctl disable ssh.service; systemctl mask ssh.service`,
      says: /nothing listens there/,
    },
    {
      host: 'bare3',
      tasks: `
- name: down
  shell: ip link set host0 down`,
      says: /nothing was heard of|no longer a login works/,
    },
    {
      host: 'bare4',
      tasks: `
- name: no way
  shell: ip route add blackhole ${lab.host('bare1').address.replace(/\d+$/, '1')}/32`,
      says: /nothing was heard of|no longer a login works/,
    },
    {
      host: 'bare5',
      user: 'admin',
      tasks: `
- name: closed
  shell: iptables -P INPUT DROP; iptables -F`,
      says: /nothing was heard of|no longer a login works/,
    },
    {
      host: 'python1',
      tasks: `
- name: ufw
  shell: ufw default deny incoming && ufw --force enable && iptables -D INPUT -p tcp --dport 22 -j ACCEPT`,
      says: /nothing was heard of|no longer a login works/,
    },
  ]);
});

inDepth(
  'the port is moved: with word of it, so be it; without, it is put back; a user empties its own keys',
  LIMIT,
  async () => {
    const move = `
- name: port
  copy: {dest: /etc/ssh/sshd_config.d/20-port.conf, content: "Port 2222\\n", mode: "0644"}
- name: restart
  service: {name: ssh, state: restarted}`;
    const told = play(lab, [{ host: 'bare1', tasks: `${move}\n- set_fact: {ansible_port: 2222}` }], 'bare1');
    const moved = await lab.runbook(args(lab, told.file));
    assert.equal(moved.code, 0, moved.stdout + moved.stderr);
    assert.match((await lab.host('bare1').inside('sshd -T')).stdout, /^port 2222$/m);
    await nothingLeft(lab, 'bare1');
    const port = lab.write('port.ini', '[fleet]\nbare1 ansible_port=2222\n');
    const back = play(lab, [{ host: 'bare1', tasks: move.replace('2222', '22') }], 'bare1');
    const backAgain = await lab.runbook(args(lab, back.file, '-i', port));
    assert.equal(backAgain.code, 3, 'without word of it the way back is no better');
    assert.match(backAgain.stdout, /set_fact: ansible_port: 22\)/);
    await lab.host('bare1').inside('rm /etc/ssh/sshd_config.d/20-port.conf; systemctl restart ssh');

    await lockedOut(lab, [
      { host: 'bare2', tasks: move, says: /no longer a login works: .*nothing listens/ },
      {
        host: 'bare5',
        user: 'admin',
        tasks: `
- name: my keys
  shell: ': > ~/.ssh/authorized_keys'
  become: false`,
        says: /no longer a login works: .*admin/,
      },
    ]);
  },
);

const REFUSED = `
- copy: {dest: /etc/ssh/sshd_config.d/10-users.conf, content: "AllowUsers nobody\\n", mode: "0644"}
- shell: systemctl reload ssh; touch /run/broken`;

test('the controller is killed right after the change: hosts come back by themselves', LIMIT, async () => {
  const kept = await Promise.all(['bare2', 'bare3'].map((host) => waysIn(lab, host)));
  await killedAfter(lab, [
    { host: 'bare2', tasks: REFUSED },
    { host: 'bare3', tasks: '- shell: iptables -P INPUT DROP; iptables -F; touch /run/broken' },
  ]);
  await comesBack(lab, 'bare2', kept[0] as string);
  await comesBack(lab, 'bare3', kept[1] as string);
  const next = await lab.runbook(args(lab, play(lab, [], 'bare2,bare3').file, '--lock-timeout', '60'));
  assert.equal(next.code, 0, next.stdout + next.stderr);
  assert.match(next.stdout, /bare2: the run of .* the access guard has put back there what lets people in/);
});

inDepth('a run that meets the armed guard of a killed one goes on, and its proof ends both', LIMIT, async () => {
  const lasting = ['--guard-timeout', '20', '--lock-timeout', '60'];
  await killedAfter(
    lab,
    [{ host: 'bare4', tasks: '- shell: echo "# kept" >/etc/ssh/sshd_config.d/90-kept.conf; touch /run/broken' }],
    lasting,
  );
  const { file } = play(lab, [{ host: 'bare4', tasks: '- command: sleep 15' }], 'bare4');
  const run = await lab.runbook(args(lab, file, ...lasting));
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal((await lab.host('bare4').inside('rm /etc/ssh/sshd_config.d/90-kept.conf')).code, 0);
  await nothingLeft(lab, 'bare4');
});

inDepth("a killed run's guard is let go by a new login, and by nothing less", LIMIT, async () => {
  const kept = await waysIn(lab, 'bare4');
  await killedAfter(
    lab,
    [{ host: 'bare4', tasks: '- shell: touch /etc/harmless /run/broken' }],
    ['--guard-timeout', '25', '--lock-timeout', '60'],
  );
  // The same playbook, which has nothing left to do that a guard would be armed for; while it runs sshd closes.
  const { file } = play(lab, [], 'bare4');
  const again = file.replace(/\d+(?=\.yml$)/, (number) => String(Number(number) - 1));
  const wait = 'while [ ! -e /run/told ]; do sleep 0.2; done';
  writeFileSync(
    again,
    `- hosts: bare4\n  gather_facts: false\n  tasks:\n    - shell: "touch /run/asked; ${wait}"\n      changed_when: false\n`,
  );
  const running = lab.runbook(args(lab, again, '--lock-timeout', '60'));
  const host = lab.host('bare4');
  while ((await host.inside('rm /run/asked')).code !== 0) await sleep(100);
  await host.inside(
    'echo "AllowUsers nobody" >/etc/ssh/sshd_config.d/10-users.conf; systemctl reload ssh; touch /run/told',
  );
  const run = await running;
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /the access guard of the run \S+: it stays, as no new login works: .*bare4/);
  await comesBack(lab, 'bare4', kept);
});

inDepth('a host that is lost leaves its place to those that wait', LIMIT, async () => {
  const { file } = play(lab, [{ host: 'bare2', tasks: '- shell: ip link set host0 down' }], 'bare2,bare3');
  const run = await lab.runbook(args(lab, file, '-f', '1', '--json'));
  assert.equal(run.code, 3, run.stdout + run.stderr);
  const at = (type: string, host: string) =>
    run.stdout.split('\n').findLastIndex((line) => line.includes(`"${type}"`) && line.includes(host));
  assert.ok(at('task-finished', 'bare3') !== -1, run.stdout);
  assert.ok(at('task-finished', 'bare3') < at('host-reverted', 'bare2'), run.stdout);
});

inDepth('and the host loses power on top of that: it comes back after the boot', LIMIT, async () => {
  const kept = await waysIn(lab, 'bare4');
  await killedAfter(lab, [{ host: 'bare4', tasks: REFUSED }]);
  lab.host('bare4').stop();
  await lab.host('bare4').start();
  await comesBack(lab, 'bare4', kept);
});

inDepth('a task that takes longer than the guard waits is no lockout, whatever MaxSessions says', LIMIT, async () => {
  await lab.host('bare1').inside('echo MaxSessions 1 >/etc/ssh/sshd_config.d/30-sessions.conf; systemctl reload ssh');
  const { file } = play(lab, [{ host: 'bare1', tasks: `- command: sleep ${SECONDS * 2}` }], 'bare1,bare2');
  const run = await lab.runbook(args(lab, file));
  await lab.host('bare1').inside('rm /etc/ssh/sshd_config.d/30-sessions.conf; systemctl reload ssh');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  await nothingLeft(lab, 'bare1');
});

test('a good hardening is let be, and nothing of the guard is left', LIMIT, async () => {
  const file = copyPlaybook('harden.yml', lab.work);
  const run = await lab.runbook(args(lab, file, '-l', 'bare1', '-t', 'ssh,sysctl,login'), { timeoutMs: 140_000 });
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.match((await lab.host('bare1').inside('sshd -T')).stdout, /^passwordauthentication no$/m);
  await nothingLeft(lab, 'bare1');
});

test('without it, the plan says so', LIMIT, async () => {
  const { file } = play(lab, [{ host: 'bare1', tasks: '- command: systemctl reload ssh' }], 'bare1');
  const run = await lab.runbook(args(lab, file, '--no-guard'));
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /there is no access guard \(--no-guard\)/);
});
