import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { createLocalFiles, textOf } from '../../engine/planning/local_files.ts';
import { orMistakes } from '../../engine/planning/unreadable.ts';

let root = '';
before(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'rb-local-'));
});
after(() => fs.rmSync(root, { recursive: true, force: true }));

it('lists a directory without entering links, and tells the links', () => {
  fs.mkdirSync(join(root, 'd/sub'), { recursive: true });
  fs.writeFileSync(join(root, 'd/sub/f'), 'x');
  fs.symlinkSync('sub', join(root, 'd/link'));
  fs.symlinkSync('..', join(root, 'd/sub/up'));
  fs.symlinkSync('nowhere', join(root, 'd/dangling'));
  const found = createLocalFiles().find('d', 'file', [root]);
  assert.deepEqual(found?.entries(), ['dangling', 'link', 'sub', 'sub/f', 'sub/up']);
  assert.deepEqual([...(found?.links?.() ?? [])].sort(), [
    ['dangling', 'nowhere'],
    ['link', 'sub'],
    ['sub/up', '..'],
  ]);
});

it('looks in files/ or templates/ first, then beside', () => {
  fs.mkdirSync(join(root, 'files'));
  fs.mkdirSync(join(root, 'templates'));
  for (const path of ['files/x', 'templates/x', 'x', 'y']) fs.writeFileSync(join(root, path), path);
  const files = createLocalFiles();
  const text = (path: string, kind: 'file' | 'template') =>
    Buffer.from(files.find(path, kind, [root])?.bytes() ?? []).toString();
  assert.deepEqual(
    [text('x', 'file'), text('x', 'template'), text('y', 'file'), text('z', 'file')],
    ['files/x', 'templates/x', 'y', ''],
  );
});

it('what the system does not let it read is a mistake of the user, with the reason', () => {
  fs.symlinkSync('circle', join(root, 'circle'));
  fs.closeSync(fs.openSync(join(root, 'sparse'), 'w'));
  fs.truncateSync(join(root, 'sparse'), 3 * 1024 ** 3);
  const files = createLocalFiles();
  const mistakes = (read: () => unknown) => {
    const result = orMistakes(read);
    return result.ok ? [] : result.diagnostics.map(({ message }) => message.replace(`${root}/`, ''));
  };
  assert.deepEqual(
    mistakes(() => files.find('circle', 'file', [root])),
    ['circle is a symbolic link that leads to itself'],
  );
  assert.deepEqual(
    mistakes(() => files.find('n'.repeat(300), 'file', [root])),
    ['the name of the file is too long for this system'],
  );
  const sparse = files.find('sparse', 'file', [root]);
  assert.deepEqual(
    mistakes(() => sparse?.bytes()),
    ['sparse is larger than 2 GiB'],
  );
  assert.deepEqual(
    mistakes(() => textOf(sparse)),
    ['sparse is larger than 2 GiB'],
  );
  fs.rmSync(join(root, 'sparse'));
});
