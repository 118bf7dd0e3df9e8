import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gitState } from '../../engine/commands/git_state.ts';

test("tells the commit of a playbook's repository, and whether files differ from it", async () => {
  const dir = mkdtempSync(join(tmpdir(), 'runbook-git-'));
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=x', '-c', 'user.email=x@x', ...words], { encoding: 'utf8' });
  try {
    mkdirSync(join(dir, 'plays'));
    const play = join(dir, 'plays', 'site.yml');
    writeFileSync(play, 'one\n');
    assert.equal(await gitState(play), undefined, 'no repository');
    git('init', '-q');
    assert.equal(await gitState(play), undefined, 'no commit');
    git('add', '.');
    git('commit', '-qm', 'one');
    const commit = git('rev-parse', 'HEAD').trim();
    assert.deepEqual(await gitState(play), { commit, dirty: false });
    writeFileSync(play, 'two\n');
    assert.deepEqual(await gitState(play), { commit, dirty: true });
    assert.equal(await gitState(join(dir, 'nowhere', 'site.yml')), undefined);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
