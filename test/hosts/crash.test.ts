import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestHost } from '../lab/host.ts';
import { useHosts } from '../lab/hosts.ts';
import { sleep } from '../lab/process.ts';

const lab = useHosts({ python: 2, bare: 2 });

const apply = (host: TestHost, play: string, more: readonly string[] = []) =>
  lab.runbook(['apply', play, '-i', lab.inventory(), '-l', host.name, '--yes', ...more]);

/** A command that is under way until it is told to end. */
const UNTIL_TOLD = "sh -c 'touch /tmp/begun; until [ -e /tmp/told ]; do sleep 0.1; done'";

/** Until another run stands there for the lock. */
async function waits(host: TestHost): Promise<void> {
  for (let i = 0; i < 300 && (await host.inside('pgrep -x flock')).code !== 0; i++) await sleep(50);
}

test('the next run says what the last one left, and runs the handlers that it owed', { timeout: 200_000 }, async () => {
  const host = lab.host(0);
  await host.reset();
  const play = lab.write(
    'owes.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - copy: {dest: /etc/note, content: "1\\n", mode: "0600"}
      notify: told
    - name: breaks the first time
      command: /bin/sh -c 'test -e /etc/mended'
      changed_when: false
  handlers:
    - name: told
      command: touch /etc/told
`,
  );
  const failed = await apply(host, play);
  assert.equal(failed.code, 3, failed.stdout + failed.stderr);
  assert.equal((await host.inside('ls /etc/told')).code, 2);
  await host.inside('touch /etc/mended');
  const plan = await lab.runbook(['plan', play, '-i', lab.inventory(), '-l', host.name]);
  assert.match(plan.stdout, /did not come to its end here; its handlers run now: `told`/);
  const again = await apply(host, play);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.equal((await host.inside('ls /etc/told')).code, 0);
  const third = await apply(host, play);
  assert.doesNotMatch(third.stdout, /did not come to its end/);
  assert.match(third.stdout, /No changes/);
});

test('the plug pulled in the middle: after the reboot the run is completed', { timeout: 200_000 }, async () => {
  const host = lab.host(1);
  await host.reset();
  const play = lab.write(
    'reboot.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - copy: {dest: /etc/note, content: "1\\n", mode: "0600"}
      notify: told
    - command: sleep 30
      when: not stopped.stat.exists
    - copy: {dest: /etc/last, content: "1\\n", mode: "0600"}
  pre_tasks:
    - stat: {path: /etc/stopped}
      register: stopped
  handlers:
    - name: told
      command: touch /etc/told
`,
  );
  const running = apply(host, play, ['--guard-timeout', '5']);
  for (let i = 0; i < 200 && (await host.inside('pgrep -f "^sleep 30"')).code !== 0; i++) await sleep(100);
  host.stop();
  await host.start();
  // A command may have done anything: the guard was armed. After the reboot the host puts back what lets people in,
  // unless a new login has proved before that all is well.
  const broken = await running;
  assert.ok(broken.code === 3 || broken.code === 4, broken.stdout + broken.stderr);
  assert.match(broken.stdout, broken.code === 3 ? /reverted/ : /unreachable/);
  await host.inside('touch /etc/stopped');
  const again = await apply(host, play);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.match(
    again.stdout,
    /did not come to its end here; it was cut off in `command`;.* its handlers run now: `told`/,
  );
  assert.equal((await host.inside('cat /etc/note /etc/last && ls /etc/told')).code, 0);
});

test('what a loss of power left half written is swept by the next run', { timeout: 100_000 }, async () => {
  const host = lab.host(1);
  const play = lab.write(
    'swept.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - copy: {dest: /etc/swept, content: "1\\n", mode: "0600"}
`,
  );
  // As a host stands there that went dark between the first byte and the rename.
  await host.inside(`cd /var/lib/runbook/runs && mkdir -p 2026-01-01T000000Z-0badcafe/before && cd 2026-01-01T000000Z-0badcafe
printf '{"id":"2026-01-01T000000Z-0badcafe","startedAt":1,"by":"x@y","playbooks":["swept.yml"]}\\n' > run.json
printf '{"n":1,"play":"swept.yml: fleet","name":"copy","changes":[{"n":1,"type":"path","id":"/etc/swept"}]}\\n' > journal
touch unfinished; mkdir -m 700 /etc/.rb-0badcafe-abc123 /etc/.rb-0badcafe-longer9 /etc/.rb-12345678-abc123`);
  const applied = await apply(host, play);
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
  assert.equal((await host.inside('cd /etc && ls -d .rb-*')).stdout, '.rb-0badcafe-longer9\n.rb-12345678-abc123\n');
  assert.match(applied.stdout, /by x@y at 1970-.* did not come to its end here; it was cut off in `copy`/);
  assert.doesNotMatch((await apply(host, play)).stdout, /did not come to its end/);
});

test('users whose home is not theirs keep their journal elsewhere, and not where others could read it', async () => {
  const host = lab.host(1);
  const play = lab.write(
    'homeless.yml',
    `- hosts: fleet
  gather_facts: false
  become_user: www-data
  become: true
  tasks:
    - copy: {dest: /tmp/of-www, content: "1\\n", mode: "0600"}
`,
  );
  await host.inside('rm -rf /var/tmp/runbook-33; mkdir -m 777 /var/tmp/runbook-33');
  const trapped = await apply(host, play);
  assert.equal(trapped.code, 3, trapped.stdout + trapped.stderr);
  assert.match(trapped.stdout, /\/var\/tmp\/runbook-33 belongs to somebody else/);
  await host.inside('rm -rf /var/tmp/runbook-33');
  const applied = await apply(host, play);
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
  const found = await host.inside("cd /var/tmp && stat -c '%a %U' runbook-33 runbook-33/runs /tmp/of-www");
  assert.equal(found.stdout, '700 www-data\n700 www-data\n600 www-data\n');
});

test('one run at a time: the second is refused or waits, and looks again', { timeout: 200_000 }, async () => {
  const host = lab.host(2);
  await host.reset();
  const slow = lab.write(
    'slow.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - command: ${UNTIL_TOLD}
`,
  );
  const quick = lab.write(
    'quick.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - copy: {dest: /etc/quick, content: "1\\n", mode: "0600"}
`,
  );
  const first = apply(host, slow);
  for (let i = 0; i < 200 && (await host.inside('test -e /tmp/begun')).code !== 0; i++) await sleep(50);
  const plan = await lab.runbook(['plan', quick, '-i', lab.inventory(), '-l', host.name]);
  assert.equal(plan.code, 0, 'a plan takes no lock');
  const refused = await apply(host, quick);
  assert.equal(refused.code, 5, refused.stdout + refused.stderr);
  assert.match(refused.stdout, /the run of .*slow\.yml by .+@.+, begun at .+Z, is at work on this host/);
  assert.equal((await host.inside('ls /etc/quick')).code, 2);
  const waiting = apply(host, quick, ['--lock-timeout', '60']);
  await waits(host);
  await host.inside('touch /tmp/told');
  const [waited, ended] = await Promise.all([waiting, first]);
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  assert.equal(waited.code, 0, waited.stdout + waited.stderr);
  assert.equal((await host.inside('cat /etc/quick')).stdout, '1\n');
});

test('what another run did while this one waited is not written over unseen', { timeout: 200_000 }, async () => {
  const host = lab.host(3);
  await host.reset();
  const write = (name: string, more: string) =>
    lab.write(
      name,
      `- hosts: fleet
  gather_facts: false
  tasks:
    - copy: {dest: /etc/both, content: "${name}\\n", mode: "0600"}
${more}`,
    );
  const first = apply(host, write('one.yml', `    - command: ${UNTIL_TOLD}\n`));
  const second = write('two.yml', '');
  for (let i = 0; i < 200 && (await host.inside('test -e /etc/both')).code !== 0; i++) await sleep(20);
  await host.inside('rm /etc/both');
  const waiting = apply(host, second, ['--lock-timeout', '60']);
  await waits(host);
  await host.inside("printf 'somebody\\n' > /etc/both; touch /tmp/told");
  const waited = await waiting;
  await first;
  assert.equal(waited.code, 5, waited.stdout + waited.stderr);
  assert.match(waited.stdout, /another run has changed the host since the plan was made: `copy` is no longer/);
  assert.equal((await host.inside('cat /etc/both')).stdout, 'somebody\n');
});
