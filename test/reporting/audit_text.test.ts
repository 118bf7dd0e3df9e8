import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding, TaskFinding } from '../../engine/planning/finding.ts';
import { auditText } from '../../engine/reporting/audit_text.ts';
import { planText } from '../../engine/reporting/plan_text.ts';
import { resultLines } from '../../engine/reporting/result_text.ts';
import { createStyle } from '../../engine/reporting/style.ts';
import { result, task } from './fake_plan.ts';

const style = createStyle(false);
const found = (host: string, name: string, finding: Finding): TaskFinding => ({
  ...{ host, name, finding },
  id: `0.tasks.${name}`,
  play: 'Audit',
  module: 'check_disk',
});

const FULL: Finding = {
  level: 'fail',
  summary: 'disk full',
  evidence: {
    columns: ['mount', 'use'],
    rows: [
      ['/', '95 %'],
      ['/srv/long', '9 %'],
    ],
  },
  remedy: 'Make room.',
  reference: 'a book',
  measures: [{ name: '/', value: 95, unit: '%' }],
};
const OLD: Finding = { level: 'warn', summary: 'rather old', remedy: 'Renew it.' };
const FINE: Finding = { level: 'pass', summary: 'fine', remedy: 'none' };

const AUDIT = [
  found('a', 'updates', FINE),
  found('a', 'certificate', OLD),
  found('a', 'disk', FULL),
  found('b', 'updates', FINE),
  found('b', 'certificate', FINE),
  found('b', 'disk', { ...FULL, measures: [{ name: '/', value: 96, unit: '%' }] }),
];

test('what fails comes first, what is the same on many hosts once, what passes as a number', () => {
  assert.equal(
    auditText(AUDIT, ['a', 'b'], { style, verbosity: 0 }),
    `FAIL disk  [all 2 hosts]
    disk full
      mount      use
      /          95 %
      /srv/long  9 %
    remedy: Make room.
    see: a book

WARN certificate  [a]
    rather old
    remedy: Renew it.

host   pass   warn   fail
b         2      0      1
a         1      1      1

2 fail, 1 warn, 3 pass on 2 hosts. Nothing has been touched.
`,
  );
});

test('-v tells what passes too, without a remedy for it', () => {
  const text = auditText(AUDIT, ['a', 'b'], { style, verbosity: 1 });
  assert.match(text, /^pass updates {2}\[all 2 hosts\]\n {4}fine\n\n/m);
});

test('a long table is cut, and a host cannot write on the terminal', () => {
  const rows = Array.from({ length: 14 }, (_, i) => [`\u001b[31m${i}`, 'x'.repeat(70)]);
  const one = found('a', 'n\u001bame', {
    level: 'fail',
    summary: 'two\nlines\u0007',
    evidence: { columns: ['p', 'q'], rows },
  });
  const text = auditText([one], ['a'], { style, verbosity: 0 });
  assert.match(text, /\(2 more rows; -v shows all\)/);
  assert.match(text, /x{59}…\n/);
  assert.doesNotMatch(text, /[\u001b\u0007]/);
  assert.equal(auditText([one], ['a'], { style, verbosity: 1 }).split('x'.repeat(70)).length, 15);
});

test('a plan and an apply show what a check found', () => {
  const check = task('a', 'disk', { status: 'ok', module: 'check_disk', finding: FULL });
  const options = { style, verbosity: 0, command: 'plan', mask: (text: string) => text, width: 80 } as const;
  const text = planText(new Map([['a', [check, task('a', 'fine', { status: 'ok', finding: FINE })]]]), options);
  assert.match(text, /^ {2}disk {2}\[a\]\n {4}FAIL: disk full\n {6}mount {6}use\n/m);
  assert.doesNotMatch(text, /fine/);
  assert.equal(resultLines(result(check, { outcome: 'ok' }), style, 0)[0], 'a: FAIL: disk');
  const hidden = planText(new Map([['a', [{ ...check, noLog: true }]]]), options);
  assert.match(hidden, /FAIL: \(hidden: no_log\)/);
  assert.doesNotMatch(hidden, /full/);
});
