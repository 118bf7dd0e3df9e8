import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestHost } from '../lab/host.ts';
import { useHosts } from '../lab/hosts.ts';
import { numbers } from '../lab/numbers.ts';
import type { Finished } from '../lab/process.ts';
import type { Difference } from '../lab/upper.ts';

/** All of them: `npm run test:thorough`. */
const KILLS = Number(process.env.RUNBOOK_KILLS ?? 20);
const SEED = Number(process.env.RUNBOOK_SEED ?? 20261124);

/** See `run`: a death by timeout. */
const KILLED = 124;
/** The user and group of number 0. */
const FIRST_ID = 4000;

const lab = useHosts({ python: 2, bare: 2 });

/**
 * Thirty changes of files, links, directories and accounts, commands with a trace, and handlers that many notify. All
 * that it touches has the number `n` in its name: each kill has things of its own, and no host is made anew between.
 */
const PLAY = `- hosts: fleet
  gather_facts: false
  vars: {app: "app-{{ n }}", root: "/srv/app-{{ n }}", id: "{{ ${FIRST_ID} + n | int }}"}
  tasks:
    - file: {path: "{{ root }}/{{ item }}", state: directory, mode: "0750"}
      loop: [etc, data, log, run]
    - copy: {dest: "{{ root }}/etc/{{ item }}.conf", content: "value = {{ item }}\\n", mode: "0640", force: false}
      loop: [a, b, c, d, e, f]
      notify: load
    - lineinfile: {path: "{{ root }}/etc/{{ item }}.conf", line: "more = {{ item }}"}
      loop: [a, b, c, d, e, f]
      notify: [load, told]
    - group: {name: "{{ app }}", gid: "{{ id }}"}
    - user: {name: "{{ app }}", uid: "{{ id }}", group: "{{ app }}", home: "{{ root }}", create_home: false, shell: /usr/sbin/nologin}
    - file: {path: "{{ root }}/{{ item }}", owner: "{{ app }}", group: "{{ app }}"}
      loop: [data, log, run]
    - command: "cp {{ root }}/etc/a.conf {{ root }}/data/a.copy"
      args: {creates: "{{ root }}/data/a.copy"}
    - file: {path: "{{ root }}/current", src: data, state: link}
    - blockinfile: {path: "/etc/motd-{{ n }}", block: "kept by runbook"}
      notify: told
    - cron: {name: app, minute: "5", job: /bin/true, cron_file: "{{ app }}", user: root}
    - file: {path: "/etc/issue-{{ n }}", state: absent}
    - replace: {path: "/etc/login-{{ n }}", regexp: '^UMASK.*', replace: "UMASK 027"}
      notify: load
  handlers:
    - name: load
      shell: "cat {{ root }}/etc/*.conf > {{ root }}/run/loaded"
    - name: told
      copy: {dest: "{{ root }}/run/told", content: "told\\n", mode: "0600"}
`;

/** Three digits, so that no number is a part of another. */
const numbered = (n: number): string => String(n).padStart(3, '0');

function apply(host: TestHost, play: string, n: number, timeoutMs?: number): Promise<Finished> {
  const where = ['-i', lab.inventory(), '-l', host.name, '-e', `n=${numbered(n)}`];
  return lab.runbook(['apply', play, ...where, '--yes', '--lock-timeout', '30'], { timeoutMs });
}

/** What the play finds there, for all the numbers. */
async function prepare(host: TestHost): Promise<void> {
  const { code, stderr } = await host.inside(`cd /etc && i=0
while [ $i -le ${KILLS} ]; do
  n=$(printf %03d $i)
  echo welcome >motd-$n; echo issue >issue-$n; cp login.defs login-$n
  i=$((i + 1))
done`);
  assert.equal(code, 0, stderr);
}

/** What differs on a host that has one of these numbers in its name, as if that were another; and what has none. */
function byNumber(found: readonly Difference[], accounts: readonly string[], n: number): unknown {
  const mark = `-${numbered(n)}`;
  const id = FIRST_ID + n;
  const own = (number: number | undefined) => (number === id ? 'own' : number);
  return {
    paths: found
      .filter(({ path }) => path.includes(mark))
      .map(({ path, before, after }) => ({
        path: path.replace(mark, '-N'),
        before,
        after: after && { ...after, uid: own(after.uid), gid: own(after.gid) },
      })),
    accounts: accounts
      .filter((line) => line.includes(mark))
      .map((line) => line.replaceAll(mark, '-N').replaceAll(`:${id}`, ':own')),
  };
}

async function accountsOf(host: TestHost): Promise<readonly string[]> {
  const { stdout } = await host.inside("cd /etc; grep -e '-[0-9][0-9][0-9]' passwd group | cut -d: -f-7");
  return stdout.split('\n');
}

const others = (found: readonly Difference[]): readonly string[] =>
  found.map(({ path }) => path).filter((path) => !/-\d{3}/.test(path));

/** No run is unfinished, and nothing of an access guard is left. */
async function nothingOwed(host: TestHost): Promise<void> {
  const { stdout } = await host.inside('cd /var/lib/runbook/runs; ls -d */unfinished */guard 2>/dev/null');
  assert.equal(stdout, '');
}

test('killed at any instant, the next apply ends where an unbroken one does', { timeout: 3_000_000 }, async (t) => {
  const play = lab.write('kills.yml', PLAY);
  const lasting: number[] = [];
  const unbroken = new Map<string, readonly string[]>();
  await Promise.all(
    lab.hosts.map(async (host) => {
      await prepare(host);
      const run = await apply(host, play, 0);
      assert.equal(run.code, 0, run.stdout + run.stderr);
      lasting.push(run.ms);
      unbroken.set(host.name, others(host.upper()));
      await nothingOwed(host);
    }),
  );
  const next = numbers(SEED);
  const longest = Math.max(...lasting);
  const kills = Array.from({ length: KILLS }, (_, i) => ({ n: i + 1, instant: Math.round(next() * longest) }));
  const told = new Map<number, string>();
  let cut = 0;
  await Promise.all(
    lab.hosts.map(async (host, i) => {
      const own = kills.filter(({ n }) => n % lab.hosts.length === i);
      for (const { n, instant } of own) {
        const killed = await apply(host, play, n, instant);
        if (killed.code === KILLED) cut += 1;
        const resumed = await apply(host, play, n);
        told.set(n, `${host.name}, killed after ${instant} ms: ${killed.stdout}\n${resumed.stdout}${resumed.stderr}`);
        assert.equal(resumed.code, 0, told.get(n));
        await nothingOwed(host);
      }
      const found = host.upper();
      const accounts = await accountsOf(host);
      const wanted = byNumber(found, accounts, 0);
      for (const { n } of own) assert.deepEqual(byNumber(found, accounts, n), wanted, told.get(n));
      assert.deepEqual(others(found), unbroken.get(host.name));
    }),
  );
  t.diagnostic(`${cut} of ${KILLS} were cut off in the middle`);
  assert.ok(cut >= KILLS / 4, `only ${cut} of ${KILLS} runs were still going when they were killed`);
});
