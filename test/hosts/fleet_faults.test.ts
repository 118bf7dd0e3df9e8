import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestHost } from '../lab/host.ts';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';
import type { Finished } from '../lab/process.ts';

/** Some hosts of a fleet cannot be reached, hang or go away: the others are done, and nothing is told wrongly. */
const lab = useHosts({ bare: 3 });
const LIMIT = { timeout: 120_000 };

function play(name: string, tasks: string, keywords = ''): string {
  const head = `- hosts: fleet\n  gather_facts: false\n${keywords}`;
  const note = `    - name: note\n      copy: {dest: /etc/${name}, content: "${name}\\n", mode: "0644"}\n`;
  return lab.write(`${name}.yml`, `${head}  tasks:\n${note}${tasks}`);
}

const apply = (playbook: string, ...more: readonly string[]): Promise<Finished> =>
  lab.runbook(['apply', playbook, '-i', lab.inventory(), '--yes', ...more]);

async function hostsWith(path: string): Promise<readonly string[]> {
  const found = await Promise.all(lab.hosts.map((host) => host.inside(`test -e ${path}`)));
  return lab.hosts.filter((_, i) => found[i]?.code === 0).map(({ name }) => name);
}

async function without<T>(host: string, job: () => Promise<T>): Promise<T> {
  await lab.host(host).cut();
  try {
    return await job();
  } finally {
    await lab.host(host).reconnect();
  }
}

const output = (run: Finished): string => run.stdout + run.stderr;

test('a host that comes up a moment later is reached; a refused user is tried once', LIMIT, async () => {
  const late = (seconds: number) =>
    lab
      .host('bare1')
      .inside(`systemctl stop ssh.socket ssh.service; (sleep ${seconds}; systemctl start ssh) >/dev/null 2>&1 &`);
  await late(2);
  const book = play('late', '');
  const none = await apply(book, '-l', 'bare1', '--retries', '0');
  assert.equal(none.code, 4, output(none));
  assert.match(none.stdout, /nothing listens there/);
  const reached = await apply(book, '-l', 'bare1', '--retries', '6');
  assert.equal(reached.code, 0, output(reached));

  const who = lab.write('who', '[fleet]\nbare2 ansible_user=games\n');
  const refused = await apply(book, '-i', who, '-l', 'bare2', '--retries', '6');
  assert.equal(refused.code, 4, output(refused));
  const log = await lab.host('bare2').inside('journalctl --no-pager -t sshd | grep -c "by authenticating user games"');
  assert.equal(log.stdout.trim(), '1');
});

inDepth('one that hangs keeps one slot, and a limit file names it for the next run', LIMIT, async () => {
  const book = play('hangs', '');
  lab.host('bare1').freeze();
  const startedAt = performance.now();
  let run: Finished;
  try {
    run = await apply(book, '-f', '2', '-T', '4');
  } finally {
    lab.host('bare1').thaw();
  }
  assert.equal(run.code, 4, output(run));
  assert.ok(performance.now() - startedAt < 20_000, 'the others waited for the one that hangs');
  assert.deepEqual(await hostsWith('/etc/hangs'), ['bare2', 'bare3']);
  const file = /Only on the host that did not come through: add --limit @(\S+)/.exec(run.stderr)?.[1] ?? 'none';
  assert.match(file, /^\.runbook\/runs\/.*\/retry\.limit$/);
  assert.equal(readFileSync(join(lab.work, file), 'utf8'), 'bare1\n');
  const again = await apply(book, '--limit', `@${file}`);
  assert.equal(again.code, 0, output(again));
  assert.match(again.stdout, /1 host in/);
  assert.deepEqual(await hostsWith('/etc/hangs'), ['bare1', 'bare2', 'bare3']);
});

/**
 * Something that happens to a host while it is at work, and how it is over again. Tried without the access guard, which
 * waits for such a host to put itself back.
 */
const FATES: Readonly<Record<string, readonly [begin: (host: TestHost) => unknown, end: (host: TestHost) => unknown]>> =
  {
    'that hangs': [(host) => host.freeze(), (host) => host.thaw()],
    'whose cable is out': [(host) => host.cut(), (host) => host.reconnect()],
    'that loses its power': [(host) => host.stop(), (host) => host.start()],
  };

for (const [what, [begin, end]] of Object.entries(FATES)) {
  inDepth(`in the middle of a task a host ${what} is given up, and finished by the next run`, LIMIT, async () => {
    const name = what.replace(/\W/g, '-');
    const sleep = `    - name: sleeps\n      shell: "[ -e /etc/${name}.slept ] || { touch /etc/${name}.slept; sync; exec sleep 8; }"\n`;
    const book = play(name, `${sleep}      when: inventory_hostname == 'bare1'\n`);
    const given = /ssh_common_args: (.*)/.exec(readFileSync(lab.inventory(), 'utf8'))?.[1];
    const options = `-o ServerAliveInterval=1 -o ServerAliveCountMax=2 ${given}`;
    const alive = lab.write('alive', `[fleet]\nbare1 ansible_ssh_common_args='${options}'\n`);
    const host = lab.host('bare1');
    const running = apply(book, '-i', alive, '-f', '1', '-T', '5', '--no-guard');
    while ((await host.inside(`test -e /etc/${name}.slept`)).code !== 0) await delay(200);
    await begin(host);
    let run: Finished;
    try {
      run = await running;
    } finally {
      await end(host);
    }
    assert.equal(run.code, 4, output(run));
    assert.match(run.stdout, /bare1: unreachable: sleeps\n(.*\n)+?.*Sent, and perhaps done: run: /);
    assert.deepEqual(await hostsWith(`/etc/${name}`), ['bare1', 'bare2', 'bare3']);
    const file = /add --limit @(\S+)/.exec(run.stderr)?.[1] ?? 'none';
    const again = await apply(book, '--limit', `@${file}`, '--lock-timeout', '20');
    assert.equal(again.code, 0, output(again));
    assert.match(again.stdout, /cut off in `sleeps`/);
  });
}

/** Ends the connection that it runs over. */
const CUTS = `    - name: cuts itself off
      shell: "echo cut >> /etc/cut; pkill -KILL -f 'sshd: .*notty'"
`;

test('a connection that breaks in the middle ends the host, no rescue, and what was begun is told', LIMIT, async () => {
  const tasks = `    - block:
${CUTS.replace(/^/gm, '    ').trimEnd()}
      rescue:
        - copy: {dest: /etc/rescued, content: "rescued\\n", mode: "0644"}
    - copy: {dest: /etc/later, content: "later\\n", mode: "0644"}
`;
  const run = await apply(play('breaks', tasks), '-l', 'bare1');
  assert.equal(run.code, 4, output(run));
  assert.match(
    run.stdout,
    /bare1: unreachable: cuts itself off\n(.*\n)+?.*Sent, and perhaps done: run: .*the next run looks/,
  );
  assert.deepEqual(await hostsWith('/etc/breaks'), ['bare1']);
  assert.deepEqual(await hostsWith('/etc/rescued'), []);
  assert.deepEqual(await hostsWith('/etc/later'), []);
  assert.match(run.stderr, /--limit @/);
});

test('ignore_unreachable: the task registers it, the next one connects anew', LIMIT, async () => {
  const tasks = `${CUTS}      ignore_unreachable: true
      register: gone
    - name: knows
      copy: {dest: /etc/knows, content: "{{ gone is unreachable }} {{ gone is failed }}\\n", mode: "0644"}
`;
  const run = await apply(play('ignores', tasks), '-l', 'bare2', '--lock-timeout', '20');
  assert.equal(run.code, 0, output(run));
  assert.match(run.stdout, /bare2: failed \(ignored\): cuts itself off/);
  assert.equal((await lab.host('bare2').inside('cat /etc/knows')).stdout, 'True False\n');
});

inDepth('ignore_unreachable at first contact: nothing that was not shown is done', LIMIT, async () => {
  const tasks = `    - name: elsewhere
      copy: {dest: "/etc/from.{{ inventory_hostname }}", content: "x\\n", mode: "0644"}
      delegate_to: bare3
      register: there
    - name: instead
      copy: {dest: /etc/instead, content: "{{ there.msg }}\\n", mode: "0644"}
      when: there is unreachable
`;
  const run = await without('bare3', () =>
    apply(play('excused', tasks, '  ignore_unreachable: true\n'), '-T', '2', '-l', 'bare1,bare3'),
  );
  assert.equal(run.code, 0, output(run));
  assert.match(run.stdout, /! elsewhere \(ignored\) {2}\[/);
  assert.deepEqual(await hostsWith('/etc/excused'), ['bare1']);
  assert.deepEqual(await hostsWith('/etc/instead'), ['bare1']);
  assert.deepEqual(await hostsWith('/etc/from.*'), []);
  assert.match((await lab.host('bare1').inside('cat /etc/instead')).stdout, /bare3/);
});

test('hosts that cannot be reached count: a bad roll-out is stopped before it begins', LIMIT, async () => {
  const second =
    '- name: second play\n  hosts: fleet\n  gather_facts: false\n  tasks:\n    - copy: {dest: /etc/second, content: x}\n';
  const rollOut = (name: string, percentage: number) => {
    const book = play(name, '', `  name: first play\n  serial: 2\n  max_fail_percentage: ${percentage}\n`);
    return lab.write(`${name}.yml`, readFileSync(book, 'utf8') + second);
  };
  await without('bare1', async () => {
    for (const [name, percentage] of [
      ['none', 0],
      ['less', 49],
    ] as const) {
      const run = await apply(rollOut(name, percentage), '-T', '2');
      assert.equal(run.code, 4, output(run));
      assert.match(run.stdout, /first play: 1 of the 2 hosts of this batch failed or .*; not begun: bare2, bare3\n/);
      assert.match(run.stdout, /plays that were not begun: `second play`/);
      assert.deepEqual(await hostsWith(`/etc/${name}`), []);
    }
    const run = await apply(rollOut('half', 50), '-T', '2');
    assert.equal(run.code, 4, output(run));
    assert.deepEqual(await hostsWith('/etc/half'), ['bare2', 'bare3']);
    assert.deepEqual(await hostsWith('/etc/second'), ['bare2', 'bare3']);
  });
});
