import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type GlobValue, glob, globType } from '../../engine/resources/glob.ts';
import { answer, run, SHELLS, shellcheck } from './programs.ts';

describe('paths that match a pattern', () => {
  const root = mkdtempSync(join(tmpdir(), 'runbook-glob-'));
  after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'a b'));
  for (const name of ['a b/1.txt', 'a b/2.txt', 'a b/.hidden.txt', 'a b/$(touch x)', '[x]'])
    writeFileSync(join(root, name), '');
  symlinkSync('nowhere', join(root, 'dangling'));

  for (const shell of SHELLS) {
    it(`are found by ${shell}, and nothing is evaluated`, () => {
      const found = (pattern: string) => {
        const ref = glob(join(root, pattern));
        const [seen] = globType.parse(run(globType.collect([ref]), shell), [ref]);
        const value = seen !== undefined && 'value' in seen ? (seen.value as GlobValue | null) : undefined;
        return value === null ? null : value?.paths.map((path) => path.slice(root.length + 1));
      };
      assert.deepEqual(found('a b/*.txt'), ['a b/1.txt', 'a b/2.txt']);
      assert.deepEqual(found('a b/[!1].txt'), ['a b/2.txt']);
      assert.deepEqual(found('a b/$(touch x)'), ['a b/$(touch x)']);
      assert.deepEqual(found('d*'), ['dangling']);
      assert.equal(found('no*'), null);
      assert.equal(found('a b/; touch y'), null);
    });
  }

  it('are told apart by pattern, and an answer without a part is an error', () => {
    const refs = [glob('/a*'), glob('/b*')];
    const seen = globType.parse(answer({ 'paths 0': '/a\n1\0/a2\0' }, { status: 1, stderr: Buffer.from('oh') }), refs);
    assert.deepEqual(seen, [
      { ref: refs[0], value: { paths: ['/a\n1', '/a2'] } },
      { ref: refs[1], error: 'oh' },
    ]);
  });

  it('are asked for by a program that shellcheck passes', () => {
    assert.equal(shellcheck({ glob: globType.collect([glob('/a b/*'), glob('c')]) }), '');
  });
});
