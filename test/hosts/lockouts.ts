import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { runbookCommand } from '../lab/controllers.ts';
import type { TestLab } from '../lab/hosts.ts';
import { sleep } from '../lab/process.ts';

/** Plays that lock everybody out of hosts, and what must be of such hosts then. */

/** How long hosts wait for the controller. */
export const SECONDS = 6;

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
export function play(
  lab: TestLab,
  lockouts: readonly Pick<Lockout, 'host' | 'tasks'>[],
  hosts = 'fleet',
): { file: string; note: string } {
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

export function args(lab: TestLab, file: string, ...more: readonly string[]): readonly string[] {
  const become = lab.write('admin.ini', '[fleet]\nbare5 ansible_user=admin\n');
  return ['apply', file, '-i', lab.inventory(), '-i', become, '--yes', '--guard-timeout', `${SECONDS}`, ...more];
}

/** What the guard watches over: all of it must be as it was. */
export async function waysIn(lab: TestLab, host: string): Promise<string> {
  const { stdout } = await lab.host(host).inside(`cd /
    for kept in etc/ssh etc/sudoers etc/sudoers.d etc/pam.d etc/security etc/passwd etc/shadow etc/group etc/systemd/system etc/netplan etc/firewalld etc/nftables.conf \
      root/.ssh home/*/.ssh; do
      [ ! -e "$kept" ] || find "$kept" -exec stat -c '%N %f %u %g' {} + -type f -exec sha256sum {} +
    done | sort
    stat -c '%n %f %u %g' / /root /home/*
    systemctl show -p Id -p ActiveState -p UnitFileState ssh.service ssh.socket
    ip -o link show up | sed 's/ mtu.*//'
    ip route
    nft -s list ruleset 2>/dev/null | grep -v '^#'
    firewall-cmd --list-all 2>/dev/null
    iptables-save 2>/dev/null | sed '/^#/d; s/ .[0-9]*:[0-9]*.$//'`);
  return stdout;
}

/** Neither a unit, nor a directory, nor a process. */
export async function nothingLeft(lab: TestLab, host: string): Promise<void> {
  const { stdout } = await lab.host(host).inside(`systemctl list-units --all --no-legend 'runbook-*'
    ls -d /etc/systemd/system/runbook-* /etc/systemd/system/*/runbook-* /var/lib/runbook/runs/*/guard 2>/dev/null
    pgrep -af '^/bin/sh .*/guard/program'`);
  assert.equal(stdout, '', `${host} has something left of the guard`);
}

async function letsIn(lab: TestLab, host: string, user: 'root' | 'admin' = 'root'): Promise<boolean> {
  const { code } = await lab.host(host).ssh(user === 'root' ? 'true' : 'sudo -n true', { user, timeoutMs: 8_000 });
  return code === 0;
}

/** Applies them all at once, and holds what came of it against what the guard promises. */
export async function lockedOut(lab: TestLab, lockouts: readonly Lockout[]): Promise<void> {
  const kept = await Promise.all(lockouts.map(({ host }) => waysIn(lab, host)));
  const { file, note } = play(lab, lockouts);
  const run = await lab.runbook(args(lab, file), { timeoutMs: 140_000 });
  const told = run.stdout + run.stderr;
  assert.equal(run.code, 3, told);
  for (const [i, { host, says, user }] of lockouts.entries()) {
    const why = new RegExp(`^reverted: ${host}: (.*)$`, 'm').exec(run.stdout)?.[1] ?? '';
    assert.match(why, says, told);
    assert.match(run.stdout, new RegExp(`^${host} .* reverted$`, 'm'));
    assert.equal(await letsIn(lab, host, user), true, `${host}: ${told}`);
    assert.equal(await waysIn(lab, host), kept[i], `${host}: ${told}`);
    assert.match((await lab.host(host).inside('cat /var/lib/runbook/runs/*/journal')).stdout, /^\{"reverted":true,/m);
    await nothingLeft(lab, host);
  }
  assert.match(run.stdout, /^bare1: changed: note/m);
  assert.equal((await lab.host('bare1').inside(`cat ${note}`)).stdout, 'note\n');
  await nothingLeft(lab, 'bare1');
}

/** The controller is killed once the lockouts are there (they make /run/broken), with no time for anything. */
export async function killedAfter(
  lab: TestLab,
  lockouts: readonly Pick<Lockout, 'host' | 'tasks'>[],
  more: readonly string[] = [],
): Promise<void> {
  const held = lockouts.map(({ host, tasks }) => ({ host, tasks: `${tasks}\n- name: hold\n  command: sleep 10` }));
  const names = lockouts.map(({ host }) => host);
  const { argv, env, cwd } = await runbookCommand(lab.work, args(lab, play(lab, held, names.join(',')).file, ...more));
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
export async function comesBack(lab: TestLab, host: string, kept: string): Promise<void> {
  for (let tries = 0; !(await letsIn(lab, host)); tries++) {
    assert.ok(tries < 40, `${host} does not come back`);
    await sleep(1_000);
  }
  while ((await lab.host(host).inside('ls -d /var/lib/runbook/runs/*/guard')).code === 0) await sleep(200);
  // Numbers of interfaces change with each boot.
  const stable = (text: string) => text.replace(/@if\d+/g, '');
  assert.equal(stable(await waysIn(lab, host)), stable(kept));
  await nothingLeft(lab, host);
}
