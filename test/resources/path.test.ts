import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { ChangeOptions, Seen } from '../../engine/planning/contracts.ts';
import { contentOf } from '../../engine/resources/content.ts';
import { path, pathType } from '../../engine/resources/path.ts';
import type { PathAspect } from '../../engine/resources/path_look.ts';
import type { FileValue, LinkValue, PathValue } from '../../engine/resources/path_value.ts';
import { samePath } from '../../engine/resources/path_value.ts';
import { runProgram, SHELLS, type ShellName } from './local_shell.ts';

let root = '';
before(() => {
  // In memory where there is such a place: every change is flushed to disk.
  root = fs.realpathSync(fs.mkdtempSync(join(fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rb-path-')));
  fs.chmodSync(root, 0o755);
});
after(() => fs.rmSync(root, { recursive: true, force: true }));

/** A directory of its own for each test. */
function room(name: string): string {
  const dir = join(root, name);
  fs.mkdirSync(dir, { mode: 0o755 });
  return dir;
}

function look(
  ids: readonly string[],
  aspects: readonly PathAspect[] = ['content'],
  shell: ShellName = 'dash',
  uid?: number,
) {
  const refs = ids.map((id) => path(id, ...aspects));
  const answer = runProgram(pathType.collect(refs), shell, { timeout: 20_000, ...(uid !== undefined && { uid }) });
  return pathType.parse(answer, refs) as readonly Seen<PathValue>[];
}

function valueAt(id: string, ...aspects: PathAspect[]): PathValue | null {
  const [seen] = look([id], aspects.length > 0 ? aspects : ['content']);
  assert.ok(seen !== undefined && 'value' in seen, `${id}: ${JSON.stringify(seen)}`);
  return seen.value;
}

interface Move {
  readonly id: string;
  readonly from: PathValue | null;
  readonly to: PathValue | null;
  readonly options?: ChangeOptions;
}

function run(moves: readonly Move[], shell: ShellName = 'dash', uid?: number) {
  const changes = moves.map(({ id, from, to, options = {} }) => ({ ref: path(id), before: from, after: to, options }));
  return runProgram(pathType.transition(changes), shell, { timeout: 60_000, ...(uid !== undefined && { uid }) });
}

function succeed(moves: readonly Move[], shell: ShellName = 'dash', uid?: number): void {
  const answer = run(moves, shell, uid);
  assert.equal(answer.stderr.toString(), '');
  assert.equal(answer.status, 0);
}

const file = (text: string, more: Partial<FileValue> = {}): FileValue => ({
  kind: 'file',
  mode: 0o644,
  owner: 'root',
  group: 'root',
  content: { text },
  ...more,
});

const KINDS: readonly (readonly [string, PathValue | null])[] = [
  ['absent', null],
  ['empty', file('', { mode: 0o600 })],
  ['text', file("it's\n$HOME `id` \\n \\\\ %s\n")],
  ['setuid', file('#!/bin/sh\n', { mode: 0o6755, owner: 'daemon', group: 'daemon' })],
  ['bytes', file('', { content: contentOf(Buffer.from([0, 255, 10, 0, 128])), mode: 0o440, group: 'adm' })],
  ['large', file('', { content: contentOf(Buffer.alloc(300_000, 'x')), owner: '54321', group: '54321' })],
  ['directory', { kind: 'directory', mode: 0o2750, owner: 'daemon', group: 'adm' }],
  ['link', { kind: 'link', target: "../nowhere/it's $(here)", owner: 'daemon', group: 'daemon' }],
];

for (const shell of SHELLS) {
  describe(`path in ${shell}`, () => {
    it('makes every kind out of every other', () => {
      const dir = room(`matrix-${shell}`);
      // The programs are the same; of the second shell a sample is enough.
      const kinds = shell === 'dash' ? KINDS : KINDS.filter(([name]) => /absent|text|setuid|directory/.test(name));
      const moves = kinds.flatMap(([a, from]) =>
        kinds.map(([b, to]): Move => ({ id: join(dir, `${a}-${b}`), from, to })),
      );
      const real = moves.filter(({ from, to }) => from !== to);
      succeed(
        real.filter((m) => m.from !== null).map(({ id, from }) => ({ id, from: null, to: from })),
        shell,
      );
      succeed(real, shell);
      const seen = look(
        real.map((m) => m.id),
        ['content'],
        shell,
      );
      real.forEach(({ id, to }, i) => {
        const one = seen[i] as Seen<PathValue>;
        assert.ok('value' in one, JSON.stringify(one));
        assert.ok(samePath(one.value, to), `${id}: ${JSON.stringify(one.value)}`);
      });
      assert.deepEqual(
        fs.readdirSync(dir).filter((name) => name.startsWith('.')),
        [],
        'nothing is left over',
      );
    });

    it('takes any name there can be', () => {
      const dir = room(`names-${shell}`);
      const hostile = fc.constantFrom(
        "'",
        '"',
        '$(id)',
        '`id`',
        '\n',
        ' ',
        '-',
        '*',
        '\\',
        '%s',
        'é',
        '~',
        ';',
        '#',
        '->',
        '\t',
      );
      const component = fc
        .oneof(
          fc.string({ unit: hostile, minLength: 1, maxLength: 8 }),
          fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
        )
        .filter((s) => !/[/\0]/.test(s) && s !== '.' && s !== '..' && Buffer.byteLength(s) <= 200);
      let round = 0;
      fc.assert(
        fc.property(fc.uniqueArray(component, { minLength: 1, maxLength: 12 }), (names) => {
          const base = join(dir, String(round++));
          fs.mkdirSync(base);
          const ids = names.map((name) => `${base}/${name}`);
          succeed(
            ids.map((id, i) => ({ id, from: null, to: file(`${i}`) })),
            shell,
          );
          assert.deepEqual(new Set(fs.readdirSync(base)), new Set(names));
          look(ids, ['content', 'sha1', 'access'], shell).forEach((seen, i) => {
            assert.ok('value' in seen, JSON.stringify(seen));
            assert.ok(samePath(seen.value, file(`${i}`)), JSON.stringify(seen));
          });
        }),
        { numRuns: shell === 'dash' ? 5 : 2 },
      );
    });

    it('tells each kind, and never waits for a fifo', () => {
      const dir = room(`kinds-${shell}`);
      fs.writeFileSync(join(dir, 'text'), 'hello\n');
      fs.writeFileSync(join(dir, 'empty'), '');
      fs.writeFileSync(join(dir, 'latin1'), Buffer.from([0xe9, 0x0a]));
      fs.writeFileSync(join(dir, 'limit'), Buffer.alloc(256 * 1024, 'y'));
      fs.writeFileSync(join(dir, 'beyond'), Buffer.alloc(256 * 1024 + 1, 'y'));
      execFileSync('mkfifo', [join(dir, 'fifo')]);
      execFileSync('mknod', [join(dir, 'null'), 'c', '1', '3']);
      fs.symlinkSync('text', join(dir, 'link'));
      fs.symlinkSync('loop', join(dir, 'loop'));
      fs.symlinkSync('fifo', join(dir, 'to-fifo'));
      fs.symlinkSync('gone', join(dir, 'dangling'));
      const ids = [
        'text',
        'empty',
        'latin1',
        'limit',
        'beyond',
        'fifo',
        'null',
        'loop',
        'to-fifo',
        'dangling',
        'gone',
        'text/x',
      ];
      const seen = look([...ids.map((id) => join(dir, id)), dir, '/proc/version'], ['content'], shell);
      const value = (i: number) => {
        const one = seen[i];
        assert.ok(one !== undefined && 'value' in one, JSON.stringify(one));
        return one.value;
      };
      const content = (i: number) => (value(i) as FileValue).content;
      assert.deepEqual(content(0), { text: 'hello\n' });
      assert.deepEqual(content(1), { text: '' });
      assert.deepEqual(content(2), { base64: '6Qo=' });
      assert.deepEqual(content(3), { text: 'y'.repeat(256 * 1024) });
      assert.deepEqual(content(4), { size: 256 * 1024 + 1, sha256: sha(Buffer.alloc(256 * 1024 + 1, 'y')) });
      assert.equal((value(5) as { type?: string }).type, 'fifo');
      assert.deepEqual([(value(6) as { type?: string }).type, value(6)?.stat?.deviceType], ['character device', 259]);
      const resolved = (i: number) => (value(i) as LinkValue).resolved;
      assert.equal(resolved(7), null);
      assert.equal(resolved(8), join(dir, 'fifo'));
      assert.deepEqual([(value(9) as LinkValue).target, resolved(9)], ['gone', join(dir, 'gone')]);
      assert.equal(value(10), null);
      assert.equal(value(11), null);
      assert.equal(value(12)?.kind, 'directory');
      assert.match(JSON.stringify(content(13)), /Linux version/);
    });

    it('tells what a link leads to along with the link', () => {
      const dir = room(`behind-${shell}`);
      fs.writeFileSync(join(dir, 'a b'), 'content');
      fs.symlinkSync('a b', join(dir, 'one'));
      fs.symlinkSync('one', join(dir, 'two'));
      const seen = look([join(dir, 'two')], ['content', 'sha256'], shell);
      assert.equal(seen.length, 2);
      const target = seen[1] as Seen<PathValue>;
      assert.equal(target.ref.id, join(dir, 'a b'));
      assert.deepEqual(target.ref.aspects, ['content', 'sha256']);
      assert.ok('value' in target && target.value?.kind === 'file');
      assert.deepEqual(target.value.content, { text: 'content' });
      assert.equal(target.value.stat?.digests?.sha256, sha(Buffer.from('content')));
    });

    it('removes the temporary file and leaves the old one whole when validation fails', () => {
      const dir = room(`validate-${shell}`);
      const id = join(dir, 'it is.conf');
      fs.writeFileSync(id, 'old');
      const from = valueAt(id);
      const refused = run(
        [{ id, from, to: file('new'), options: { validate: 'sh -c \'echo seen "$1" >&2; exit 3\' x %s' } }],
        shell,
      );
      assert.equal(refused.status, 1);
      assert.match(refused.stderr.toString(), /does not pass `sh -c .*seen .*\/it is\.conf/s);
      assert.equal(fs.readFileSync(id, 'utf8'), 'old');
      assert.deepEqual(fs.readdirSync(dir), ['it is.conf']);
      const missing = run([{ id, from, to: file('new'), options: { validate: '/no/such/tool %s' } }], shell);
      assert.notEqual(missing.status, 0);
      assert.equal(fs.readFileSync(id, 'utf8'), 'old');
    });

    it('validates the new content with its final name, owner and mode, and without a shell', () => {
      const dir = room(`validated-${shell}`);
      const id = join(dir, "o'b $(x).conf");
      const report = join(dir, 'report');
      const check = `sh -c 'stat -c "%a %U %%s %n" "$1" >"$2"; printf %%s "$3" >>"$2"' x %s ${report} "100%% $(id);*"`;
      succeed(
        [{ id, from: null, to: file('12345', { mode: 0o640, owner: 'daemon' }), options: { validate: check } }],
        shell,
      );
      const lines = fs.readFileSync(report, 'utf8').split('\n');
      assert.match(lines[0] as string, /^640 daemon 5 .*\/o'b \$\(x\)\.conf$/);
      assert.equal(lines[1], '100% $(id);*');
    });
  });
}

function sha(bytes: Uint8Array): string {
  const content = contentOf(bytes, 0);
  return 'sha256' in content ? content.sha256 : '';
}

describe('path', () => {
  it('reads whole what is to be edited', () => {
    const id = join(room('whole'), 'big');
    fs.writeFileSync(id, 'z'.repeat(1_000_000));
    assert.deepEqual((valueAt(id, 'whole') as FileValue).content, { text: 'z'.repeat(1_000_000) });
  });

  it('says why it cannot look or read', () => {
    const dir = room('secret');
    fs.mkdirSync(join(dir, 'closed'), { mode: 0o700 });
    fs.writeFileSync(join(dir, 'shadow'), 'x', { mode: 0o600 });
    const [closed, shadow, relative, long] = look(
      [join(dir, 'closed', 'x'), join(dir, 'shadow'), 'etc/motd', `/${'x'.repeat(300)}`],
      ['content'],
      'dash',
      65534,
    );
    const error = (seen: Seen | undefined) =>
      seen !== undefined && 'error' in seen ? seen.error : JSON.stringify(seen);
    assert.equal(error(closed), `cannot look at ${join(dir, 'closed', 'x')}: Permission denied`);
    assert.equal(error(shadow), `cannot read ${join(dir, 'shadow')}: Permission denied`);
    assert.match(error(relative), /not an absolute path/);
    assert.match(error(long), /File name too long/);
    const [known] = look([join(dir, 'shadow')], ['access'], 'dash', 65534);
    assert.ok(known !== undefined && 'value' in known);
    assert.deepEqual(known.value?.stat?.access, { read: false, write: false, execute: false });
  });

  it('tells digests, type and chattr letters when asked', () => {
    const dir = room('aspects');
    fs.writeFileSync(join(dir, 'new\nline'), 'hello');
    fs.writeFileSync(join(dir, 'plain'), '');
    const seen = look(
      [join(dir, 'new\nline'), join(dir, 'plain'), join(dir, 'gone')],
      ['md5', 'sha512', 'mime', 'attributes'],
    );
    const [odd, plain, gone] = seen.map((s) => ('value' in s ? s.value : undefined));
    assert.equal(odd?.stat?.digests?.md5, '5d41402abc4b2a76b9719d911017c592');
    assert.equal(odd?.stat?.digests?.sha512?.length, 128);
    assert.deepEqual(odd?.stat?.mime, { type: 'text/plain', charset: 'us-ascii' });
    assert.equal(plain?.stat?.mime?.type, 'inode/x-empty');
    assert.equal(gone, null);
  });

  it('looks at a thousand paths', () => {
    const dir = room('many');
    const ids = Array.from({ length: 1000 }, (_, i) => join(dir, `file ${i}`));
    for (const id of ids.slice(0, 500)) fs.writeFileSync(id, id);
    const seen = look(ids);
    assert.equal(seen.filter((s) => 'value' in s && s.value?.kind === 'file').length, 500);
    assert.equal(seen.filter((s) => 'value' in s && s.value === null).length, 500);
    assert.ok(
      seen.every(
        (s) =>
          'value' in s && (s.value === null || ((s.value as FileValue).content as { text: string }).text === s.ref.id),
      ),
    );
  });

  it('never throws, whatever the answer holds', () => {
    const refs = [path('/a', 'content', 'sha1', 'mime', 'attributes', 'access'), path('/b')];
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string().map((s) => Buffer.from(s.replaceAll('|', '\0'))),
    );
    const names = fc.constantFrom(
      'stat0',
      'links0',
      'behind0',
      'tar0',
      'faults0',
      'kernel0',
      'big0',
      'sum0',
      'access0',
      'mime0',
      'attributes0',
    );
    fc.assert(
      fc.property(fc.dictionary(names, bytes), bytes, (parts, stderr) => {
        const answer = { status: 0, stdout: new Uint8Array(), stderr, parts: new Map(Object.entries(parts)), ms: 0 };
        assert.equal(pathType.parse(answer, refs).length >= refs.length, true);
      }),
      { numRuns: 300 },
    );
  });

  it('changes owner and mode without touching the content', () => {
    const dir = room('attributes');
    const id = join(dir, 'f');
    fs.writeFileSync(id, 'same', { mode: 0o666 });
    const { ino } = fs.statSync(id);
    const steps: FileValue[] = [
      file('same', { mode: 0o600 }),
      file('same', { mode: 0o4755, owner: 'daemon' }),
      file('same', { mode: 0o4755, owner: 'root' }),
      file('same', { mode: 0o2755, group: 'daemon' }),
      file('same', { mode: 0o1444, owner: '1234567', group: 'root' }),
    ];
    for (const to of steps) {
      succeed([{ id, from: valueAt(id), to }]);
      const now = valueAt(id);
      assert.ok(samePath(now, to), `${JSON.stringify(now)} is not ${JSON.stringify(to)}`);
      assert.equal(fs.statSync(id).ino, ino);
    }
  });

  it('clears the set-id bits of a directory', () => {
    const id = join(room('setgid'), 'd');
    succeed([{ id, from: null, to: { kind: 'directory', mode: 0o2775, owner: 'root', group: 'daemon' } }]);
    const to: PathValue = { kind: 'directory', mode: 0o755, owner: 'root', group: 'daemon' };
    succeed([{ id, from: valueAt(id), to }]);
    assert.ok(samePath(valueAt(id), to));
  });

  it('does not follow a link that was put in the way', () => {
    const dir = room('swapped');
    const id = join(dir, 'f');
    fs.writeFileSync(join(dir, 'victim'), 'v', { mode: 0o600 });
    fs.symlinkSync('victim', id);
    const answer = run([{ id, from: file('x', { mode: 0o600 }), to: file('x', { mode: 0o666 }) }]);
    assert.notEqual(answer.status, 0);
    assert.equal(fs.statSync(join(dir, 'victim')).mode & 0o777, 0o600);
    succeed([{ id, from: file('x'), to: file('new') }]);
    assert.equal(fs.readFileSync(join(dir, 'victim'), 'utf8'), 'v');
    assert.equal(fs.readFileSync(id, 'utf8'), 'new');
  });

  it('keeps extended attributes and ACLs of the file it replaces', () => {
    // tmpfs has no user.* attributes in older kernels.
    const dir = fs.mkdtempSync(join(tmpdir(), 'rb-xattr-'));
    const id = join(dir, 'f');
    fs.writeFileSync(id, 'old');
    xattr('set', id, 'user.note', 'kept');
    // rw for uid 2 beside the owner: acl(5) as the kernel stores it.
    const acl =
      '02000000 0100 0600 ffffffff 0200 0600 02000000 0400 0400 ffffffff 1000 0600 ffffffff 2000 0400 ffffffff';
    xattr('set-hex', id, 'system.posix_acl_access', acl.replaceAll(' ', ''));
    const from = valueAt(id) as FileValue;
    assert.equal(from.mode, 0o664);
    succeed([{ id, from, to: { ...from, content: { text: 'new' } } }]);
    assert.equal(fs.readFileSync(id, 'utf8'), 'new');
    assert.equal(xattr('get', id, 'user.note'), Buffer.from('kept').toString('hex'));
    assert.equal(xattr('get', id, 'system.posix_acl_access'), acl.replaceAll(' ', ''));
    fs.rmSync(dir, { recursive: true });
  });

  it('acts as a user who is not root', () => {
    const dir = room('user');
    fs.chownSync(dir, 65534, 65534);
    const id = join(dir, 'f');
    const mine = { owner: 'nobody', group: 'nogroup' };
    succeed([{ id, from: null, to: file('one', { ...mine, mode: 0o4440 }) }], 'dash', 65534);
    assert.ok(samePath(valueAt(id), file('one', { ...mine, mode: 0o4440 })));
    succeed([{ id, from: valueAt(id), to: file('two', { ...mine, mode: 0o200 }) }], 'dash', 65534);
    assert.ok(samePath(valueAt(id), file('two', { ...mine, mode: 0o200 })));
    const given = run([{ id, from: valueAt(id), to: file('three', { owner: 'root', group: 'root' }) }], 'dash', 65534);
    assert.notEqual(given.status, 0);
    assert.match(given.stderr.toString(), /Operation not permitted/);
    assert.equal(fs.readFileSync(id, 'utf8'), 'two');
    assert.deepEqual(fs.readdirSync(dir), ['f']);
  });

  it('makes a backup first', () => {
    const dir = room('backup');
    const id = join(dir, 'f');
    fs.writeFileSync(id, 'old', { mode: 0o640 });
    fs.chownSync(id, 2, 2);
    succeed([{ id, from: valueAt(id), to: file('new'), options: { backup: `${id}.1~` } }]);
    assert.ok(samePath(valueAt(`${id}.1~`), file('old', { mode: 0o640, owner: 'bin', group: 'bin' })));
    const failed = run([{ id, from: valueAt(id), to: file('newer'), options: { backup: join(dir, 'no/such/dir') } }]);
    assert.notEqual(failed.status, 0);
    assert.equal(fs.readFileSync(id, 'utf8'), 'new');
  });

  it('sets times', () => {
    const id = join(room('times'), 'f');
    succeed([{ id, from: null, to: file('x') }]);
    const from = valueAt(id) as FileValue;
    const old = { ...from, times: { modified: '2001-02-03 04:05:06', accessed: '2002-02-03 04:05:06' } };
    assert.equal(samePath(from, old), false);
    succeed([{ id, from, to: old }]);
    const aged = valueAt(id) as FileValue;
    assert.ok(samePath(aged, old), JSON.stringify(aged.stat));
    const touched = { ...aged, times: { modified: 'now', accessed: 'now' } };
    assert.equal(samePath(aged, touched), false);
    succeed([{ id, from: aged, to: touched }]);
    assert.ok(samePath(valueAt(id), touched));
  });

  it('makes hard links', () => {
    const dir = room('hard');
    fs.writeFileSync(join(dir, 'a'), 'a');
    fs.writeFileSync(join(dir, 'b'), 'b');
    const a = valueAt(join(dir, 'a')) as FileValue;
    const to: FileValue = { ...a, hard: join(dir, 'a'), mode: 0o600 };
    const from = valueAt(join(dir, 'b'));
    assert.equal(samePath(from, to), false);
    succeed([
      { id: join(dir, 'b'), from, to },
      { id: join(dir, 'c'), from: null, to },
    ]);
    assert.ok(samePath(valueAt(join(dir, 'b')), to));
    assert.ok(samePath(valueAt(join(dir, 'c')), to));
    assert.equal(fs.statSync(join(dir, 'a')).nlink, 3);
  });

  it('removes a directory only as far as told', () => {
    const dir = room('remove');
    const id = join(dir, 'd');
    fs.mkdirSync(join(id, 'sub'), { recursive: true });
    const from = valueAt(id);
    assert.notEqual(run([{ id, from, to: null }]).status, 0);
    assert.ok(fs.existsSync(join(id, 'sub')));
    succeed([{ id, from, to: null, options: { recursive: true } }]);
    assert.equal(fs.existsSync(id), false);
    const slash: PathValue = { kind: 'directory', mode: 0o755 };
    const answer = run([{ id: '/', from: slash, to: null, options: { recursive: true } }]);
    assert.match(answer.stderr.toString(), /cannot be removed/);
    assert.notEqual(answer.status, 0);
  });

  it('stops at the first change that fails, and says so', () => {
    const dir = room('stop');
    const answer = run([
      { id: join(dir, 'a'), from: null, to: file('a') },
      { id: join(dir, 'no/b'), from: null, to: file('b') },
      { id: join(dir, 'c'), from: null, to: file('c') },
    ]);
    assert.notEqual(answer.status, 0);
    assert.match(answer.stderr.toString(), /No such file or directory/);
    assert.deepEqual(fs.readdirSync(dir), ['a']);
  });

  it('refuses to write again what it does not know', () => {
    const dir = room('unknown');
    const unknown: FileValue = { kind: 'file', mode: 0o644 };
    const large = file('', { content: { size: 3e6, sha256: 'ab'.repeat(32) } });
    for (const to of [unknown, large]) {
      const answer = run([{ id: join(dir, 'f'), from: null, to }]);
      assert.notEqual(answer.status, 0);
      assert.match(answer.stderr.toString(), /cannot be written again/);
    }
    fs.writeFileSync(join(dir, 'kept'), 'image');
    succeed([
      { id: join(dir, 'f'), from: null, to: file('', { content: { size: 5, sha256: '', host: join(dir, 'kept') } }) },
    ]);
    assert.equal(fs.readFileSync(join(dir, 'f'), 'utf8'), 'image');
    assert.deepEqual(fs.readdirSync(dir).sort(), ['f', 'kept']);
  });
});

/** Node has no calls for extended attributes. */
function xattr(what: 'get' | 'set' | 'set-hex', file: string, name: string, value = ''): string {
  const script = `import os,sys
what,f,n,v=sys.argv[1:]
if what=='get': print(os.getxattr(f,n).hex(),end='')
else: os.setxattr(f,n,bytes.fromhex(v) if what=='set-hex' else v.encode())`;
  return execFileSync('/usr/bin/python3', ['-c', script, what, file, name, value], { encoding: 'utf8' });
}
