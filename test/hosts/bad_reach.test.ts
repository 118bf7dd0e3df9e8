import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { PASSWORDS } from '../lab/base.ts';
import { useHosts } from '../lab/hosts.ts';
import type { Finished } from '../lab/process.ts';

/** Hosts that cannot be reached, or not by us: each is told with its name, the reason and what to do. */
const lab = useHosts({ bare: 2 });
const LIMIT = { timeout: 120_000 };

/** Puts a file with this content on every host. */
function play(name: string, more = ''): string {
  return lab.write(
    `${name}.yml`,
    `- hosts: fleet
  gather_facts: false
  tasks:
    - name: note
      copy: {dest: /etc/${name}, content: "${name}\\n", mode: "0644"}
${more}`,
  );
}

/** The lab's inventory, and what is said of its hosts beside. */
function inventory(name: string, lines: string): readonly string[] {
  return ['-i', lab.inventory(), '-i', lab.write(name, `[fleet]\n${lines}\n`)];
}

/** The lab's options behind these: as ssh takes them, the first word on something counts. */
function sshArgs(...options: readonly string[]): string {
  const given = /ssh_common_args: (.*)/.exec(readFileSync(lab.inventory(), 'utf8'))?.[1];
  return `'${[...options.map((option) => `-o ${option}`), given].join(' ')}'`;
}

/** Lines of the lab's known_hosts that speak of a host. */
function knownKeys(name: string): readonly string[] {
  const file = /UserKnownHostsFile=(\S+)/.exec(readFileSync(lab.inventory(), 'utf8'))?.[1] ?? '';
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.startsWith(`${name},`));
}

async function isThere(host: string, path: string): Promise<boolean> {
  return (await lab.host(host).inside(`test -e ${path}`)).code === 0;
}

function told(run: Finished): string {
  assert.doesNotMatch(run.stdout + run.stderr, /^\s+at .*\.[jt]s:\d+/m, 'a stack trace');
  return run.stdout + run.stderr;
}

test('nobody listens, and packets are dropped: told apart, and the good host is done', LIMIT, async () => {
  const controller = lab.host('bare2').address.replace(/\d+$/, '1');
  await lab.host('bare2').inside(`ip route add blackhole ${controller}/32`);
  try {
    const hosts = inventory('nobody', `nobody ansible_host=${lab.host('bare1').address} ansible_port=1`);
    const apply = await lab.runbook(['apply', play('reached'), ...hosts, '--yes', '-T', '3']);
    assert.equal(apply.code, 4, told(apply));
    assert.match(apply.stdout, /unreachable: nobody\n.*cannot reach nobody \(\S+ port 1\): nothing listens there\n/);
    assert.match(apply.stdout, /unreachable: bare2\n.*bare2 \(\S+\).*within 3 s/);
    assert.match(apply.stdout, /bare1: changed: note/);
  } finally {
    await lab.host('bare2').inside(`ip route del blackhole ${controller}/32`);
  }
  assert.equal(await isThere('bare1', '/etc/reached'), true);
  assert.equal(await isThere('bare2', '/etc/reached'), false);
});

test('a changed host key is refused, whatever option is given', LIMIT, async () => {
  const { address } = lab.host('bare2');
  const foreign = knownKeys('bare1').map((line) => line.replace(/^\S+/, address));
  const file = lab.write('changed_keys', `# kept by hand\n${foreign.join('\n')}\n`);
  const hosts = inventory('changed', `bare2 ansible_ssh_common_args=${sshArgs(`UserKnownHostsFile=${file}`)}`);
  const before = readFileSync(file, 'utf8');
  const shown = (await lab.host('bare2').inside('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')).stdout;
  const fingerprint = shown.split(' ')[1] ?? '';
  for (const more of [[], ['--accept-new-host-keys']]) {
    const apply = await lab.runbook(['apply', play('changed_key'), ...hosts, '-l', 'bare2', '--yes', ...more]);
    assert.equal(apply.code, 4, told(apply));
    assert.match(apply.stdout, /unreachable: bare2\n.*the host key of bare2 \(\S+\) has changed/);
    for (const part of [fingerprint, `${file}:2`, `ssh-keygen -R ${address} -f ${file}`]) {
      assert.ok(apply.stdout.includes(part), `${part} is not in ${apply.stdout}`);
    }
  }
  assert.equal(readFileSync(file, 'utf8'), before);
  assert.equal(await isThere('bare2', '/etc/changed_key'), false);
});

test('an unknown host key is refused with the way to accept it, and accepted that way', LIMIT, async () => {
  const file = join(lab.work, 'keys', 'yet');
  const hosts = inventory('unknown', `bare2 ansible_ssh_common_args=${sshArgs(`UserKnownHostsFile=${file}`)}`);
  const apply = (...more: readonly string[]) =>
    lab.runbook(['apply', play('unknown_key'), ...hosts, '-l', 'bare2', '--yes', ...more]);
  const refused = await apply();
  assert.equal(refused.code, 4, told(refused));
  assert.match(refused.stdout, /the host key of bare2 \(\S+\) is not known: ED25519 SHA256:\S+\n/);
  assert.match(refused.stdout, /--accept-new-host-keys/);
  assert.equal(await isThere('bare2', '/etc/unknown_key'), false);

  const accepted = await apply('--accept-new-host-keys');
  assert.equal(accepted.code, 0, told(accepted));
  assert.match(accepted.stdout + accepted.stderr, /bare2.*new host key ED25519 SHA256:\S+ added to \S+yet/);
  const [line] = knownKeys('bare2').filter((one) => one.includes('ssh-ed25519'));
  assert.ok(readFileSync(file, 'utf8').includes(line?.split(' ')[2] ?? 'no such key'));
  const known = await apply();
  assert.equal(known.code, 0, told(known));
});

test('a user whom no key lets in', LIMIT, async () => {
  const apply = await lab.runbook(['apply', play('refused'), ...inventory('who', 'bare2 ansible_user=games'), '--yes']);
  assert.equal(apply.code, 4, told(apply));
  assert.match(apply.stdout, /unreachable: bare2\n.*bare2 .*games.*\n/);
  assert.match(apply.stdout, /id_ed25519/);
  assert.match(apply.stdout, /bare1: changed: note/);
});

test('a become password at a terminal: the wrong one is refused, the right one is not shown', LIMIT, async () => {
  const args = ['apply', play('become'), '-i', lab.inventory(), '-l', 'bare2', '-b', '-K', '--yes'];
  const hosts = inventory('ops', 'bare2 ansible_user=ops').slice(2);
  const type = (password: string) =>
    lab.runbookAtTerminal([...args, ...hosts], [{ when: /Become password/, type: `${password}\r` }]);
  const wrong = await type('not-this-one');
  assert.equal(wrong.code, 3, wrong.screen);
  assert.match(wrong.screen, /sudo on bare2 refuses the password of ops/);
  assert.equal(await isThere('bare2', '/etc/become'), false);
  const right = await type(PASSWORDS.ops);
  assert.equal(right.code, 0, right.screen);
  assert.equal(await isThere('bare2', '/etc/become'), true);
  for (const { screen } of [wrong, right]) {
    assert.ok(!screen.includes(PASSWORDS.ops) && !screen.includes('not-this-one'), screen);
  }

  const gaveUp = await lab.runbookAtTerminal([...args, ...hosts], [{ when: /Become password/, type: '\x03' }]);
  assert.equal(gaveUp.code, 130, gaveUp.screen);
  const nowhere = await lab.runbook([...args, ...hosts]);
  assert.equal(nowhere.code, 1, told(nowhere));
  assert.match(nowhere.stderr, /there is no terminal to ask for "Become password/);
});

test('a become password that is refused: the task fails, as in Ansible, and it is sent once', LIMIT, async () => {
  const become = (name: string, more = '') =>
    `    - name: ${name}\n      become: true\n      copy: {dest: /etc/${name}, content: "1\\n", mode: "0644"}\n${more}`;
  const file = (name: string) => `copy: {dest: /tmp/${name}, content: "1\\n", mode: "0644"}`;
  const playbook = lab.write(
    'no_become.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - ${file('first')}
    - block:
${become('caught').replace(/^/gm, '    ').trimEnd()}
      rescue:
        - ${file('rescued')}
${become('ignored', '      ignore_errors: true\n')}${become('fails')}    - ${file('never')}
`,
  );
  const hosts = inventory('liar', 'bare2 ansible_user=ops ansible_become_password=not-this-one');
  const since = (await lab.host('bare2').inside('date +%s')).stdout.trim();
  const plan = await lab.runbook(['plan', playbook, ...hosts, '-l', 'bare2']);
  assert.match(plan.stdout, /! fails .*\n.*sudo on bare2 refuses the password of ops/, told(plan));
  const apply = await lab.runbook(['apply', playbook, ...hosts, '-l', 'bare2', '--yes']);
  assert.equal(apply.code, 3, told(apply));
  assert.match(apply.stdout, /bare2: failed: fails\n/, told(apply));
  const { stdout } = await lab
    .host('bare2')
    .inside('ls /tmp/first /tmp/rescued /tmp/never /etc/caught /etc/fails 2>/dev/null');
  assert.equal(stdout, '/tmp/first\n/tmp/rescued\n');
  const log = await lab.host('bare2').inside(`journalctl --no-pager -t sudo --since @${since} | grep 'ops : '`);
  assert.equal(log.stdout.match(/1 incorrect password attempt/g)?.length, 2, log.stdout);
});

test('a host that accepts the connection and says nothing', LIMIT, async () => {
  lab.host('bare2').freeze();
  try {
    const apply = await lab.runbook(['apply', play('frozen'), '-i', lab.inventory(), '--yes', '-T', '2']);
    assert.equal(apply.code, 4, told(apply));
    assert.match(apply.stdout, /unreachable: bare2\n.*bare2 .*accepts the connection but does not answer/);
    assert.match(apply.stdout, /bare1: changed: note/);
    assert.ok(apply.ms < 20_000, `${apply.ms} ms`);
  } finally {
    lab.host('bare2').thaw();
  }
});

test('a host that hangs in the middle of a run: named after a while, and the others go on', LIMIT, async () => {
  const alive = `ansible_ssh_common_args=${sshArgs('ServerAliveInterval=1', 'ServerAliveCountMax=2')}`;
  const hosts = inventory('alive', `bare2 ${alive}`);
  const more = `    - name: goes on
      command: sh -c 'echo begun > /run/begun; sleep 3'
    - name: after
      copy: {dest: /etc/after, content: "after\\n", mode: "0644"}
`;
  const running = lab.runbook(['apply', play('hangs', more), ...hosts, '--yes', '--no-guard'], { timeoutMs: 60_000 });
  try {
    let ended = false;
    void running.finally(() => {
      ended = true;
    });
    while (!ended && !(await isThere('bare2', '/run/begun'))) await delay(100);
    lab.host('bare2').freeze();
    const apply = await running;
    assert.equal(apply.code, 4, told(apply));
    assert.match(apply.stdout, /bare2: unreachable: goes on\n.*bare2/);
    assert.match(apply.stdout, /Sent, and perhaps done: run: sh -c/);
    assert.ok(apply.stdout.indexOf('bare1: changed: after') !== -1, apply.stdout);
  } finally {
    lab.host('bare2').thaw();
  }
  assert.equal(await isThere('bare1', '/etc/after'), true);
  assert.equal(await isThere('bare2', '/etc/after'), false);
});

test('a task that hangs: ended after its time on the host itself, and the others go on', LIMIT, async () => {
  const more = `    - name: too long
      command: sh -c 'if [ -e /etc/hangs_here ]; then exec sleep 4732; fi'
      timeout: 2
    - name: after
      copy: {dest: /etc/after_timeout, content: "after\\n", mode: "0644"}
`;
  await lab.host('bare2').inside('touch /etc/hangs_here');
  const apply = await lab.runbook(['apply', play('timeout', more), '-i', lab.inventory(), '--yes']);
  assert.equal(apply.code, 3, told(apply));
  assert.match(apply.stdout, /bare2: failed: too long\n.*no answer from bare2 within 2 s.*it was stopped/);
  assert.equal((await lab.host('bare2').inside("pgrep -f '^sleep 4732$'")).stdout, '');
  assert.equal(await isThere('bare1', '/etc/after_timeout'), true);
  assert.equal(await isThere('bare2', '/etc/after_timeout'), false);
});
