import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { contentOf } from '../../engine/resources/content.ts';
import { path, pathType } from '../../engine/resources/path.ts';
import type { FileValue, PathValue } from '../../engine/resources/path_value.ts';
import { samePath } from '../../engine/resources/path_value.ts';
import { connect, createKeyRing } from '../../engine/transport/connect.ts';
import { LOGIN } from '../../engine/transport/connection.ts';
import { runProgram } from './local_shell.ts';

let root = '';
const mounts: string[] = [];
before(() => {
  root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'rb-safety-')));
  fs.chmodSync(root, 0o755);
});
after(() => {
  for (const dir of mounts) execFileSync('umount', [dir]);
  fs.rmSync(root, { recursive: true, force: true });
});

/** A file system of its own, of this many bytes. */
function disk(name: string, size: string): string {
  const dir = join(root, name);
  fs.mkdirSync(dir);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'rb-test', dir]);
  mounts.push(dir);
  return dir;
}

function change(id: string, from: PathValue | null, to: PathValue | null) {
  return pathType.transition([{ ref: path(id), before: from, after: to, options: {} }]);
}

function valueAt(id: string): PathValue | null {
  const refs = [path(id, 'content')];
  const [seen] = pathType.parse(runProgram(pathType.collect(refs)), refs);
  assert.ok(seen !== undefined && 'value' in seen, JSON.stringify(seen));
  return seen.value as PathValue | null;
}

const file = (bytes: Uint8Array, mode = 0o644): FileValue => ({
  kind: 'file',
  mode,
  owner: 'root',
  group: 'root',
  content: contentOf(bytes),
});

describe('a path change that cannot be completed', () => {
  for (const [what, size] of [
    ['inline', 60_000],
    ['attached', 300_000],
  ] as const) {
    it(`leaves the old file whole on a full disk (${what})`, () => {
      const dir = disk(`full-${what}`, '64k');
      const id = join(dir, 'f');
      fs.writeFileSync(id, 'o'.repeat(30_000), { mode: 0o640 });
      const before = valueAt(id);
      const answer = runProgram(change(id, before, file(Buffer.alloc(size, 'n'))));
      assert.notEqual(answer.status, 0);
      assert.match(answer.stderr.toString(), /No space left|I\/O error|write error/);
      assert.ok(samePath(valueAt(id), before));
      assert.deepEqual(fs.readdirSync(dir), ['f']);
    });
  }

  it('leaves the old file whole on a read-only file system', () => {
    const dir = disk('read-only', '64k');
    const id = join(dir, 'f');
    fs.writeFileSync(id, 'old');
    execFileSync('mount', ['-o', 'remount,ro', dir]);
    const before = valueAt(id);
    for (const to of [file(Buffer.from('new')), file(Buffer.from('old'), 0o600), null]) {
      const answer = runProgram(change(id, before, to));
      assert.notEqual(answer.status, 0);
      assert.match(answer.stderr.toString(), /Read-only file system/);
    }
    assert.ok(samePath(valueAt(id), before));
  });

  it('leaves the old file whole in a directory that may not be written', () => {
    const dir = join(root, 'closed');
    fs.mkdirSync(dir, { mode: 0o755 });
    const id = join(dir, 'f');
    fs.writeFileSync(id, 'old');
    const before = valueAt(id);
    const answer = runProgram(change(id, before, file(Buffer.from('new'))), 'dash', { uid: 65534 });
    assert.notEqual(answer.status, 0);
    assert.match(answer.stderr.toString(), /Permission denied/);
    assert.ok(samePath(valueAt(id), before));
    assert.deepEqual(fs.readdirSync(dir), ['f']);
  });

  it('leaves the old file whole where a mount point holds it, unless told to write into it', () => {
    const dir = join(root, 'bound');
    fs.mkdirSync(dir);
    for (const name of ['source', 'f']) fs.writeFileSync(join(dir, name), 'old');
    const id = join(dir, 'f');
    execFileSync('mount', ['--bind', join(dir, 'source'), id]);
    mounts.push(id);
    const before = valueAt(id);
    const to = file(Buffer.from('new'));
    const refused = runProgram(change(id, before, to));
    assert.notEqual(refused.status, 0);
    assert.match(refused.stderr.toString(), /busy/);
    assert.equal(fs.readFileSync(id, 'utf8'), 'old');
    const options = { unsafeWrites: true };
    runProgram(pathType.transition([{ ref: path(id), before, after: to, options }]));
    assert.equal(fs.readFileSync(join(dir, 'source'), 'utf8'), 'new');
    assert.deepEqual(fs.readdirSync(dir).sort(), ['f', 'source']);
  });
});

describe('a look at a path', () => {
  it('takes a file that grows as it is at one moment', async () => {
    const id = join(root, 'growing');
    fs.writeFileSync(id, 'line\n');
    const writer = spawn('dash', ['-c', 'while echo line; do :; done >>"$1"', 'dash', id], { stdio: 'ignore' });
    const ended = once(writer, 'exit');
    try {
      for (let i = 0; i < 10; i++) {
        const refs = [path(id, 'content', 'whole'), path(join(root, 'beside'), 'content')];
        fs.writeFileSync(join(root, 'beside'), 'untouched');
        const [seen, beside] = pathType.parse(runProgram(pathType.collect(refs)), refs);
        assert.ok(seen !== undefined && 'value' in seen, JSON.stringify(seen));
        assert.match((seen.value as { content: { text: string } }).content.text, /^(?:line\n)*(?:l|li|lin|line)?$/);
        assert.ok(beside !== undefined && 'value' in beside && JSON.stringify(beside.value).includes('untouched'));
        fs.truncateSync(id, 0);
      }
    } finally {
      writer.kill();
      await ended;
    }
  });

  it('reads what a link to a file of the kernel leads to, at the second look', () => {
    const id = join(root, 'mounts');
    fs.symlinkSync('/proc/sys/kernel/ostype', id);
    const first = [path(id, 'content')];
    const seen = pathType.parse(runProgram(pathType.collect(first)), first);
    const target = seen.find((one) => one.ref.id === '/proc/sys/kernel/ostype');
    assert.deepEqual(target?.ref.aspects, []);
    assert.equal(JSON.stringify((valueAt('/proc/sys/kernel/ostype') as FileValue).content), '{"text":"Linux\\n"}');
  });

  it('does not wait for a file of the kernel that never ends', () => {
    const refs = [path('/proc/kmsg', 'content'), path('/proc/version', 'content')];
    const began = Date.now();
    const [endless, version] = pathType.parse(runProgram(pathType.collect(refs), 'dash', { timeout: 30_000 }), refs);
    assert.ok(Date.now() - began < 25_000);
    assert.ok(
      endless !== undefined && ('error' in endless || endless.value === null),
      JSON.stringify(endless).slice(0, 200),
    );
    assert.ok(version !== undefined && 'value' in version);
  });
});

describe('a path change', () => {
  it('is made over a real connection, attachments and all', async () => {
    const noBecome = { enabled: false, user: 'root', method: 'sudo', password: undefined } as const;
    const connection = await connect('here', { kind: 'local' }, noBecome, { keys: createKeyRing() });
    try {
      const shell = await connection.shell(LOGIN);
      const dir = join(root, 'real');
      fs.mkdirSync(dir);
      const wishes = ['small', 'x'.repeat(100_000), ''].map((text, i) => {
        return {
          ref: path(join(dir, `it's ${i}\n`)),
          before: null,
          after: file(Buffer.from(text), 0o640),
          options: {},
        };
      });
      const refs = wishes.map(({ ref }) => path(ref.id, 'content', 'sha1'));
      const [made, looked] = await shell.ask([pathType.transition(wishes), pathType.collect([...refs, path(dir)])]);
      assert.equal(Buffer.from(made?.stderr ?? []).toString(), '');
      assert.equal(made?.status, 0);
      assert.ok(looked);
      pathType.parse(looked, refs).forEach((seen, i) => {
        assert.ok(
          'value' in seen && samePath(seen.value as PathValue, wishes[i]?.after ?? null),
          JSON.stringify(seen).slice(0, 300),
        );
      });
      const [bad] = await shell.ask([
        pathType.transition([{ ...wishes[0], ref: path('/no/such/dir/x') } as (typeof wishes)[0]]),
      ]);
      assert.notEqual(bad?.status, 0);
    } finally {
      await connection.close();
    }
  });

  it('writes 100 MB', () => {
    const id = join(root, 'huge');
    const to = file(Buffer.alloc(100_000_000, 'h'));
    const program = change(id, null, to);
    assert.ok(program.text.length < 4000, 'the bytes go as an attachment');
    const answer = runProgram(program);
    assert.equal(answer.stderr.toString(), '');
    assert.equal(fs.statSync(id).size, 100_000_000);
    assert.ok(samePath(valueAt(id), to));
  });

  it('is never seen half done', async () => {
    const id = join(root, 'watched');
    const versions = [file(Buffer.alloc(60_000, 'a'), 0o600), file(Buffer.alloc(40_000, 'b'), 0o640)] as const;
    runProgram(change(id, null, versions[0]));
    const there = change(id, versions[0], versions[1]).text;
    const back = change(id, versions[1], versions[0]).text;
    const child = spawn('dash', [], {
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const ended = once(child, 'exit');
    child.stdin.end(`for i in 1 2 3 4 5 6; do\n${there}\n${back}\ndone\n`);
    const seen = new Set<string>();
    while (child.exitCode === null) {
      const handle = fs.openSync(id, 'r');
      const { mode } = fs.fstatSync(handle);
      const text = fs.readFileSync(handle, 'utf8');
      fs.closeSync(handle);
      seen.add(`${text.length} ${new Set(text).size} ${text[0]} ${(mode & 0o777).toString(8)}`);
      await new Promise(setImmediate);
    }
    assert.deepEqual(await ended, [0, null]);
    assert.deepEqual([...seen].sort(), ['40000 1 b 640', '60000 1 a 600']);
  });

  it('shows nobody the new content before it has its final mode', async () => {
    const dir = join(root, 'private');
    fs.mkdirSync(dir, { mode: 0o755 });
    const id = join(dir, 'f');
    fs.writeFileSync(id, 'old', { mode: 0o644 });
    const { text } = pathType.transition([
      {
        ref: path(id),
        before: valueAt(id),
        after: file(Buffer.from('secret'), 0o600),
        // Holds the change open at its last moment before the rename.
        options: { validate: "sh -c 'sleep 0.5' %s" },
      },
    ]);
    const child = spawn('dash', [], {
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const ended = once(child, 'exit');
    child.stdin.end(text);
    let met = 0;
    while (child.exitCode === null) {
      for (const name of fs.readdirSync(dir).filter((n) => n !== 'f')) {
        const mode = fs.statSync(join(dir, name), { throwIfNoEntry: false })?.mode;
        if (mode === undefined) continue;
        assert.equal(mode & 0o777, 0o700);
        met += 1;
      }
      await new Promise((done) => setTimeout(done, 5));
    }
    assert.deepEqual(await ended, [0, null]);
    assert.ok(met > 0, 'the workshop was seen');
    assert.equal(fs.readFileSync(id, 'utf8'), 'secret');
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const dir = join(root, 'interrupted');
    fs.mkdirSync(dir);
    const id = join(dir, 'f');
    fs.writeFileSync(id, 'old');
    const { text } = pathType.transition([
      {
        ref: path(id),
        before: valueAt(id),
        after: file(Buffer.from('new')),
        options: { validate: "sh -c 'sleep 5' %s" },
      },
    ]);
    const child = spawn('dash', [], {
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const ended = once(child, 'exit');
    child.stdin.end(text);
    while (fs.readdirSync(dir).length < 2) await new Promise((done) => setTimeout(done, 10));
    await new Promise((done) => setTimeout(done, 200));
    process.kill(-(child.pid as number), 'SIGTERM');
    await ended;
    for (let i = 0; i < 100 && fs.readdirSync(dir).length > 1; i++) await new Promise((done) => setTimeout(done, 20));
    assert.deepEqual(fs.readdirSync(dir), ['f']);
    assert.equal(fs.readFileSync(id, 'utf8'), 'old');
  });
});
