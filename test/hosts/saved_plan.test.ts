import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';
import type { Finished } from '../lab/process.ts';

/** A plan that was saved is done as it was shown, or nothing of it is. */
const lab = useHosts({ bare: 2 });
const LIMIT = { timeout: 120_000 };
const env = () => ({ ...process.env, RUNBOOK_PLAN_KEY_FILE: join(lab.work, 'key', 'plan.key') });

function play(name: string, content = 'wanted'): string {
  return lab.write(
    `${name}.yml`,
    `- hosts: fleet
  gather_facts: false
  serial: 1
  tasks:
    - name: first
      copy: {dest: /etc/${name}.first, content: "${content}\\n", mode: "0640", backup: true}
      notify: noted
    - name: second
      lineinfile: {path: /etc/${name}.first, line: "and {{ word | default('no word') }}"}
    - name: told
      copy: {src: ${name}.txt, dest: /etc/${name}.second, mode: "0600"}
    - name: run
      command: /bin/sh -c 'echo ran >> /etc/${name}.ran'
    - name: after it
      copy: {dest: /etc/${name}.third, content: "third\\n", mode: "0644"}
  handlers:
    - name: noted
      copy: {dest: /etc/${name}.noted, content: "noted\\n", mode: "0644"}
`,
  );
}

async function planned(name: string, ...more: readonly string[]): Promise<string> {
  lab.write(`${name}.txt`, 'told\n');
  const file = join(lab.work, `${name}.plan`);
  const plan = await lab.runbook(['plan', play(name), '-i', lab.inventory(), '--out', file, ...more], { env: env() });
  assert.equal(plan.code, 0, plan.stderr + plan.stdout);
  assert.match(plan.stderr, /Saved in .*: until \S+Z `runbook apply .*` does precisely this, or nothing/);
  return file;
}

const apply = (file: string, ...more: readonly string[]): Promise<Finished> =>
  lab.runbook(['apply', file, ...more], { env: env() });

async function untouched(name: string): Promise<void> {
  for (const host of lab.hosts) {
    const found = await host.inside(`ls -d /etc/${name}.* /var/lib/runbook 2>/dev/null`);
    assert.equal(found.stdout, '', host.name);
  }
}

test('a plan that does not hold any more touches no host, and says what is different', LIMIT, async () => {
  const file = await planned('moved');
  const told = async (pattern: RegExp, ...more: readonly string[]) => {
    const run = await apply(file, '--yes', ...more);
    assert.equal(run.code, 5, run.stderr + run.stdout);
    assert.match(run.stdout + run.stderr, pattern);
  };

  // Of two hosts, the second has moved: the first one is left alone as well.
  await lab.host('bare2').inside('echo other > /etc/moved.second; chmod 644 /etc/moved.second');
  await told(/bare2: `told` is not what was planned: file \/etc\/moved.second: change instead of create/);
  await lab.host('bare2').inside('rm /etc/moved.second; echo "third" > /etc/moved.third; chmod 644 /etc/moved.third');
  await told(/bare2: `after it` .*moved.third/);
  await lab.host('bare2').inside('rm /etc/moved.third');

  const text = readFileSync(join(lab.work, 'moved.yml'), 'utf8');
  play('moved', 'other');
  await told(/moved.yml is not what it was when the plan was made/);
  writeFileSync(join(lab.work, 'moved.yml'), text);
  lab.write('moved.txt', 'otherwise\n');
  await told(/moved.txt is not what it was when the plan was made/);
  lab.write('moved.txt', 'told\n');
  lab.write('group_vars/fleet.yml', 'word: new\n');
  await told(/fleet.yml is read now, and was not when the plan was made/);
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  writeFileSync(file, bytes);
  await told(/moved.plan is not as it was written/);
  await untouched('moved');
});

test('what was planned is done, in its order and once, and asked about without --yes', LIMIT, async () => {
  lab.write('group_vars/fleet.yml', 'word: ok\n');
  const file = await planned('held');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const asked = await apply(file);
  assert.equal(asked.code, 5, asked.stderr + asked.stdout);
  assert.match(asked.stdout, /~ first {2}\[all 2 hosts\]/);
  assert.match(asked.stderr, /Add --yes/);
  const other = await apply(file, '--limit', 'bare1', '--yes');
  assert.equal(other.code, 1);
  assert.match(other.stderr, /a saved plan is applied as it is, without --limit/);
  const check = await apply(file, '--check');
  assert.equal(check.code, 0, check.stderr + check.stdout);
  await untouched('held');
  // Who looks changes nothing that counts.
  await lab.host('bare1').inside('cat /etc/passwd; touch /etc/something');

  const done = await apply(file, '--yes', '--json');
  assert.equal(done.code, 0, done.stderr + done.stdout);
  const events = done.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const order = events.filter(({ type, outcome }) => type === 'task-finished' && outcome === 'changed');
  const tasks = ['first', 'second', 'told', 'run', 'after it', 'noted'];
  assert.deepEqual(
    order.map(({ host, name }) => `${host} ${name}`),
    ['bare1', 'bare2'].flatMap((host) => tasks.map((name) => `${host} ${name}`)),
  );
  for (const host of lab.hosts) {
    const found = await host.inside(
      'cat /etc/held.first /etc/held.second /etc/held.ran /etc/held.third /etc/held.noted',
    );
    assert.equal(found.stdout, 'wanted\nand ok\ntold\nran\nthird\nnoted\n');
  }
  const again = await apply(file, '--yes');
  assert.equal(again.code, 5, again.stderr + again.stdout);
  assert.match(again.stdout, /bare1: `told` has nothing to do any more/);
});

test('a host that cannot be reached keeps the others from being touched', LIMIT, async () => {
  const file = await planned('away');
  await lab.host('bare2').cut();
  try {
    const run = await apply(file, '--yes', '-T', '3');
    assert.equal(run.code, 4, run.stderr + run.stdout);
    assert.match(run.stdout, /unreachable: bare2/);
    const half = join(lab.work, 'half.plan');
    const args = ['plan', join(lab.work, 'away.yml'), '-i', lab.inventory(), '--out', half, '-T', '3'];
    const plan = await lab.runbook(args, { env: env() });
    assert.equal(plan.code, 4, plan.stderr + plan.stdout);
    assert.match(plan.stderr, /No plan was saved/);
    assert.throws(() => statSync(half), { code: 'ENOENT' });
  } finally {
    await lab.host('bare2').reconnect();
  }
  for (const host of lab.hosts) assert.equal((await host.inside('ls /etc/away.first')).code, 2, host.name);
});

test('no secret stands in the file in any form, and each is read again', LIMIT, async () => {
  const [vaulted, given, typed] = ['s3cret-of-the-vault', 'gh5-given-on-the-command-line', 'n0-log-at-all'];
  lab.write('vault.pass', 'pass of the vault\n');
  lab.write('secret.yml', `vaulted: ${vaulted}\nquiet: ${typed}\n`);
  const vault = ['--vault-password-file', join(lab.work, 'vault.pass')];
  const sealed = await lab.runbook(['vault', 'encrypt', join(lab.work, 'secret.yml'), ...vault]);
  assert.equal(sealed.code, 0, sealed.stderr);
  const book = lab.write(
    'secrets.yml',
    `- hosts: fleet
  gather_facts: false
  vars_files: [secret.yml]
  tasks:
    - name: "with {{ given }}"
      copy: {dest: "/etc/with.{{ given }}", content: "{{ vaulted }} {{ given }}\\n", mode: "0600"}
    - name: silent
      command: "echo {{ quiet }}"
      no_log: true
`,
  );
  const file = join(lab.work, 'secrets.plan');
  const args = ['plan', book, '-i', lab.inventory(), '--out', file, '-e', `given=${given}`, ...vault];
  const plan = await lab.runbook(args, { env: env() });
  assert.equal(plan.code, 0, plan.stderr + plan.stdout);
  const bytes = readFileSync(file);
  for (const secret of [vaulted, given, typed]) {
    for (const form of [
      secret,
      Buffer.from(secret).toString('base64').slice(0, 12),
      Buffer.from(secret).toString('hex'),
    ]) {
      assert.equal(bytes.includes(form), false, form);
    }
  }
  // Nobody else opens it, and a key that others can read opens nothing.
  const foreign = await lab.runbook(['apply', file], {
    env: { ...process.env, RUNBOOK_PLAN_KEY_FILE: join(lab.work, 'no.key') },
  });
  assert.equal(foreign.code, 5);
  assert.match(foreign.stderr, /there is no key of saved plans/);
  const key = env().RUNBOOK_PLAN_KEY_FILE;
  chmodSync(key, 0o644);
  assert.match((await apply(file)).stderr, /is open to others/);
  chmodSync(key, 0o600);

  const done = await apply(file, '--yes');
  assert.equal(done.code, 0, done.stderr + done.stdout);
  for (const host of lab.hosts) {
    assert.equal((await host.inside(`cat /etc/with.${given}`)).stdout, `${vaulted} ${given}\n`);
  }
});

inDepth('a host that changes on the way is left where it is', LIMIT, async () => {
  const book = lab.write(
    'way.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - name: waits
      shell: "[ -e /run/way ] || { touch /run/way; echo other > /etc/way.file; exit 1; }"
      register: waited
      until: waited.rc == 0
      delay: 0
      changed_when: false
    - name: certain
      copy: {dest: /etc/way.file, content: "wanted\\n", mode: "0644"}
    - name: after it
      copy: {dest: /etc/way.after, content: "after\\n", mode: "0644"}
`,
  );
  const file = join(lab.work, 'way.plan');
  const args = ['-i', lab.inventory(), '-l', 'bare1'];
  const plan = await lab.runbook(['plan', book, '--out', file, ...args], { env: env() });
  assert.equal(plan.code, 0, plan.stderr + plan.stdout);
  const run = await apply(file, '--yes');
  assert.equal(run.code, 5, run.stderr + run.stdout);
  assert.match(run.stdout, /refused: bare1: the host has changed on the way: `certain` is no longer what was shown/);
  assert.equal((await lab.host('bare1').inside('cat /etc/way.*')).stdout, 'other\n');
});

inDepth('accounts, units and what hangs on them come out as they were planned', LIMIT, async () => {
  const book = lab.write(
    'whole.yml',
    `- hosts: fleet
  become: true
  tasks:
    - group: {name: staff2, system: true}
    - user: {name: deploy, groups: staff2, shell: /bin/sh, generate_ssh_key: false}
      register: account
    - file: {path: /srv/deploy, state: directory, owner: deploy, group: staff2, mode: "0750"}
    - copy: {dest: /srv/deploy/note, content: "deployed\\n", owner: deploy, mode: "0640"}
    - lineinfile: {path: /srv/deploy/note, line: "on {{ ansible_facts.hostname }}"}
    - copy: {dest: /srv/deploy/uid, content: "{{ account.uid }}\\n", owner: deploy, mode: "0640"}
    - cron: {name: nightly, user: deploy, hour: "3", minute: "5", job: /bin/true}
    - systemd_service: {name: cron, enabled: true, state: started}
`,
  );
  const file = join(lab.work, 'whole.plan');
  const args = ['-i', lab.inventory(), '-l', 'bare2'];
  const plan = await lab.runbook(['plan', book, '--out', file, ...args], { env: env() });
  assert.equal(plan.code, 0, plan.stderr + plan.stdout);
  const run = await lab.runbook(['apply', file, '--yes'], { env: env() });
  assert.equal(run.code, 0, run.stderr + run.stdout);
  const made = await lab.host('bare2').inside('cat /srv/deploy/note; [ "$(id -u deploy)" = "$(cat /srv/deploy/uid)" ]');
  assert.deepEqual([made.code, made.stdout], [0, 'deployed\non bare2\n']);
});
