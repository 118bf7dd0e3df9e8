import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';

const lab = useHosts({ python: 1, bare: 1 });
const ROOT = join(import.meta.dirname, '..', '..');

function benchPlay(): string {
  copyFileSync(join(ROOT, 'bench', 'sysctl.j2'), join(lab.work, 'sysctl.j2'));
  copyFileSync(join(ROOT, 'bench', 'play.yml'), join(lab.work, 'play.yml'));
  return join(lab.work, 'play.yml');
}

test('without a terminal and without --yes an apply plans, and says how to go on', { timeout: 120_000 }, async () => {
  const before = lab.hosts.map((host) => host.upper());
  const apply = await lab.runbook(['apply', benchPlay(), '-i', lab.inventory()]);
  assert.equal(apply.code, 5, apply.stderr + apply.stdout);
  assert.match(apply.stdout, /Plan: /);
  assert.match(apply.stderr, /Add --yes to apply this plan/);
  assert.deepEqual(
    lab.hosts.map((host) => host.upper()),
    before,
  );
});

test('apply, then nothing is left to do, in one look', { timeout: 240_000 }, async () => {
  const first = await lab.runbook(['apply', benchPlay(), '-i', lab.inventory(), '--yes']);
  assert.equal(first.code, 0, first.stderr + first.stdout);
  const again = await lab.runbook(['apply', benchPlay(), '-i', lab.inventory(), '--yes', '--json']);
  assert.equal(again.code, 0, again.stderr + again.stdout);
  const events = again.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const looks = events.filter((event) => event.type === 'host-looked');
  assert.deepEqual(looks.map((event) => event.host).sort(), ['bare1', 'python1']);
  const finished = events.find((event) => event.type === 'run-finished');
  for (const host of finished.recap) assert.deepEqual([host.changed, host.failed, host.unreachable], [0, 0, false]);
});

inDepth('what runbook made ansible finds made', { timeout: 240_000 }, async () => {
  const check = await lab.ansible(['--check', '-i', lab.inventory(), '-l', 'python', benchPlay()]);
  assert.equal(check.code, 0, check.stdout + check.stderr);
  assert.match(check.stdout, /changed=0 /, check.stdout);
});

test('a failed task stops its host and not the others; handlers of the others run', { timeout: 120_000 }, async () => {
  const play = lab.write(
    'fails.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - name: note
      copy: {dest: /etc/note, content: "note\\n", mode: "0644"}
      notify: told
    - name: only there
      command: /bin/sh -c 'echo to stderr >&2; exit 7'
      when: inventory_hostname == 'bare1'
    - name: after
      copy: {dest: /etc/after, content: "after\\n", mode: "0644"}
  handlers:
    - name: told
      copy: {dest: /etc/told, content: "told\\n", mode: "0644"}
`,
  );
  const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
  assert.equal(apply.code, 3, apply.stderr + apply.stdout);
  assert.match(apply.stdout, /bare1: failed: only there\n(.*\n)*? +.*fails\.yml:8\n(.*\n)*?.*stderr: to stderr/);
  assert.equal((await lab.host('bare1').ssh('ls /etc/after /etc/told')).code, 2);
  assert.equal((await lab.host('python1').ssh('cat /etc/after /etc/told')).stdout, 'after\ntold\n');
});

test('block and rescue, register and until, run_once and delegate_to on real hosts', { timeout: 120_000 }, async () => {
  const play = lab.write(
    'language.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - name: once for all
      command: hostname
      run_once: true
      changed_when: false
      register: first
    - name: everybody knows
      copy: {dest: /etc/first, content: "{{ first.stdout }}\\n", mode: "0644"}
    - name: told elsewhere
      copy: {dest: "/etc/from-{{ inventory_hostname }}", content: "{{ inventory_hostname }}\\n", mode: "0644"}
      delegate_to: python1
    - name: in the end
      shell: 'n=$(cat /tmp/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > /tmp/n; [ $n -ge 3 ]'
      register: tries
      until: tries.rc == 0
      retries: 5
      delay: 0
    - block:
        - name: breaks
          command: /bin/false
      rescue:
        - name: rescued
          copy: {dest: /etc/rescued, content: "{{ ansible_failed_result.rc }} {{ tries.attempts }}\\n", mode: "0644"}
`,
  );
  const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
  assert.equal(apply.code, 0, apply.stderr + apply.stdout);
  const [python, bare] = [lab.host('python1'), lab.host('bare1')];
  const name = (await python.ssh('hostname')).stdout;
  for (const host of [python, bare]) {
    assert.equal((await host.ssh('cat /etc/first')).stdout, name);
    assert.equal((await host.ssh('cat /etc/rescued')).stdout, '1 3\n');
  }
  assert.equal((await python.ssh('cat /etc/from-bare1 /etc/from-python1')).stdout, 'bare1\npython1\n');
});

test('serial does one batch after the other, and stops when one breaks', { timeout: 120_000 }, async () => {
  const play = lab.write(
    'serial.yml',
    `- hosts: fleet
  gather_facts: false
  serial: 1
  tasks:
    - name: begun
      copy: {dest: /etc/begun, content: "begun\\n", mode: "0644"}
    - name: breaks
      command: /bin/false
`,
  );
  const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
  assert.equal(apply.code, 3);
  const begun = await Promise.all(lab.hosts.map((host) => host.ssh('test -e /etc/begun')));
  assert.deepEqual(begun.map((one) => one.code).sort(), [0, 1]);
});

test('asked at a terminal: no is no, yes is yes, and a host that moved meanwhile is left alone', {
  timeout: 180_000,
}, async () => {
  const play = lab.write(
    'drift.yml',
    `- hosts: bare1
  gather_facts: false
  tasks:
    - name: wanted
      copy: {dest: /etc/drift, content: "wanted\\n", mode: "0644"}
`,
  );
  const host = lab.host('bare1');
  const ask = (type: string, meanwhile: () => void = () => {}) => {
    const when = {
      test(screen: string) {
        const asked = /Apply this plan\?/.test(screen);
        if (asked) meanwhile();
        return asked;
      },
    } as RegExp;
    return lab.runbookAtTerminal(['apply', play, '-i', lab.inventory()], [{ when, type }]);
  };
  assert.equal((await ask('n\r')).code, 5);
  assert.equal((await host.ssh('test -e /etc/drift')).code, 1);

  const moved = await ask('y\r', () => writeFileSync(join(host.root, 'etc/drift'), 'somebody else was here\n'));
  assert.equal(moved.code, 5, moved.screen);
  assert.match(moved.screen, /has changed since the plan was made/);
  assert.equal((await host.ssh('cat /etc/drift')).stdout, 'somebody else was here\n');

  const done = await ask('y\r');
  assert.equal(done.code, 0, done.screen);
  assert.equal((await host.ssh('cat /etc/drift')).stdout, 'wanted\n');
});

test('run_once goes to the next host where the first one does not come to it', { timeout: 120_000 }, async () => {
  const play = lab.write(
    'once.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - meta: end_host
      when: inventory_hostname == ansible_play_hosts[0]
    - name: once
      copy: {dest: /etc/once, content: "once\\n", mode: "0644"}
      run_once: true
`,
  );
  const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes'], { timeoutMs: 60_000 });
  assert.equal(apply.code, 0, apply.stderr + apply.stdout);
  const there = await Promise.all(lab.hosts.map((host) => host.ssh('test -e /etc/once')));
  assert.deepEqual(there.map((one) => one.code).sort(), [0, 1]);
});
