import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { opens } from '../lab/acme.ts';
import { useHosts } from '../lab/hosts.ts';
import { run, sleep } from '../lab/process.ts';

const lab = useHosts({ bare: 2 });
const LIMIT = { timeout: 600_000 };
const [server, watcher] = [() => lab.host('bare1'), () => lab.host('bare2')];
const playbook = (name: string) => join(import.meta.dirname, '..', '..', 'playbooks', `${name}.yml`);
const PORTS = [22, 80, 443, 8000, 9090, 3001, 5000];

const runbook = (command: string, ...more: string[]) =>
  lab.runbook(
    [
      ...[command, playbook('firewall'), playbook('fail2ban'), '-i', lab.inventory(), '-l', 'bare1'],
      ...['-e', JSON.stringify({ firewall_monitoring_addresses: [watcher().address] })],
      ...(command === 'plan' ? ['--detailed-exitcode'] : ['--yes']),
      ...more,
    ],
    { timeoutMs: 500_000 },
  );

/** Which ports the watcher gets a connection to. */
const scan = async (address: string) => {
  const script = PORTS.map(
    (port) => `{ timeout 2 bash -c 'exec 3<>/dev/tcp/${address}/${port}' 2>/dev/null && echo ${port}; } &`,
  );
  const { stdout } = await watcher().inside(`${script.join('\n')}\nwait`);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(Number)
    .sort((a, b) => a - b);
};

test('a firewall and fail2ban, in one run and for good', LIMIT, async () => {
  const before = await runbook('plan');
  assert.equal(before.code, 2, before.stdout + before.stderr);
  const applied = await runbook('apply');
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
  const again = await runbook('plan');
  assert.equal(again.code, 0, again.stdout + again.stderr);
});

test('what is open is open for whom it is, by IPv6 as well', LIMIT, async () => {
  const listen = PORTS.filter((port) => port !== 22)
    .map((port) => `systemd-run -q systemd-socket-activate -a --inetd -l ${port} cat`)
    .join('\n');
  await server().inside(listen);
  assert.deepEqual(await scan(server().address), [22, 80, 443, 3001, 9090]);
  const others = await Promise.all(PORTS.map(async (port) => ((await opens(server().address, port)) ? [port] : [])));
  assert.deepEqual(others.flat(), [22, 80, 443]);
  await server().inside('ip -6 address add fd00:213::101/64 dev host0 nodad');
  await watcher().inside('ip -6 address add fd00:213::102/64 dev host0 nodad');
  assert.deepEqual(await scan('fd00:213::101'), [22, 80, 443]);
  const inside = await server().inside("timeout 2 bash -c 'exec 3<>/dev/tcp/127.0.0.1/8000' && echo open");
  assert.equal(inside.stdout, 'open\n', 'the host itself reaches its internal ports');
});

test('whoever guesses is shut out, and the controller never', LIMIT, async () => {
  // Nobody of that name is there.
  const guess = `ssh -o BatchMode=yes -o ConnectTimeout=5 -o StrictHostKeyChecking=no guess@${server().address} true`;
  const from = (script: string) => watcher().inside(script);
  const banned = async () => (await server().inside('fail2ban-client get sshd banip')).stdout.trim();
  // Wrong logins of our own do not count.
  const own = Array.from({ length: 5 }, () => run(['ssh', '-F', 'none', ...guess.split(' ').slice(1)]));
  await Promise.all([...own, from(`for n in 1 2 3 4 5; do ${guess} & done; wait`)]);
  for (let waited = 0; waited < 120 && (await banned()) === ''; waited++) await sleep(250);
  assert.equal(await banned(), watcher().address);
  const open = async () => (await from(`timeout 3 bash -c 'exec 3<>/dev/tcp/${server().address}/22'`)).code === 0;
  for (let waited = 0; waited < 40 && (await open()); waited++) await sleep(250);
  assert.equal(await open(), false, 'no connection comes about');
  assert.equal((await server().ssh('true')).code, 0, 'the controller still comes in');
  const ignored = (await server().inside('fail2ban-client get sshd ignoreip')).stdout;
  assert.ok(ignored.includes(server().address.replace(/\d+$/, '1')), ignored);
});
