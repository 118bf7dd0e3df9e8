import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldReport, type KeptEvent } from '../../../engine/reporting/report/fold.ts';
import { maskReport } from '../../../engine/reporting/report/mask_report.ts';
import type { Command } from '../../../engine/reporting/report/report.ts';
import { withTrend } from '../../../engine/reporting/report/trend.ts';
import { checked, earlier, kept, recorded, START } from './fake_run.ts';

const level = (host: string, name: string, of: 'pass' | 'warn' | 'fail', value?: number) =>
  checked(host, name, {
    level: of,
    summary: `${name} is ${of}`,
    ...(value !== undefined && { measures: [{ name: '/var', value, unit: '%' }] }),
  });

test('a run is counted by host and as a whole, and its verdict is the worst of them', () => {
  const tasks = [
    recorded('a', 'one', { outcome: 'changed' }),
    recorded('a', 'two', { outcome: 'skipped' }),
    recorded('b', 'one', { outcome: 'ok' }),
    recorded('b', 'two', { outcome: 'ignored' }),
    recorded('b', 'three', { outcome: 'provisional' }),
    level('c', 'disks', 'warn'),
    level('c', 'ports', 'pass'),
  ];
  const report = foldReport(kept('apply', tasks), '1.2.3');
  assert.deepEqual(
    report.hosts.map(({ host, verdict }) => [host, verdict]),
    [
      ['a', 'changed'],
      ['b', 'pending'],
      ['c', 'warn'],
    ],
  );
  assert.deepEqual(report.totals, {
    ...{ pass: 1, warn: 1, fail: 0, ok: 1, changed: 1, pending: 1, failed: 0, excused: 1, skipped: 1 },
  });
  assert.equal(report.run.verdict, 'warn');
  assert.equal(report.run.ended, undefined);
  assert.deepEqual(report.hosts[0]?.looks, [{ at: START + 500, ms: 300, questions: 24 }]);
});

test('a host that took no part says why, and the worst of a host wins', () => {
  const away: KeptEvent = { type: 'host-unreachable', host: 'b', message: 'gone', hint: 'ping it', at: START };
  const back: KeptEvent = { type: 'host-reverted', host: 'c', message: 'locked out', log: ['restored /x'], at: START };
  const tasks = [level('a', 'x', 'fail'), recorded('c', 'x', { outcome: 'changed' })];
  const report = foldReport(kept('apply', tasks, { hosts: ['a', 'b', 'c'], events: [away, back] }), '1');
  assert.deepEqual(
    report.hosts.map(({ verdict, trouble }) => [verdict, trouble]),
    [
      ['fail', undefined],
      ['unreachable', { message: 'gone', hint: 'ping it' }],
      ['reverted', { message: 'locked out', hint: undefined, log: ['restored /x'] }],
    ],
  );
  assert.equal(report.run.verdict, 'reverted');
});

test('a run that was cut off or did nothing says so', () => {
  const whole = kept('apply', [recorded('a', 'x', { outcome: 'pending' })]);
  const cut = foldReport({ ...whole, events: whole.events.slice(0, 2) }, '1');
  assert.deepEqual([cut.run.verdict, cut.run.ended, cut.run.finishedAt], ['interrupted', 'It was cut off.', undefined]);
  const declined = foldReport(kept('apply', whole.tasks, { end: 'declined' }), '1');
  assert.deepEqual(
    [declined.run.verdict, declined.run.ended],
    ['pending', 'Nothing was changed: the plan was declined.'],
  );
  assert.equal(foldReport(kept('plan', [], { hosts: ['a'], end: 'drifted' }), '1').run.verdict, 'refused');
  const commands = (['plan', 'apply', 'audit'] satisfies Command[]).map(
    (command) => foldReport(kept(command, []), '1').run.command,
  );
  assert.deepEqual(commands, ['plan', 'apply', 'audit']);
  assert.equal(foldReport({ head: whole.head, events: [], tasks: [] }, '1').hosts.length, 0);
});

test('a trend tells what got better and worse, and follows numbers', () => {
  const now = [level('a', 'disks', 'fail', 91), level('a', 'ports', 'pass'), level('b', 'disks', 'warn', 81)];
  const before = earlier(30, [
    { ...level('a', 'disks', 'warn', 85), id: '0.tasks.7' },
    level('a', 'ports', 'fail'),
    level('b', 'disks', 'warn', 80),
    level('b', 'gone', 'fail'),
  ]);
  const blind = earlier(7, [recorded('a', 'x')]);
  const first = earlier(60, [level('a', 'disks', 'pass', 70)]);
  const { trend } = withTrend(foldReport(kept('audit', now), '1'), [blind, before, first]);
  assert.deepEqual(
    trend?.worse.map(({ host, check, from, to }) => [host, check, from, to]),
    [['a', 'disks', 'warn', 'fail']],
  );
  assert.deepEqual(
    trend?.better.map(({ host, check, from, to }) => [host, check, from, to]),
    [['a', 'ports', 'fail', 'pass']],
  );
  assert.equal(trend?.since?.id, before.id, 'the last run that judged anything');
  assert.deepEqual(
    trend?.series.map(({ host, points }) => [host, ...points.map(({ value }) => value)]),
    [
      ['a', 70, 85, 91],
      ['b', 80, 81],
    ],
  );
  assert.deepEqual(
    trend?.runs.map(({ pass, warn, fail }) => [pass, warn, fail]),
    [
      [1, 0, 0],
      [0, 2, 2],
      [0, 0, 0],
      [1, 1, 1],
    ],
  );
  assert.equal(withTrend(foldReport(kept('audit', now), '1'), []).trend, undefined);
});

test('secrets are masked wherever they stand, and the program’s own words stay', () => {
  const secret = 'warn';
  const report = withTrend(foldReport(kept('audit', [level('a', 'x', 'warn')]), '1'), [
    earlier(1, [level('a', 'x', 'pass')]),
  ]);
  const mask = (text: string) => text.replaceAll(secret, '****');
  const masked = maskReport(report, mask);
  assert.equal(masked.tasks[0]?.finding?.summary, 'x is ****');
  assert.equal(masked.tasks[0]?.finding?.level, 'warn');
  assert.deepEqual([masked.run.verdict, masked.trend?.worse[0]?.to], ['warn', 'warn']);
  assert.equal(masked.trend?.worse[0]?.summary, 'x is ****');
  const failure = { message: 'no', command: 'echo warn' };
  const failed = foldReport(kept('apply', [recorded('a', 'x', { outcome: 'failed', failure })]), '1');
  assert.equal(maskReport(failed, mask).tasks[0]?.failure?.command, 'echo ****');
});
