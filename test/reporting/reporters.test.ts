import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { HostRecap, RunEvent } from '../../engine/planning/plan.ts';
import { printable, printableLines } from '../../engine/reporting/escape.ts';
import { recapText } from '../../engine/reporting/recap_text.ts';
import { createReporter, type ReporterOptions } from '../../engine/reporting/reporter.ts';
import { resultLines } from '../../engine/reporting/result_text.ts';
import { createStyle } from '../../engine/reporting/style.ts';
import { createSecrets } from '../../engine/secrets/secrets.ts';
import { action, change, result, task } from './fake_plan.ts';

const plain = createStyle(false);

async function shown(events: readonly RunEvent[], more: Partial<ReporterOptions> = {}): Promise<string> {
  const out = new PassThrough();
  const reporter = createReporter({
    out,
    secrets: createSecrets(),
    json: false,
    color: false,
    terminal: false,
    verbosity: 0,
    width: 80,
    command: 'apply',
    ...more,
  });
  for (const event of events) {
    if (event.type === 'apply-started') await reporter.planned();
    reporter.event(event);
  }
  await reporter.close();
  return String(out.read() ?? '');
}

const recap = (host: string, more: Partial<HostRecap> = {}): HostRecap => ({
  host,
  ok: 1,
  changed: 0,
  failed: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
  unreachable: false,
  reverted: false,
  ms: 1500,
  ...more,
});

test('an apply in a pipe: the plan, a line for each change, the recap', async () => {
  const motd = task('web1', 'motd', { steps: [change({ title: 'file /etc/motd' })] });
  const text = await shown([
    { type: 'run-started', command: 'apply', playbooks: ['p.yml'], hosts: ['web1'], at: 0 },
    { type: 'planned', host: 'web1', tasks: [motd] },
    { type: 'apply-started', at: 0 },
    { type: 'task-started', task: motd },
    { type: 'task-finished', result: result(motd) },
    { type: 'run-finished', at: 2000, recap: [recap('web1', { changed: 1 })] },
  ]);
  assert.equal(
    text,
    `Play: Play

~ motd  [web1]
    ~ file /etc/motd

Plan: 1 change on 1 host. Nothing has been touched.
web1: changed: motd (1 step, 1.2 s)

host      ok changed  failed skipped rescued ignored     time
web1       1       1       0       0       0       0    1.5 s
1 host in 2.0 s
`,
  );
});

test('nothing to do is one line', async () => {
  const text = await shown([
    { type: 'run-started', command: 'plan', playbooks: ['p.yml'], hosts: ['a', 'b'], at: 0 },
    { type: 'planned', host: 'a', tasks: [task('a', 'x', { status: 'ok' })] },
    { type: 'planned', host: 'b', tasks: [task('b', 'x', { status: 'ok' })] },
    { type: 'apply-started', at: 0 },
  ]);
  assert.equal(text, 'No changes: 2 hosts as wanted.\n');
});

test('a failure names task, place, command, stderr, state and what to do', () => {
  const failing = task('web1', 'install', { steps: [action('run: false')] });
  const failure = {
    message: 'it ended with status 1',
    command: 'run: false',
    stderr: 'one\ntwo\n',
    left: 'Nothing was done.',
    hint: 'Look.',
  };
  assert.deepEqual(resultLines(result(failing, { outcome: 'failed', failure }), plain, 0), [
    'web1: failed: install',
    '    it ended with status 1',
    '    play.yml:3',
    '    command: run: false',
    '    stderr:',
    '      one',
    '      two',
    '    state: Nothing was done.',
    '    hint: Look.',
  ]);
});

test('a failure under no_log keeps its output to itself', () => {
  const failing = task('web1', 'secret', { noLog: true, message: 'hunter2' });
  const failure = { message: 'hunter2', command: 'hunter2', stderr: 'hunter2', stdout: 'hunter2', hint: 'hunter2' };
  assert.doesNotMatch(resultLines(result(failing, { outcome: 'failed', failure }), plain, 3).join('\n'), /hunter2/);
});

test('JSON: one object a line, nothing secret, no control characters', async () => {
  const secret = task('web1', 'secret', {
    noLog: true,
    message: 'hunter2',
    steps: [
      action('run: hunter2'),
      change({ title: 'file /s', content: { kind: 'text', before: '', after: 'hunter2' } }),
    ],
  });
  const hidden = task('web1', 'user', {
    steps: [change({ title: 'user x', secret: true, attributes: [{ name: 'password', after: 'hunter2' }] })],
  });
  const text = await shown(
    [
      { type: 'planned', host: 'web1', tasks: [secret, hidden] },
      {
        type: 'task-finished',
        result: result(secret, { outcome: 'failed', result: { stdout: 'hunter2' }, failure: { message: 'hunter2' } }),
      },
      { type: 'warning', message: 'a\u001b[2Jb\n' },
    ],
    { json: true },
  );
  const lines = text.trimEnd().split('\n');
  assert.equal(lines.length, 3);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).type),
    ['planned', 'task-finished', 'warning'],
  );
  assert.doesNotMatch(text, /hunter2/);
  assert.ok(!text.includes('\u001b'));
});

test('unreachable hosts with one reason are told once', async () => {
  const text = await shown([
    { type: 'run-started', command: 'plan', playbooks: ['p.yml'], hosts: ['a', 'b', 'c'], at: 0 },
    { type: 'host-unreachable', host: 'a', message: 'no route', hint: 'Check.' },
    { type: 'host-unreachable', host: 'b', message: 'no route', hint: 'Check.' },
  ]);
  assert.equal(text, 'unreachable: a, b\n    no route\n    Check.\n');
});

test('the recap puts trouble last and folds a large fleet', () => {
  const text = recapText(
    [recap('bad', { failed: 1 }), recap('gone', { unreachable: true }), recap('good')],
    plain,
    0,
    3000,
  );
  assert.deepEqual(
    text
      .split('\n')
      .slice(1, 4)
      .map((line) => line.split(' ')[0]),
    ['good', 'gone', 'bad'],
  );
  assert.match(text, /unreachable/);
  const fleet = Array.from({ length: 100 }, (_, i) => recap(`web${i}`));
  assert.match(recapText(fleet, plain, 0, 0), /web0 and 99 more/);
  assert.equal(recapText(fleet, plain, 1, 0).split('\n').length, 103);
});

test('printable text has no control characters, and lines stay lines', () => {
  assert.equal(printable('a\tb\u001b[0m\r\n'), 'a\tb\\e[0m\\r\\n');
  assert.deepEqual(printableLines('a\r\nb\u0000\n'), ['a\\r', 'b\\x00']);
});
