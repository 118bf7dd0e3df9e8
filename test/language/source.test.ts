import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readSource } from '../../engine/language/source.ts';

const directory = mkdtempSync(join(tmpdir(), 'runbook-source-'));
after(() => rmSync(directory, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function refusal(path: string): string {
  const read = readSource(path);
  assert.equal(read.ok, false);
  const [diagnostic] = read.ok ? [] : read.diagnostics;
  return `${diagnostic?.message} | ${diagnostic?.hint}`.replaceAll(directory, 'DIR');
}

test('a file is read whole, without its byte order mark', () => {
  const read = readSource(write('bom.yml', '\ufeffa: é\n'));
  assert.equal(read.ok && read.value.text, 'a: é\n');
});

test('a path is shown relative to the working directory', () => {
  const read = readSource('package.json');
  assert.equal(read.ok && read.value.path, 'package.json');
  const absolute = readSource(join(process.cwd(), 'package.json'));
  assert.equal(absolute.ok && absolute.value.path, 'package.json');
});

test('names with spaces, quotes, newlines and $(...) are names like any other', () => {
  for (const name of ['a b', "a'b", 'a"b', 'a\nb', '$(touch x)', '-rf']) {
    assert.ok(readSource(write(name, 'a: 1')).ok, name);
  }
});

test('what cannot be read is said why, and what to do', () => {
  write('playbook.yml', '');
  write('file', '');
  mkdirSync(join(directory, 'empty'));
  symlinkSync('loop', join(directory, 'loop'));
  assert.equal(
    refusal(join(directory, 'playbok.yml')),
    'there is no file DIR/playbok.yml | Did you mean `playbook.yml`?',
  );
  assert.equal(
    refusal(join(directory, 'zzzzzzzz')),
    'there is no file DIR/zzzzzzzz | DIR is there, but holds no such file.',
  );
  assert.equal(
    refusal(join(directory, 'no/x.yml')),
    'there is no file DIR/no/x.yml | The directory DIR/no is not there either.',
  );
  assert.equal(
    refusal(join(directory, 'file/x.yml')),
    'there is no file DIR/file/x.yml | A part of the path is a file, not a directory.',
  );
  assert.equal(refusal(directory), 'DIR is a directory | Name a file in it, such as DIR/bom.yml.');
  assert.equal(refusal(join(directory, 'empty')), 'DIR/empty is a directory | Name a file.');
  assert.equal(refusal(join(directory, 'loop')), 'DIR/loop is a symbolic link that leads to itself | undefined');
  assert.equal(refusal('a\0b'), 'a path cannot hold a NUL character | undefined');
  assert.equal(
    refusal(join(directory, 'x'.repeat(300))),
    'the name of the file is too long for this system | undefined',
  );
  assert.match(refusal('/dev/null'), /^\/dev\/null is not a regular file/);
});

test('a pipe that nobody writes to is refused at once', () => {
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  assert.match(refusal(pipe), /is not a regular file/);
});

test('a file of 100 MB is refused without being read', () => {
  const path = write('huge.yml', '');
  truncateSync(path, 100_000_000);
  assert.equal(refusal(path), 'DIR/huge.yml is too large: 95.4 MiB | At most 16 MiB of YAML are read.');
});

test('what is not UTF-8 is said where', () => {
  assert.match(refusal(write('latin.yml', Buffer.from('a: 1\nb: caf\xe9\n', 'latin1'))), /byte 12 \(0xe9, in line 2\)/);
  assert.match(refusal(write('cut.yml', Buffer.from([0x61, 0xe2, 0x82]))), /byte 2 \(0xe2, in line 1\)/);
  assert.match(refusal(write('early.yml', Buffer.from([0xff, 0x61]))), /byte 1 \(0xff, in line 1\)/);
  assert.match(
    refusal(write('late.yml', Buffer.concat([Buffer.from('é€😀'.repeat(1000)), Buffer.from([0x80])]))),
    /byte 9001 /,
  );
  assert.match(refusal(write('wide.yml', Buffer.from('\ufeffa: 1', 'utf16le'))), /is not UTF-8 but UTF-16/);
});
