import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Seen } from '../../engine/planning/contracts.ts';
import { path, pathType } from '../../engine/resources/path.ts';
import type { PathValue } from '../../engine/resources/path_value.ts';
import { type TreeValue, tree, treeType } from '../../engine/resources/tree.ts';
import { runProgram, SHELLS, type ShellName } from './local_shell.ts';

let root = '';
before(() => {
  root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'rb-tree-')));
  fs.chmodSync(root, 0o755);
});
after(() => fs.rmSync(root, { recursive: true, force: true }));

function look(ids: readonly string[], shell: ShellName = 'dash', uid?: number): readonly Seen[] {
  const refs = ids.map((id) => tree(id));
  return treeType.parse(runProgram(treeType.collect(refs), shell, uid === undefined ? {} : { uid }), refs);
}

function treeAt(seen: readonly Seen[], i: number): TreeValue | null {
  const one = seen[i];
  assert.ok(one !== undefined && 'value' in one, JSON.stringify(one));
  return one.value as TreeValue | null;
}

for (const shell of SHELLS) {
  describe(`tree in ${shell}`, () => {
    it('lists what is below, with what stands there', () => {
      const top = join(root, `list-${shell}`);
      fs.mkdirSync(join(top, 'a b/new\nline'), { recursive: true });
      fs.writeFileSync(join(top, 'a b/$(x)'), 'hello', { mode: 0o640 });
      fs.chmodSync(join(top, 'a b'), 0o2770);
      fs.symlinkSync("it's -> here", join(top, 'link'));
      execFileSync('mkfifo', [join(top, 'fifo')]);
      const seen = look([top, join(top, 'link'), join(top, 'a b/$(x)'), join(top, 'gone')], shell);
      const entries = ['a b', 'a b/$(x)', 'a b/new\nline', 'fifo', 'link'];
      assert.deepEqual(treeAt(seen, 0), { entries, unnamed: [] });
      assert.deepEqual([treeAt(seen, 1), treeAt(seen, 2), treeAt(seen, 3)], [null, null, null]);
      const refs = entries.map((entry) => path(join(top, entry)));
      const own = pathType.parse(runProgram(pathType.collect(refs), shell), refs) as readonly Seen<PathValue>[];
      for (const one of own.slice(0, refs.length)) {
        const told = seen.find((s) => s.ref.type === pathType && s.ref.id === one.ref.id);
        assert.ok(told !== undefined && 'value' in told && 'value' in one, one.ref.id);
        assert.deepEqual(comparable(told.value as PathValue), comparable(one.value as PathValue), one.ref.id);
      }
    });
  });
}

/** What stat(1) and find(1) tell alike. */
function comparable(value: PathValue): unknown {
  const { stat, ...rest } = value;
  // To list a directory is to read it.
  const { blockSize: _size, accessed: _at, accessedLocal: _when, ...known } = stat ?? {};
  const { resolved: _end, ...own } = rest as { resolved?: unknown };
  return { ...own, stat: { ...known, ...(value.kind === 'other' && { deviceType: 0 }) } };
}

describe('tree', () => {
  it('tells names that are not UTF-8 apart', () => {
    const top = join(root, 'bytes');
    fs.mkdirSync(top);
    fs.writeFileSync(Buffer.concat([Buffer.from(`${top}/x`), Buffer.from([0xe9])]), '');
    assert.deepEqual(treeAt(look([top]), 0), { entries: [], unnamed: ['x\ufffd'] });
  });

  it('an empty directory has nothing below', () => {
    const top = join(root, 'empty');
    fs.mkdirSync(top);
    assert.deepEqual(treeAt(look([top]), 0), { entries: [], unnamed: [] });
  });

  it('part of a tree is no tree', () => {
    const top = join(root, 'closed');
    fs.mkdirSync(join(top, 'secret'), { recursive: true, mode: 0o755 });
    fs.chmodSync(join(top, 'secret'), 0o700);
    const [seen] = look([top], 'dash', 65534);
    assert.ok(seen !== undefined && 'error' in seen);
    assert.match(seen.error, /cannot look at all of .*closed: .*secret.*Permission denied/);
  });

  it('never throws, whatever the answer holds', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string().map((s) => Buffer.from(s.replaceAll('|', '\0'))),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('roots', 'entries'), bytes), bytes, (parts, stderr) => {
        const answer = { status: 0, stdout: new Uint8Array(), stderr, parts: new Map(Object.entries(parts)), ms: 0 };
        assert.ok(treeType.parse(answer, [tree('/a'), tree('/b')]).length >= 2);
      }),
    );
  });
});
