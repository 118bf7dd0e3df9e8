import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestHost } from '../lab/host.ts';
import { useHosts } from '../lab/hosts.ts';
import { IN_DEPTH, inDepth } from '../lab/in_depth.ts';
import { numbers } from '../lab/numbers.ts';
import { sleep } from '../lab/process.ts';
import type { Difference, Entry } from '../lab/upper.ts';

/**
 * What may befall a host, at each step of one apply in turn: its cable is out, its power is gone, its disk is full. What
 * was there is whole each time, and the next apply ends where an unbroken one does. Without the access guard, which
 * would put the host back meanwhile (guard.test.ts).
 */
const lab = useHosts({ bare: 1 });
const host = () => lab.host('bare1');
const SEED = Number(process.env.RUNBOOK_SEED ?? 20261124);
const LIMIT = { timeout: IN_DEPTH ? 3_000_000 : 240_000 };

const PLAY = `- hosts: fleet
  gather_facts: false
  tasks:
    - copy: {dest: /etc/app.conf, content: "{{ 'new ' * 3000 }}\\n", mode: "0640"}
      notify: told
    - lineinfile: {path: /etc/other.conf, line: more}
    - apt: {name: lab-hello}
    - user: {name: app, uid: 4242, create_home: false, shell: /usr/sbin/nologin}
    - copy: {dest: /etc/systemd/system/app.service, content: "[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n"}
    - systemd_service: {name: app, enabled: true, state: started, daemon_reload: true}
    - cron: {name: app, job: /bin/true, minute: "5"}
    - file: {path: /etc/issue.net, state: absent}
  handlers:
    - name: told
      copy: {dest: /etc/told, content: "told\\n", mode: "0600"}
`;

/** Stands still before the step with the number in /run/trap, until /run/go is there. */
const TRAP = `#!/bin/sh
case $* in
  */journal)
    n=$(($(cat /run/steps 2>/dev/null || echo 0) + 1))
    echo "$n" >/run/steps
    if [ "$n" = "$(cat /run/trap 2>/dev/null)" ]; then
      : >/run/trapped
      while [ ! -e /run/go ]; do sleep 0.05; done
    fi ;;
esac
exec /usr/bin/sync "$@"
`;

async function prepared(): Promise<void> {
  await host().reset();
  const { code, stderr } = await host().inside(
    `set -e; yes old | head -n 3000 >/etc/app.conf; echo old >/etc/other.conf; apt-get -qq update
cat >/usr/local/bin/sync; chmod 755 /usr/local/bin/sync; command -v sync`,
    { input: TRAP },
  );
  assert.equal(code, 0, stderr);
}

function apply(...more: readonly string[]) {
  const play = lab.write('each_step.yml', PLAY);
  return lab.runbook(['apply', play, '-i', lab.inventory(), '--yes', '--no-guard', ...more]);
}

/** Options that give a silent host up soon: not for a loaded machine, but where it is silent for good. */
function impatient(): readonly string[] {
  const given = /ssh_common_args: (.*)/.exec(readFileSync(lab.inventory(), 'utf8'))?.[1];
  const quick = `-o ServerAliveInterval=1 -o ServerAliveCountMax=3 ${given}`;
  return ['-i', lab.write('impatient', `[fleet]\nbare1 ansible_ssh_common_args='${quick}'\n`)];
}

/** What dpkg writes of its own accord, in its own steps. */
const DPKG = /^\/(var\/lib\/(dpkg|apt)|usr\/share\/(lab-hello|doc))\b/;
/** What comes and goes with a boot, and what crontab(1) writes the time into. */
const RESTLESS = [
  /^\/var\/lib\/systemd\b/,
  /^\/etc\/(mtab|resolv\.conf)$/,
  /^\/var\/spool\/cron\/crontabs\//,
  // Where the disk was full, apt leaves the new copy of its marks beside the old one.
  /^\/var\/lib\/apt\/extended_states\.\w{6}$/,
];

const state = (of: TestHost) => of.upper({ ignore: RESTLESS });

/** Nothing but what was there before, or what is there in the end; nothing is half written, and nothing is beside it. */
function assertWhole(
  now: readonly Difference[],
  before: readonly Difference[],
  after: readonly Difference[],
  when: string,
) {
  const entries = (of: readonly Difference[]) => new Map(of.map((one) => [one.path, one.after]));
  const [old, fresh] = [entries(before), entries(after)];
  const same = (a: Entry | null | undefined, b: Entry | null) => JSON.stringify(a) === JSON.stringify(b);
  for (const { path, before: base, after: found } of now) {
    if (DPKG.test(path)) continue;
    const known = [old.has(path) ? old.get(path) : base, fresh.has(path) ? fresh.get(path) : base];
    assert.ok(
      known.some((one) => same(one, found)),
      `${when}: ${path} is ${JSON.stringify(found)}`,
    );
  }
}

/** How an apply ends that nothing befalls, how many steps it has, and what was there before it. */
interface Unbroken {
  readonly before: readonly Difference[];
  readonly after: readonly Difference[];
  readonly steps: number;
}

async function unbroken(): Promise<Unbroken> {
  await prepared();
  const before = state(host());
  const run = await apply();
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const steps = Number((await host().inside('cat /run/steps')).stdout);
  assert.ok(steps >= 9, `${steps} steps`);
  return { before, after: state(host()), steps };
}

async function resumed(after: readonly Difference[], when: string): Promise<void> {
  const again = await apply('--lock-timeout', '30');
  assert.equal(again.code, 0, `${when}: ${again.stdout}${again.stderr}`);
  // Where all of the package was there already, dpkg's own journal is still to be merged, which it does when it runs next.
  const merged = await host().inside('[ ! -e /var/lib/dpkg/updates/0000 ] || dpkg --configure -a 2>&1');
  assert.deepEqual([merged.code, merged.stdout], [0, ''], when);
  assert.deepEqual(state(host()), after, `${when}: ${again.stdout}`);
  const { stdout } = await host().inside(
    'ls /var/lib/runbook/runs/*/unfinished 2>/dev/null; systemctl is-active app; crontab -l',
  );
  assert.equal(stdout, 'active\n#Ansible: app\n5 * * * * /bin/true\n', when);
}

/** `begin` when the step is about to be done, `end` when the run has given the host up. */
interface Fate {
  readonly name: string;
  readonly begin: () => unknown;
  readonly end: () => unknown;
}

const CABLE: Fate = { name: 'the cable out', begin: () => host().cut(), end: () => host().reconnect() };
const POWER: Fate = { name: 'the plug pulled', begin: () => host().stop(), end: () => host().start() };

async function befallen(fate: Fate, step: number, { before, after, steps }: Unbroken): Promise<void> {
  const when = `${fate.name} at step ${step} of ${steps}`;
  await prepared();
  await host().inside(`echo ${step} >/run/trap`);
  const running = apply(...impatient());
  let over = false;
  void running.finally(() => {
    over = true;
  });
  while (!over && (await host().inside('test -e /run/trapped')).code !== 0) await sleep(50);
  assert.equal(over, false, `${when}: ${over ? (await running).stdout : ''}`);
  await fate.begin();
  const run = await running;
  assert.equal(run.code, 4, `${when}: ${run.stdout}${run.stderr}`);
  await fate.end();
  await host().inside('rm -f /run/trap; touch /run/go');
  assertWhole(state(host()), before, after, when);
  await resumed(after, when);
}

async function atEachStep(fate: Fate): Promise<void> {
  const ends = await unbroken();
  for (let step = 1; step <= ends.steps; step++) await befallen(fate, step, ends);
}

/** So much room on the disk that it is full at another write each time, in bytes. */
const ROOMS = Array.from({ length: 40 }, (_, i) => Math.round(4096 * (1.35 ** i - 1)));

/** Gives whether the run came to its end all the same. */
async function filledUp(room: number, { before, after }: Unbroken): Promise<boolean> {
  const when = `room for ${room} bytes`;
  await prepared();
  await host().leaveRoom(room);
  const run = await apply();
  await host().leaveRoom(undefined);
  if (run.code === 0) return true;
  assert.equal(run.code, 3, `${when}: ${run.stdout}${run.stderr}`);
  assert.match(run.stdout, /No space left on device|no room|enough free space|error writing/i, when);
  assertWhole(state(host()), before, after, when);
  await resumed(after, when);
  return false;
}

if (!IN_DEPTH) {
  test('the cable is out at a step: what was there is whole, and is gone on with', LIMIT, async () => {
    const next = numbers(SEED);
    const ends = await unbroken();
    await befallen(CABLE, 1 + Math.floor(next() * ends.steps), ends);
  });
}

inDepth('the cable is out at each step in turn', LIMIT, () => atEachStep(CABLE));

inDepth('the plug is pulled at each step in turn', LIMIT, () => atEachStep(POWER));

inDepth('the disk is full at each write in turn', LIMIT, async (t) => {
  const ends = await unbroken();
  let full = 0;
  for (const room of ROOMS) {
    if (await filledUp(room, ends)) break;
    full += 1;
  }
  t.diagnostic(`full at ${full} writes`);
  assert.ok(full >= 10, `full at ${full} writes`);
});
