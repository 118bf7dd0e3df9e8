import assert from 'node:assert/strict';
import { it } from 'node:test';
import { contentOf } from '../../engine/resources/content.ts';
import { path, pathType } from '../../engine/resources/path.ts';
import type { FileValue, PathValue } from '../../engine/resources/path_value.ts';
import { tree, treeType } from '../../engine/resources/tree.ts';
import { shellcheck } from './programs.ts';

it('writes programs that shellcheck passes', () => {
  const odd = "/tmp/it's\n-n";
  const file: FileValue = { kind: 'file', mode: 0o4755, owner: 'root', group: '7', content: { text: 'x' }, flags: 'i' };
  const change = (before: PathValue | null, after: PathValue | null, options = {}) => ({
    ref: path(odd),
    before,
    after,
    options,
  });
  const directory: PathValue = { kind: 'directory', mode: 0o755, owner: 'root' };
  const programs = {
    look: pathType.collect([path(odd, 'content', 'sha1', 'mime', 'attributes', 'access'), path('/proc/x', 'whole')]),
    tree: treeType.collect([tree(odd)]),
    write: pathType.transition([
      change(null, file, { validate: 'sh -c \'x "%s"\' %s', backup: '/x y', unsafeWrites: true }),
      change(file, {
        ...file,
        content: contentOf(Buffer.alloc(70_000)),
        times: { modified: 'now', accessed: '2024-01-02 03:04:05' },
      }),
      change(file, { ...file, content: { size: 1, sha256: '', host: odd } }),
    ]),
    others: pathType.transition([
      change(null, directory),
      change(directory, { ...directory, mode: 0o700, group: 'x' }),
      change(directory, null, { recursive: true }),
      change(directory, null),
      change(file, { kind: 'link', target: odd }),
      change(null, { ...file, hard: odd }),
      change(file, null),
      change(file, directory, { image: odd }),
      change(directory, file, { image: odd }),
    ]),
  };
  assert.equal(shellcheck(programs), '');
});
