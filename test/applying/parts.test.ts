import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inParallel } from '../../engine/applying/in_parallel.ts';
import { openJournal, runId } from '../../engine/applying/journal.ts';
import { createOnceBoard } from '../../engine/applying/once.ts';
import { stretchOf } from '../../engine/applying/program.ts';
import { createRecap } from '../../engine/applying/recap.ts';
import { exitCode } from '../../engine/commands/exit_code.ts';
import type { Recorded } from '../../engine/planning/history.ts';
import type { Instance } from '../../engine/planning/instance.ts';
import { selected } from '../../engine/planning/tags.ts';
import { action, change, result, task } from '../reporting/fake_plan.ts';

const record: Recorded = { outcome: 'ok', result: {}, changed: false };

test('run_once: the first host makes the result, the others wait for it', async () => {
  const board = createOnceBoard(['a', 'b', 'c']);
  assert.deepEqual(['a', 'b', 'c'].map(board.owner), [true, false, false]);
  let woken = false;
  const waiting = board.wait('b', ['x']).then(() => {
    woken = true;
  });
  await Promise.resolve();
  assert.equal(woken, false);
  board.publish('x', record);
  await waiting;
  assert.equal(board.get('x'), record);
});

test('run_once: when the first host is lost the next one takes over', async () => {
  const board = createOnceBoard(['a', 'b', 'c']);
  const waiting = board.wait('b', ['x']);
  board.lose('a');
  await waiting;
  assert.deepEqual(['a', 'b', 'c'].map(board.owner), [false, true, false]);
});

test('a stretch ends before what waits, and after what decides', () => {
  const instance = (name: string, more: object = {}) =>
    ({ ...task('a', name), pending: false, until: undefined, syntax: {}, ...more }) as unknown as Instance;
  const names = (list: readonly Instance[]) => stretchOf(list).map((one) => one.name);
  assert.deepEqual(names([instance('1'), instance('2', { status: 'provisional' }), instance('3')]), ['1']);
  assert.deepEqual(names([instance('1', { status: 'fail' }), instance('2')]), ['1']);
  assert.deepEqual(names([instance('1', { steps: [action('x')], syntax: { failedWhen: [] } }), instance('2')]), ['1']);
  assert.deepEqual(
    names([instance('1', { steps: [change({ title: 'x' })], syntax: { failedWhen: [] } }), instance('2')]),
    ['1', '2'],
  );
  assert.deepEqual(names([instance('1', { delegate: 'b' }), instance('2')]), ['1']);
});

test('hosts are done so many at once, and a bug in one is not lost', async () => {
  let now = 0;
  let most = 0;
  await inParallel([1, 2, 3, 4, 5], 2, async () => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((wake) => setTimeout(wake, 5));
    now -= 1;
  });
  assert.equal(most, 2);
  const done: number[] = [];
  const jobs = inParallel([1, 2, 3], 1, async (n) => {
    if (n === 2) throw new Error('bug');
    done.push(n);
  });
  await assert.rejects(jobs, /bug/);
  assert.deepEqual(done, [1, 3]);
});

test('the recap counts outcomes by host', () => {
  const recap = createRecap(['a', 'b']);
  recap.event({ type: 'task-finished', result: result(task('a', 'x')) });
  recap.event({ type: 'task-finished', result: result(task('a', 'y'), { outcome: 'ignored' }) });
  recap.event({ type: 'host-unreachable', host: 'b', message: 'gone' });
  const [a, b] = recap.list();
  assert.deepEqual([a?.changed, a?.ignored, a?.failed, b?.unreachable], [1, 1, 0, true]);
});

test('exit codes: a failed host outweighs an unreachable one, both outweigh pending changes', () => {
  const host = (more: object) => ({ ...createRecap(['a']).list()[0], ...more }) as never;
  assert.equal(exitCode({ kind: 'planned' }, [], false, false), 0);
  assert.equal(exitCode({ kind: 'wrong', diagnostics: [] }, [], false, false), 1);
  assert.equal(exitCode({ kind: 'planned' }, [], false, true), 2);
  assert.equal(exitCode({ kind: 'applied' }, [host({ failed: 1 }), host({ unreachable: true })], false, true), 3);
  assert.equal(exitCode({ kind: 'planned' }, [host({})], true, true), 3);
  assert.equal(exitCode({ kind: 'applied' }, [host({ unreachable: true })], false, true), 4);
  for (const kind of ['declined', 'cannot ask'] as const) assert.equal(exitCode({ kind }, [], false, true), 5);
  assert.equal(exitCode({ kind: 'drifted', hosts: ['a'] }, [], false, true), 5);
  assert.equal(exitCode({ kind: 'interrupted' }, [host({ failed: 1 })], false, true), 130);
});

test("the journal is its owner's alone, says what is about to be done, and keeps secrets out", () => {
  const root = mkdtempSync(join(tmpdir(), 'runbook-journal-'));
  try {
    const head = { id: runId(0), startedAt: 0, by: 'me@here', playbooks: ['play.yml'], inventory: [] };
    const journal = openJournal(root, head, (line) => line.replaceAll('s3cret', '********'));
    const target = {
      host: 'a',
      connection: undefined,
      remoteUser: undefined,
      identity: { user: null, method: 'sudo' },
    };
    const secret = {
      ...task('a', 'secret', { noLog: true, steps: [action('run: hunter2')] }),
      target,
    } as unknown as Instance;
    const open = {
      target,
      ...task('a', 'open', {
        steps: [change({ title: 'file /etc/motd', content: { kind: 'text', before: '', after: 'hunter2' } })],
      }),
    } as unknown as Instance;
    journal.intend('a', [secret, open], []);
    journal.event({
      type: 'task-finished',
      result: result(secret, { outcome: 'failed', failure: { message: 'hunter2' } }),
    });
    journal.close();
    assert.equal(statSync(journal.dir).mode & 0o777, 0o700);
    const path = join(journal.dir, 'journal.jsonl');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const text = readFileSync(path, 'utf8');
    assert.doesNotMatch(text, /hunter2/);
    const entries = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      entries.map((entry) => entry.type),
      ['run', 'intend', 'task-finished'],
    );
    assert.deepEqual(entries[1].tasks[1].steps, [{ change: 'file /etc/motd', attributes: [] }]);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('tags select as Ansible has it', () => {
  const select = (tags: string[], only: string[], skip: string[] = []) => selected(tags, { only, skip });
  assert.deepEqual(
    [
      select(['a'], []),
      select(['never'], []),
      select(['a'], ['a']),
      select(['a'], ['b']),
      select(['always'], ['b']),
      select(['always'], ['b'], ['always']),
      select(['never', 'a'], ['a']),
      select(['a'], ['all']),
      select([], ['tagged']),
      select([], ['untagged']),
      select(['a'], [], ['a']),
      select(['a'], ['a'], ['a']),
    ],
    [true, false, true, false, true, false, true, true, false, true, false, false],
  );
});
