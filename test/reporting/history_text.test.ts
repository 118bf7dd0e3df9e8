import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyLines, historyTable, type RunSummary, runHead } from '../../engine/reporting/history_text.ts';
import { planText, tasksText } from '../../engine/reporting/plan_text.ts';
import { hasActed, plannedAgain, recordPlanned, recordTask } from '../../engine/reporting/recorded_task.ts';
import { createStyle } from '../../engine/reporting/style.ts';
import { action, change, result, task } from './fake_plan.ts';

const style = createStyle(false);
const run: RunSummary = {
  id: '2024-01-02T030405Z-0a1b2c3d',
  startedAt: Date.UTC(2024, 0, 2, 3, 4, 5),
  kind: 'apply',
  by: 'me@here',
  playbooks: ['site.yml'],
  git: { commit: '0123456789abcdef0123456789abcdef01234567', dirty: true },
  hosts: ['a', 'b'],
  changed: 3,
  failed: 0,
  unreachable: 1,
  outcome: 'failed',
};
const undo: RunSummary = { ...run, id: '2024-01-03T000000Z-00000000', undoes: run.id, git: undefined, outcome: 'ok' };

test('runs as a table for people and as lines for pipes', () => {
  assert.equal(
    historyTable([undo, run], style),
    `id                           when                  who      what                                 hosts  changed  failed  outcome
2024-01-03T000000Z-00000000  2024-01-02 03:04:05Z  me@here  undo of 2024-01-02T030405Z-0a1b2c3d  a, b   3        1       ok
2024-01-02T030405Z-0a1b2c3d  2024-01-02 03:04:05Z  me@here  site.yml at 0123456789ab+            a, b   3        1       failed
`,
  );
  assert.equal(
    historyLines([run]),
    '2024-01-02T030405Z-0a1b2c3d\t2024-01-02 03:04:05Z\tme@here\tsite.yml at 0123456789ab+\ta, b\t3\t1\tfailed\n',
  );
  assert.match(runHead({ ...run, by: 'x\u001b[31m' }, style), /^who {5}x\\e\[31m$/m);
});

test('an audit is told by what it found', () => {
  const audit: RunSummary = { ...run, kind: 'audit', findings: { pass: 9, warn: 1, fail: 2 } };
  assert.match(historyLines([audit]), /\taudit of site\.yml at 0123456789ab\+\t.*\tfailed: 2 fail, 1 warn, 9 pass\n$/);
});

test('a task is shown later as the plan showed it, without what was hidden then', () => {
  const content = { kind: 'text', before: 'old\n', after: 'new hunter2\n' } as const;
  const planned = task('a', 'words', {
    steps: [change({ title: 'file /etc/x', attributes: [{ name: 'mode', before: '1', after: '2' }], content }, true)],
  });
  const secret = task('a', 'hidden', {
    noLog: true,
    steps: [action('run: hunter2'), change({ title: 'file /y', content })],
  });
  const mask = (text: string) => text.replaceAll('hunter2', '********');
  const kept = [planned, secret].map((one) => {
    const line = JSON.stringify(recordTask(result(one), mask, 0));
    return plannedAgain(JSON.parse(mask(line)));
  });
  const options = { style, verbosity: 0, command: 'plan', mask, width: 80 } as const;
  const then = planText(new Map([['a', [planned, secret]]]), options);
  const later = tasksText(new Map([['a', kept]]), options)
    .join('\n')
    .trim();
  assert.ok(mask(then).startsWith(later), `${then}\n---\n${later}`);
  assert.doesNotMatch(later, /hunter2/);
  assert.match(later, /\+new \*{8}/);
  assert.deepEqual(
    [planned, secret].map((one) => hasActed(recordTask(result(one), mask, 0))),
    [true, true],
  );
  assert.equal(hasActed(recordTask(result(planned, { outcome: 'ok' }), mask, 0)), false);
  assert.equal(hasActed(recordPlanned(planned, mask)), false);
  assert.match(
    tasksText(
      new Map([['a', [plannedAgain(recordTask(result(planned, { outcome: 'failed' }), mask, 0))]]]),
      options,
    ).join('\n'),
    /it did not come to its end: failed/,
  );
});
