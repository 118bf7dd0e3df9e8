import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runbookCommand } from '../lab/controllers.ts';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';
import { sleep } from '../lab/process.ts';

/**
 * The access guard, held against what it is for: a play locks everybody out of some hosts, of each in another way,
 * while bare1 is changed by it and stays so.
 */
const lab = useHosts({ python: 1, bare: 5 });
const LIMIT = { timeout: 150_000 };
const SECONDS = 6;

let plays = 0;

interface Lockout {
  readonly host: string;
  /** Tasks, as YAML. */
  readonly tasks: string;
  /** What the report says of it. */
  readonly says: RegExp;
  readonly user?: 'admin';
}

/** A note on all hosts, and then on each what breaks it. */
function play(lockouts: readonly Pick<Lockout, 'host' | 'tasks'>[], hosts = 'fleet'): { file: string; note: string } {
  plays += 1;
  const note = `/etc/note-${plays}`;
  const blocks = lockouts.map(
    ({ host, tasks }) => `    - when: inventory_hostname == '${host}'
      block:
${tasks.trim().replace(/^/gm, '        ')}
`,
  );
  const file = lab.write(
    `play-${plays}.yml`,
    `- hosts: ${hosts}
  gather_facts: false
  become: true
  tasks:
    - name: note
      copy: {dest: ${note}, content: "note\\n", mode: "0644"}
${blocks.join('')}`,
  );
  return { file, note };
}

function args(file: string, ...more: readonly string[]): readonly string[] {
  const become = lab.write('admin.ini', '[fleet]\nbare5 ansible_user=admin\n');
  return ['apply', file, '-i', lab.inventory(), '-i', become, '--yes', '--guard-timeout', `${SECONDS}`, ...more];
}

/** What the guard watches over: all of it must be as it was. */
async function waysIn(host: string): Promise<string> {
  const { stdout } = await lab.host(host).inside(`cd /
    for kept in etc/ssh etc/sudoers etc/sudoers.d etc/pam.d etc/security etc/passwd etc/shadow etc/group etc/systemd/system \
      root/.ssh home/*/.ssh; do
      find "$kept" -exec stat -c '%N %f %u %g' {} + -type f -exec sha256sum {} +
    done | sort
    stat -c '%n %f %u %g' / /root /home/*
    systemctl show -p Id -p ActiveState -p UnitFileState ssh.service ssh.socket
    ip -o link show up | sed 's/ mtu.*//'
    ip route
    iptables-save | sed '/^#/d; s/ .[0-9]*:[0-9]*.$//'`);
  return stdout;
}

/** Neither a unit, nor a directory, nor a process. */
async function nothingLeft(host: string): Promise<void> {
  const { stdout } = await lab.host(host).inside(`systemctl list-units --all --no-legend 'runbook-*'
    ls -d /etc/systemd/system/runbook-* /etc/systemd/system/*/runbook-* /var/lib/runbook/runs/*/guard 2>/dev/null
    pgrep -af '^/bin/sh .*/guard/program'`);
  assert.equal(stdout, '', `${host} has something left of the guard`);
}

async function letsIn(host: string, user: 'root' | 'admin' = 'root'): Promise<boolean> {
  const { code } = await lab.host(host).ssh(user === 'root' ? 'true' : 'sudo -n true', { user, timeoutMs: 4_000 });
  return code === 0;
}

/** Applies them all at once, and holds what came of it against what the guard promises. */
async function lockedOut(lockouts: readonly Lockout[]): Promise<void> {
  const kept = await Promise.all(lockouts.map(({ host }) => waysIn(host)));
  const { file, note } = play(lockouts);
  const run = await lab.runbook(args(file), { timeoutMs: 140_000 });
  const told = run.stdout + run.stderr;
  assert.equal(run.code, 3, told);
  for (const [i, { host, says, user }] of lockouts.entries()) {
    const why = new RegExp(`^reverted: ${host}: (.*)$`, 'm').exec(run.stdout)?.[1] ?? '';
    assert.match(why, says, told);
    assert.match(run.stdout, new RegExp(`^${host} .* reverted$`, 'm'));
    assert.equal(await letsIn(host, user), true, `${host}: ${told}`);
    assert.equal(await waysIn(host), kept[i], `${host}: ${told}`);
    assert.match((await lab.host(host).inside('cat /var/lib/runbook/runs/*/journal')).stdout, /^\{"reverted":true,/m);
    await nothingLeft(host);
  }
  assert.match(run.stdout, /^bare1: changed: note/m);
  assert.equal((await lab.host('bare1').inside(`cat ${note}`)).stdout, 'note\n');
  await nothingLeft('bare1');
}

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
  await lockedOut([
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
  await lockedOut([
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
    const told = play([{ host: 'bare1', tasks: `${move}\n- set_fact: {ansible_port: 2222}` }], 'bare1');
    const moved = await lab.runbook(args(told.file));
    assert.equal(moved.code, 0, moved.stdout + moved.stderr);
    assert.match((await lab.host('bare1').inside('sshd -T')).stdout, /^port 2222$/m);
    await nothingLeft('bare1');
    const port = lab.write('port.ini', '[fleet]\nbare1 ansible_port=2222\n');
    const back = play([{ host: 'bare1', tasks: move.replace('2222', '22') }], 'bare1');
    const backAgain = await lab.runbook(args(back.file, '-i', port));
    assert.equal(backAgain.code, 3, 'without word of it the way back is no better');
    assert.match(backAgain.stdout, /set_fact: ansible_port: 22\)/);
    await lab.host('bare1').inside('rm /etc/ssh/sshd_config.d/20-port.conf; systemctl restart ssh');

    await lockedOut([
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

/** The controller is killed once the lockouts are there (they make /run/broken), with no time for anything. */
async function killedAfter(
  lockouts: readonly Pick<Lockout, 'host' | 'tasks'>[],
  more: readonly string[] = [],
): Promise<void> {
  const held = lockouts.map(({ host, tasks }) => ({ host, tasks: `${tasks}\n- name: hold\n  command: sleep 10` }));
  const names = lockouts.map(({ host }) => host);
  const { argv, env, cwd } = await runbookCommand(lab.work, args(play(held, names.join(',')).file, ...more));
  const child = spawn(argv[0] as string, argv.slice(1), { env, cwd, stdio: 'ignore' });
  for (const host of names) {
    while ((await lab.host(host).inside('rm /run/broken')).code !== 0) {
      assert.equal(child.exitCode, null, `${host} was never broken`);
      await sleep(100);
    }
  }
  child.kill('SIGKILL');
}

/** By itself, in the guard's time and what a loaded machine takes for it. */
async function comesBack(host: string, kept: string): Promise<void> {
  for (let tries = 0; !(await letsIn(host)); tries++) {
    assert.ok(tries < 40, `${host} does not come back`);
    await sleep(1_000);
  }
  while ((await lab.host(host).inside('ls -d /var/lib/runbook/runs/*/guard')).code === 0) await sleep(200);
  // Numbers of interfaces change with each boot.
  const stable = (text: string) => text.replace(/@if\d+/g, '');
  assert.equal(stable(await waysIn(host)), stable(kept));
  await nothingLeft(host);
}

const REFUSED = `
- copy: {dest: /etc/ssh/sshd_config.d/10-users.conf, content: "AllowUsers nobody\\n", mode: "0644"}
- shell: systemctl reload ssh; touch /run/broken`;

test('the controller is killed right after the change: hosts come back by themselves', LIMIT, async () => {
  const kept = await Promise.all(['bare2', 'bare3'].map(waysIn));
  await killedAfter([
    { host: 'bare2', tasks: REFUSED },
    { host: 'bare3', tasks: '- shell: iptables -P INPUT DROP; iptables -F; touch /run/broken' },
  ]);
  await comesBack('bare2', kept[0] as string);
  await comesBack('bare3', kept[1] as string);
  const next = await lab.runbook(args(play([], 'bare2,bare3').file, '--lock-timeout', '60'));
  assert.equal(next.code, 0, next.stdout + next.stderr);
  assert.match(next.stdout, /bare2: the run of .* the access guard has put back there what lets people in/);
});

inDepth('a run that meets the armed guard of a killed one goes on, and its proof ends both', LIMIT, async () => {
  const lasting = ['--guard-timeout', '20', '--lock-timeout', '60'];
  await killedAfter(
    [{ host: 'bare4', tasks: '- shell: echo "# kept" >/etc/ssh/sshd_config.d/90-kept.conf; touch /run/broken' }],
    lasting,
  );
  const { file } = play([{ host: 'bare4', tasks: '- command: sleep 15' }], 'bare4');
  const run = await lab.runbook(args(file, ...lasting));
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal((await lab.host('bare4').inside('rm /etc/ssh/sshd_config.d/90-kept.conf')).code, 0);
  await nothingLeft('bare4');
});

inDepth('and the host loses power on top of that: it comes back after the boot', LIMIT, async () => {
  const kept = await waysIn('bare4');
  await killedAfter([{ host: 'bare4', tasks: REFUSED }]);
  lab.host('bare4').stop();
  await lab.host('bare4').start();
  await comesBack('bare4', kept);
});

inDepth('a task that takes longer than the guard waits is no lockout, whatever MaxSessions says', LIMIT, async () => {
  await lab.host('bare1').inside('echo MaxSessions 1 >/etc/ssh/sshd_config.d/30-sessions.conf; systemctl reload ssh');
  const { file } = play([{ host: 'bare1', tasks: `- command: sleep ${SECONDS * 2}` }], 'bare1,bare2');
  const run = await lab.runbook(args(file));
  await lab.host('bare1').inside('rm /etc/ssh/sshd_config.d/30-sessions.conf; systemctl reload ssh');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  await nothingLeft('bare1');
});

test('a good hardening is let be, and nothing of the guard is left', LIMIT, async () => {
  const file = join(lab.work, 'harden.yml');
  copyFileSync(join(import.meta.dirname, '..', '..', 'playbooks', 'harden.yml'), file);
  const run = await lab.runbook(args(file, '-l', 'bare1', '-t', 'ssh,sysctl,login'), { timeoutMs: 140_000 });
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.match((await lab.host('bare1').inside('sshd -T')).stdout, /^passwordauthentication no$/m);
  await nothingLeft('bare1');
});

test('without it, the plan says so', LIMIT, async () => {
  const { file } = play([{ host: 'bare1', tasks: '- command: systemctl reload ssh' }], 'bare1');
  const run = await lab.runbook(args(file, '--no-guard'));
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /there is no access guard \(--no-guard\)/);
});
