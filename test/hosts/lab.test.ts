import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { PASSWORDS } from '../lab/base.ts';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';
import { addHosts, closeLab, openLab } from '../lab/lab.ts';
import { isAlive, must, run, sleep } from '../lab/process.ts';
import { hostLink, hostRecords, hostRoot, type LabRecord, readLab } from '../lab/state.ts';
import { atTerminal } from '../lab/terminal.ts';

const LAB = join(import.meta.dirname, '../lab');
const lab = useHosts({ python: 1, bare: 1 });

suite('a host', () => {
  test('lets root, admin and ops in by key, each with its own kind of sudo', async () => {
    for (const host of lab.hosts) {
      assert.equal((await host.ssh('id -un')).stdout, 'root\n');
      assert.equal((await host.ssh('sudo -n id -un', { user: 'admin' })).stdout, 'root\n');
      assert.equal((await host.ssh('sudo -n id -un', { user: 'ops' })).code, 1);
      const asked = await host.ssh('sudo -S -p "" id -un', { user: 'ops', input: `${PASSWORDS.ops}\n` });
      assert.equal(asked.stdout, 'root\n');
    }
  });

  test('has Python or has none', async () => {
    assert.match((await lab.host('python1').ssh('python3 --version')).stdout, /^Python 3/);
    assert.match((await lab.host('bare1').ssh('command -v python3; ls /usr/bin | grep -c python')).stdout, /^0$/m);
  });

  test('is known by all its keys', async () => {
    for (const algorithm of ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512']) {
      const { address } = lab.host('bare1');
      const scanned = await must(['ssh-keyscan', '-T', '5', '-t', algorithm.replace('rsa-sha2-512', 'rsa'), address]);
      const [, type, key] = scanned.split('\n')[0]?.split(' ') ?? [];
      assert.ok(knownHosts().includes(`bare1,${address} ${type} ${key}\n`), scanned);
    }
  });

  test('keeps its services to itself', async () => {
    const sshd = 'systemctl show --property MainPID ssh';
    const other = await lab.host('python1').inside(sshd);
    const restart = await lab.host('bare1').inside('systemctl restart ssh');
    assert.equal(restart.code, 0);
    assert.ok(restart.ms < 10_000, `restart took ${restart.ms} ms`);
    assert.deepEqual((await lab.host('python1').inside(sshd)).stdout, other.stdout);
    assert.equal((await lab.host('python1').inside('systemctl is-active ssh')).stdout, 'active\n');
  });

  test('installs packages from the pool, in the version asked for', async () => {
    const host = lab.host('bare1');
    const version = 'dpkg-query -W lab-hello';
    assert.equal((await host.inside('apt-get update && apt-get install -y lab-hello=1.0')).code, 0);
    assert.equal((await host.inside(version)).stdout, 'lab-hello\t1.0\n');
    assert.equal((await host.inside('apt-get install -y lab-hello')).code, 0);
    assert.equal((await host.inside(version)).stdout, 'lab-hello\t2.0\n');
    assert.equal((await host.inside('apt-get install -y lab-program && dpkg-query -W lab-library')).code, 0);
    assert.equal((await host.inside('apt-get install -y lab-service && systemctl is-active lab-service')).code, 0);
    assert.equal((await host.inside('apt-get install -y lab-broken')).code, 100);
    assert.equal((await host.inside('apt-get install -y --dry-run fail2ban ufw unattended-upgrades')).code, 0);
  });
});

suite('upper', () => {
  test('is empty after a boot and a login', async () => {
    for (const host of lab.hosts) {
      await host.reset();
      await host.ssh('true');
      await host.ssh('sudo -n true', { user: 'admin' });
      assert.deepEqual(host.upper(), []);
    }
  });

  test('says what changed, and only that', async () => {
    const host = lab.host('bare1');
    await host.reset();
    const script = [
      'chmod 0600 /etc/crontab',
      'rm /etc/motd',
      'rm -r /etc/cron.d && mkdir -m 0755 /etc/cron.d', // hides what was in it
      'printf hi > /opt/new && chown 1000:100 /opt/new',
      'ln -s /opt /srv/link',
      'touch /etc/issue', // only its time
      'cp /etc/hosts /tmp/x && cat /tmp/x > /etc/hosts', // written, not changed
      'mkfifo -m 0640 /opt/pipe',
    ];
    assert.equal((await host.inside(script.join(' && '))).code, 0);
    const seen = host.upper().map(({ path, before, after }) => [path, before?.mode ?? null, after?.mode ?? null]);
    assert.deepEqual(seen, [
      ['/etc/cron.d/.placeholder', '0644', null],
      ['/etc/cron.d/e2scrub_all', '0644', null],
      ['/etc/crontab', '0644', '0600'],
      ['/etc/motd', '0644', null],
      ['/opt/new', null, '0644'],
      ['/opt/pipe', null, '0640'],
      ['/srv/link', null, '0777'],
    ]);
    assert.deepEqual(host.upper().find(({ path }) => path === '/opt/new')?.after, {
      type: 'file',
      mode: '0644',
      uid: 1000,
      gid: 100,
      content: '8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4', // sha256sum of hi
    });
  });

  test('is empty again after a reset', async () => {
    await lab.host('bare1').reset();
    assert.deepEqual(lab.host('bare1').upper(), []);
  });
});

suite('trouble', () => {
  test('the plug pulled and the host switched on again: what was written is there', async () => {
    const host = lab.host('bare1');
    await host.inside('echo kept > /opt/kept');
    host.stop();
    assert.equal((await host.ssh('true', { timeoutMs: 1000 })).code, 124);
    await host.start();
    assert.equal((await host.ssh('cat /opt/kept')).stdout, 'kept\n');
  });

  test('the cable out and in again', async () => {
    const host = lab.host('bare1');
    await host.cut();
    assert.equal((await host.ssh('true', { timeoutMs: 1000 })).code, 124);
    assert.equal((await host.inside('true')).code, 0);
    await host.reconnect();
    assert.equal((await host.ssh('true')).code, 0);
  });

  test('a host that hangs', async () => {
    const host = lab.host('bare1');
    host.freeze();
    assert.equal((await host.ssh('true', { timeoutMs: 1000 })).code, 124);
    host.thaw();
    assert.equal((await host.ssh('true')).code, 0);
  });

  test('a full disk', async () => {
    const host = lab.host('bare1');
    await host.fill('/etc');
    const { code, stderr } = await host.ssh('cat /etc/hostname && echo text > /etc/new');
    assert.equal(code, 1);
    assert.match(stderr, /No space left on device/);
    await host.restore('/etc');
    assert.equal((await host.ssh('echo text > /etc/new')).code, 0);
  });

  test('a read-only file system', async () => {
    const host = lab.host('bare1');
    await host.readOnly('/etc');
    assert.match((await host.ssh('echo text > /etc/new')).stderr, /Read-only file system/);
    await host.restore('/etc');
    assert.equal((await host.ssh('echo text > /etc/new')).code, 0);
  });
});

inDepth('ansible-playbook manages a Python host by the inventory', {}, async () => {
  const host = lab.host('python1');
  await host.reset();
  const play = lab.write(
    'play.yml',
    `- hosts: python
  tasks:
    - copy: {dest: /opt/greeting, content: "hello\\n", mode: "0640"}
`,
  );
  for (const changed of [1, 0]) {
    const { code, stdout, stderr } = await lab.ansible(['-i', lab.inventory(), play]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, new RegExp(`python1 .*changed=${changed} `));
    assert.deepEqual(
      host.upper().map(({ path, after }) => [path, after?.mode]),
      [['/opt/greeting', '0640']],
    );
  }
});

suite('a terminal', () => {
  const ask = 'stty -echo; printf "name? "; read -r name; printf "sure? "; read -r sure; echo "$name-$sure"; exit 3';
  const command = { argv: ['sh', '-c', `[ -t 0 ] && [ -t 1 ] && ${ask}`], env: { PATH: process.env.PATH }, cwd: '/' };

  test('answers what is asked, in order', async () => {
    const turns = [
      { when: /name\? $/, type: "it's\r" },
      { when: /sure\? $/, type: 'yes\r' },
    ];
    const { code, screen } = await atTerminal(command, turns);
    assert.deepEqual([code, screen.replaceAll('\r', '')], [3, "name? sure? it's-yes\n"]);
  });

  test('gives up on a program that waits for what nobody types', async () => {
    const { code, screen, turns } = await atTerminal(command, [{ when: /colou?r/, type: 'red\r' }], 300);
    assert.deepEqual([code, screen, turns], [124, 'name? ', 0]);
  });
});

suite('labs', () => {
  test('several at once are apart, and a closed one leaves nothing', async () => {
    const second = await openLab();
    let record: LabRecord;
    try {
      await addHosts(second, { bare: 1 });
      record = second.record;
      const [host] = second.hosts();
      assert.notEqual(host?.address, lab.host('bare1').address);
      assert.equal((await host?.ssh('hostname'))?.stdout, 'bare1\n');
      assert.equal((await lab.host('bare1').ssh('hostname')).stdout, 'bare1\n');
    } finally {
      assert.equal(hostRecords(second.record).length, 1);
      await assertGone(second.record, () => closeLab(second));
    }
    assert.equal(existsSync(record.dir), false);
  });

  test('one whose owner was killed is removed by the next', async () => {
    const { record, end } = await holdLab();
    await end('SIGKILL');
    const [host] = hostRecords(record);
    assert.ok(host?.process && isAlive(host.process), 'its host goes on');
    await assertGone(record, async () => closeLab(await openLab()));
  });

  test('one whose owner was interrupted is removed by it', async () => {
    const { record, end } = await holdLab();
    await assertGone(record, () => end('SIGTERM'));
  });
});

test('an interrupted build of the bases leaves nothing that looks whole', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'runbook-lab-test-'));
  after(() => rmSync(cache, { recursive: true, force: true }));
  const target = join(cache, 'base');
  const build = spawn('unshare', ['--mount', join(LAB, 'build.sh'), target, 'bookworm', 'x', 'y'], {
    detached: true,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => build.once('close', resolve));
  while (!existsSync(`${target}.partial/bare`)) await sleep(20);
  assert.ok(build.pid);
  process.kill(-build.pid, 'SIGKILL');
  await ended;
  assert.equal(existsSync(target), false);
  assert.equal((await run(['flock', '--timeout', '10', join(cache, 'lock'), 'true'])).code, 0);
});

function knownHosts(): string {
  const inventory = readFileSync(lab.inventory(), 'utf8');
  return readFileSync(/UserKnownHostsFile=(\S+)/.exec(inventory)?.[1] ?? '', 'utf8');
}

/** A lab of another process, with one bare host. */
async function holdLab(): Promise<{ record: LabRecord; end: (signal: NodeJS.Signals) => Promise<void> }> {
  const holder = spawn(process.execPath, ['--import', 'tsx', join(LAB, 'hold.ts'), '0', '1']);
  const ended = new Promise<void>((resolve) => holder.once('close', () => resolve()));
  const dir = await new Promise<string>((resolve, reject) => {
    holder.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()));
    void ended.then(() => reject(new Error('the holder ended')));
  });
  const record = readLab(dir);
  assert.ok(record);
  return {
    record,
    end: (signal) => {
      holder.kill(signal);
      return ended;
    },
  };
}

/** Everything the lab has on this machine is there before `remove`, and nothing after it. */
async function assertGone(record: LabRecord, remove: () => void | Promise<void>): Promise<void> {
  const hosts = hostRecords(record);
  assert.ok(hosts.length > 0);
  const left = () => {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    return hosts.map((host) => ({
      folder: existsSync(join(record.dir, 'lab.json')),
      mounted: mounts.includes(` ${hostRoot(record, host)} `),
      link: existsSync(`/sys/class/net/${hostLink(host)}`),
      bridge: existsSync(`/sys/class/net/rb-lab${record.slot}`),
      process: host.process !== null && isAlive(host.process),
    }));
  };
  const all = { folder: true, mounted: true, link: true, bridge: true, process: true };
  const none = { folder: false, mounted: false, link: false, bridge: false, process: false };
  assert.deepEqual(
    left(),
    hosts.map(() => all),
  );
  await remove();
  // Another lab may have taken the slot meanwhile: then its record is a new one.
  if (readLab(record.dir) === null)
    assert.deepEqual(
      left(),
      hosts.map(() => none),
    );
  for (const host of hosts) assert.ok(host.process === null || !isAlive(host.process));
}
