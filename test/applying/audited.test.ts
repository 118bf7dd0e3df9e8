import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audited } from '../../engine/applying/audited.ts';
import { type Finding, findingsOf } from '../../engine/planning/finding.ts';
import type { PlannedTask } from '../../engine/planning/plan.ts';
import { modules } from '../../modules/registry.ts';
import { action, change, task } from '../reporting/fake_plan.ts';

const judge = (more: Partial<PlannedTask>): Finding | undefined =>
  audited([task('a', 'x', { status: 'ok', ...more })], modules)[0]?.finding;

test('a check keeps what it found', () => {
  const finding: Finding = { level: 'warn', summary: 'nearly full' };
  assert.equal(judge({ module: 'check_disk', finding }), finding);
});

test('a task that has nothing to do passes, one that would change something fails without telling a secret', () => {
  assert.deepEqual(judge({}), { level: 'pass', summary: 'as the playbook wants it' });
  const content = { kind: 'text', before: '', after: 'hunter2' } as const;
  const attributes = [
    { name: 'mode', before: '0644', after: '0600' },
    { name: 'owner', before: 'root', after: 'root' },
  ];
  const steps = [change({ title: 'file /etc/x', attributes, content }), action('restart unit x')];
  assert.deepEqual(judge({ status: 'change', steps })?.evidence, {
    columns: ['would', 'what', 'differs in'],
    rows: [
      ['change', 'file /etc/x', 'mode, content'],
      ['run', 'restart unit x', ''],
    ],
  });
  assert.equal(judge({ status: 'change', steps })?.level, 'fail');
});

test('a failure is a finding, unless the playbook catches it', () => {
  assert.deepEqual(judge({ status: 'fail', message: 'no' }), { level: 'fail', summary: 'no' });
  assert.equal(judge({ status: 'fail', message: 'no', caught: 'ignored' }), undefined);
});

test('what hangs on an earlier task cannot be judged, and what it is sure to change fails', () => {
  const later = { status: 'provisional', waitsFor: ['nginx'], open: true } as const;
  assert.deepEqual(judge(later), { level: 'warn', summary: 'it cannot be judged before `nginx` is done' });
  assert.equal(judge({ ...later, steps: [change({ title: 'file /x' })] })?.level, 'fail');
  assert.equal(judge({ ...later, module: 'command', steps: [action('run: x')] })?.level, 'warn');
  for (const module of ['debug', 'assert']) assert.equal(judge({ ...later, module }), undefined);
});

test('what says nothing of how a host is to be is not judged', () => {
  for (const module of ['setup', 'stat', 'debug', 'set_fact']) assert.equal(judge({ module }), undefined, module);
  assert.equal(judge({ status: 'skip' }), undefined);
  assert.equal(judge({ module: 'command', steps: [action('run: sshd -T')] }), undefined);
  assert.equal(judge({ handler: true, status: 'change', steps: [action('restart')] }), undefined);
  assert.deepEqual(judge({ module: 'assert', message: 'All assertions passed' }), {
    level: 'pass',
    summary: 'All assertions passed',
  });
});

test('under no_log no more is kept than how bad it is', () => {
  const found = findingsOf(audited([task('a', 'x', { noLog: true, steps: [action('hunter2')] })], modules));
  assert.deepEqual(
    found.map(({ finding }) => finding),
    [{ level: 'fail', summary: '(hidden: no_log)' }],
  );
});
