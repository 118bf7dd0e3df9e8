import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { entryOf, startOf } from '../../engine/transport/become.ts';
import { content } from '../../engine/transport/sh.ts';
import { archive, stagingScript } from '../../engine/transport/staging.ts';
import { stopProgram } from '../../engine/transport/stop.ts';

function shellcheck(text: string): void {
  const { stdout } = spawnSync('shellcheck', ['-s', 'sh', '-'], { input: `#!/bin/sh\n${text}\n` });
  assert.equal(stdout.toString(), '');
}

test('the generated programs are clean for shellcheck', () => {
  shellcheck(stopProgram({ pid: 4711, ageMs: 0, shell: true }).text);
  shellcheck(stopProgram({ pid: 4711, ageMs: 500, shell: false }).text);
  const names = [0, 1].map((i) => createHash('sha256').update(String(i)).digest('hex'));
  shellcheck(stagingScript('runbook-x', names, true).text);
  shellcheck(stagingScript('runbook-x', names, false).text);
});

for (const shell of [['dash'], ['bash', '--norc', '--posix'], ['busybox', 'sh']]) {
  test(`${shell[0]}: what is staged arrives whole, private, and not at all if it is cut off`, () => {
    const dir = mkdtempSync(join(tmpdir(), 'runbook-staging-'));
    const run = (script: string, input: Uint8Array) =>
      spawnSync(shell[0] as string, [...shell.slice(1), '-c', script], {
        input,
        env: { PATH: process.env.PATH, TMPDIR: dir },
      });
    try {
      const files = [70_000, 1_000_000, 65_536 + 512].flatMap(
        (size, i) => content(Buffer.alloc(size, i + 65)).attachments,
      );
      const names = files.map((file) => file.name);
      const whole = Buffer.concat([...archive(files)]);
      const first = stagingScript('s', names, true).text;
      const cut = run(first, whole.subarray(0, 900_000));
      assert.notEqual(cut.status, 0);
      assert.deepEqual(readdirSync(dir), []);
      const spoiled = Buffer.from(whole);
      spoiled[600] = 0;
      assert.notEqual(run(first, spoiled).status, 0);
      assert.deepEqual(readdirSync(dir), []);

      const { status, stdout, stderr } = run(first, whole);
      assert.deepEqual([status, stdout.toString(), stderr.toString()], [0, '', '']);
      assert.equal(statSync(join(dir, 's')).mode & 0o777, 0o700);
      for (const file of files) {
        assert.deepEqual(readFileSync(join(dir, 's', file.name)), file.bytes);
        assert.equal(statSync(join(dir, 's', file.name)).mode & 0o777, 0o600);
      }
      // Somebody else's directory is not used; a later transfer does not lose the earlier ones.
      assert.notEqual(run(first, whole).status, 0);
      const more = content(Buffer.alloc(80_000, 'z')).attachments;
      const later = stagingScript(
        's',
        more.map((file) => file.name),
        false,
      ).text;
      assert.notEqual(run(later, Buffer.alloc(0)).status, 0);
      assert.equal(run(later, Buffer.concat([...archive(more)])).status, 0);
      assert.equal(readdirSync(join(dir, 's')).length, 4);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
}

test('the archive is what tar reads', () => {
  const files = content(Buffer.alloc(100_000, 'a')).attachments;
  const listing = execFileSync('tar', ['-tvf', '-'], { input: Buffer.concat([...archive(files)]) }).toString();
  assert.match(listing, /^-rw------- 0\/0 +100000 1970-01-01 /);
});

const become = (password?: string) => ({ enabled: true, user: 'root', method: 'sudo' as const, password });

test('how a program is started as an identity', () => {
  const start = (login: string, user: string | null, method: 'sudo' | 'su', password?: string, script?: string) =>
    startOf(entryOf('h', login, { user, method }, become(password)), script);
  assert.deepEqual(start('deploy', null, 'sudo'), { command: 'sh', gate: undefined });
  assert.deepEqual(start('root', 'root', 'sudo', 'secret'), { command: 'sh', gate: undefined });
  assert.equal(start('deploy', null, 'su', undefined, "echo 'x'").command, "sh -c 'echo '\\''x'\\'''");
  assert.deepEqual(start('deploy', 'root', 'sudo'), {
    command: 'env LC_ALL=C sudo -H -n -u root -- sh',
    gate: undefined,
  });
  assert.deepEqual(start('root', 'www-data', 'sudo', 'secret'), {
    command: 'env LC_ALL=C sudo -H -n -u www-data -- sh',
    gate: undefined,
  });
  assert.deepEqual(start('root', 'www-data', 'su', 'secret'), {
    command: "env LC_ALL=C su -s /bin/sh -c 'exec sh' -- www-data",
    gate: undefined,
  });
  const sudo = start('deploy', 'root', 'sudo', 'secret');
  assert.match(
    sudo.command,
    /^env LC_ALL=C sudo -H -S -p '\[runbook [0-9a-f]{32}\] password: ' -u root -- sh -c 'echo runbook-open-[0-9a-f]{32} >&2; exec sh'$/,
  );
  assert.ok(!sudo.command.includes('secret'));
  const other = start('deploy', 'root', 'sudo', 'secret');
  assert.notEqual(other.gate?.mark, sudo.gate?.mark);
  const su = start('deploy', "o'dd; user", 'su', 'secret');
  assert.match(
    su.command,
    /^env LC_ALL=C su -s \/bin\/sh -c 'echo runbook-open-[0-9a-f]{32} >&2; exec sh' -- 'o'\\''dd; user'$/,
  );
  assert.ok(su.gate?.prompt.test('Password: '));
  assert.ok(start('deploy', 'root', 'su').gate !== undefined, 'su may ask even where no password is known');
});

test('stopping ends what is below a shell, whatever it ignores, and not the shell', async () => {
  // Told from those of another run of this test, which may be under way beside it.
  const sleep = `sleep 4700.${process.pid}`;
  const script = `(trap '' TERM; ${sleep}1; ${sleep}1) & sh -c '${sleep}2 & ${sleep}2'; echo over; read -r line`;
  const asleep = () => running(new RegExp(`^${sleep}[12]$`));
  const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  while (asleep() < 3) await delay(20);
  const pid = child.pid as number;
  // One that is younger than the question that was meant is let be.
  assert.equal(spawnSync('sh', { input: stopProgram({ pid, ageMs: 3_600_000, shell: false }).text }).status, 0);
  assert.equal(asleep(), 3);
  const { status, stderr } = spawnSync('sh', { input: stopProgram({ pid, ageMs: 0, shell: false }).text });
  assert.deepEqual([status, stderr.toString()], [0, '']);
  assert.equal(asleep(), 0);
  for (let i = 0; said === '' && i < 100; i++) await delay(20);
  assert.equal(said, 'over\n');
  assert.equal(child.exitCode, null);
  // The shell too, which is asked and has its trap.
  const ended = once(child, 'exit');
  assert.equal(spawnSync('sh', { input: stopProgram({ pid, ageMs: 0, shell: true }).text }).status, 0);
  assert.deepEqual(await ended, [null, 'SIGTERM']);
});

function running(args: RegExp): number {
  return execFileSync('ps', ['-A', '-o', 'args='])
    .toString()
    .split('\n')
    .filter((line) => args.test(line)).length;
}
