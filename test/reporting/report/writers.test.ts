import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { foldReport, type KeptRun } from '../../../engine/reporting/report/fold.ts';
import { FORMATS, type ReportFormat } from '../../../engine/reporting/report/formats.ts';
import type { Report } from '../../../engine/reporting/report/report.ts';
import { withTrend } from '../../../engine/reporting/report/trend.ts';
import { WRITERS } from '../../../engine/reporting/report/write.ts';
import { reportSchema } from '../../../scripts/schemas/report_schema.ts';
import { compileSchema } from '../../../scripts/schemas/validators.ts';
import { earlier, kept, START } from './fake_run.ts';
import { type Element, elements, parseMarkup, textOf } from './parse_markup.ts';
import { everything } from './sample.ts';

const isReport = compileSchema(reportSchema());
const formats = Object.keys(WRITERS) as ReportFormat[];

function whole(run: KeptRun): Report {
  return withTrend(foldReport(run, '0.1.0'), [earlier(30, run.tasks)]);
}

/** What a host may say to break out of whatever it is put in. */
const PAYLOAD = `"'></td></script><script>alert(1)</script><img src=x onerror=alert(2)>&amp;]]>--> \u0000\u001b[31m\u202e\ud800 |[x](javascript:alert(3)) \`code\` <b>`;
const FIXED = new Set(['type', 'command', 'outcome', 'level', 'action', 'kind', 'unit', 'id']);

/** The same with a payload in each text that is not the program's own. */
function poisoned<T>(value: T, key = ''): T {
  if (typeof value === 'string') return (FIXED.has(key) ? value : `${value}${PAYLOAD}`) as T;
  if (Array.isArray(value)) return value.map((item) => poisoned(item, key)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, poisoned(inner, name)])) as T;
}

test('what a host says breaks out of nothing', () => {
  const report = whole(poisoned(everything()));
  const page = parseMarkup(WRITERS.html(report));
  assert.equal(elements(page, 'script').length, 1);
  assert.equal(elements(page, 'img').length + elements(page, 'b').filter((b) => textOf(b) === '').length, 0);
  assert.ok(textOf(page).includes('<script>alert(1)</script>'), 'it is told, as text');
  for (const link of elements(page, 'a')) assert.match(link.attributes.href ?? '', /^(#|https:\/\/)/);
  for (const name of attributeNames(page)) assert.doesNotMatch(name, /^(on|style$)/);
  assert.ok(elements(parseMarkup(WRITERS.xml(report)), 'testcase').length > 0);
  assert.ok(isReport(JSON.parse(WRITERS.json(report))));
  const text = WRITERS.md(report);
  assert.doesNotMatch(text, /<(script|img|b)|(?<!\\)\[x\]|\u001b|\u202e/);
  for (const row of text.split('\n').filter((line) => line.startsWith('|')))
    assert.equal(row.replaceAll('\\|', '').split('|').length, 6, row);
});

function attributeNames(element: Element): readonly string[] {
  const own = Object.keys(element.attributes);
  return [...own, ...element.children.flatMap((child) => (typeof child === 'string' ? [] : attributeNames(child)))];
}

test('the page asks nobody for anything, and runs and wears only what its policy names', () => {
  const page = parseMarkup(WRITERS.html(whole(everything())));
  const policy = elements(page, 'meta').find((meta) => meta.attributes['http-equiv'] === 'Content-Security-Policy');
  const digest = (name: string) =>
    `'sha256-${createHash('sha256')
      .update(elements(page, name)[0]?.children.join('') ?? '')
      .digest('base64')}'`;
  assert.equal(
    policy?.attributes.content,
    `default-src 'none'; script-src ${digest('script')}; style-src ${digest('style')}; base-uri 'none'; form-action 'none'`,
  );
  for (const name of ['link', 'img', 'iframe', 'object', 'embed', 'form', 'base'])
    assert.equal(elements(page, name).length, 0, name);
  assert.equal(attributeNames(page).includes('src'), false);
  assert.doesNotMatch(elements(page, 'style')[0]?.children.join('') ?? '', /url\(|@import/);
});

test('JUnit: a suite for each host, a case for each task, as CI servers read it', () => {
  const report = whole(everything());
  const root = parseMarkup(WRITERS.xml(report)).children.find((child) => typeof child !== 'string') as Element;
  const only = (element: Element, attributes: readonly string[], children: readonly string[]): void => {
    assert.deepEqual(Object.keys(element.attributes).sort(), [...attributes].sort(), element.name);
    for (const child of element.children) {
      if (typeof child !== 'string') assert.ok(children.includes(child.name), `<${child.name}> in <${element.name}>`);
      else if (children.length > 0) assert.equal(child.trim(), '', `text in <${element.name}>`);
    }
  };
  const number = (element: Element, name: string): number => {
    assert.match(element.attributes[name] ?? '', /^\d+(\.\d{3})?$/);
    return Number(element.attributes[name]);
  };
  assert.equal(root.name, 'testsuites');
  only(root, ['name', 'tests', 'failures', 'errors', 'time'], ['testsuite']);
  const suites = elements(root, 'testsuite');
  assert.deepEqual(
    suites.map((suite) => suite.attributes.name),
    report.hosts.map(({ host }) => host),
  );
  let [tests, failures, errors] = [0, 0, 0];
  for (const suite of suites) {
    only(suite, ['name', 'hostname', 'tests', 'failures', 'errors', 'skipped', 'time', 'timestamp'], ['testcase']);
    assert.match(suite.attributes.timestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    const cases = elements(suite, 'testcase');
    assert.equal(number(suite, 'tests'), cases.length);
    assert.equal(number(suite, 'failures'), elements(suite, 'failure').length);
    assert.equal(number(suite, 'errors'), elements(suite, 'error').length);
    assert.equal(number(suite, 'skipped'), elements(suite, 'skipped').length);
    for (const one of cases) {
      only(one, ['classname', 'name', 'time'], ['failure', 'error', 'skipped', 'system-out']);
      assert.ok(one.children.length <= 1);
      for (const name of ['failure', 'error'])
        for (const bad of elements(one, name)) only(bad, ['message', 'type'], []);
    }
    tests += cases.length;
    failures += number(suite, 'failures');
    errors += number(suite, 'errors');
  }
  assert.deepEqual(
    [tests, failures, errors],
    [number(root, 'tests'), number(root, 'failures'), number(root, 'errors')],
  );
  assert.ok(tests === report.tasks.length + 1 && failures > 1 && errors === 1, 'there is something to count');
});

test('JSON is as its schema says, and what the schema does not name is refused', () => {
  const report = JSON.parse(WRITERS.json(whole(everything())));
  assert.ok(isReport(report));
  assert.equal(isReport({ ...report, more: 1 }), false);
  assert.equal(isReport({ ...report, tasks: [{ ...report.tasks[0], outcome: 'odd' }] }), false);
  const { totals: _, ...without } = report;
  assert.equal(isReport(without), false);
});

test('Markdown is short, whatever there is to tell', () => {
  const run = everything();
  const [first] = run.tasks;
  assert.ok(first);
  const many = Array.from({ length: 500 }, (_, i) => ({ ...first, id: `0.tasks.${i}`, name: `x`.repeat(500) }));
  const text = WRITERS.md(whole({ ...run, tasks: many }));
  assert.ok(text.length < 12_000, String(text.length));
  assert.match(text, /470 more rows/);
  assert.match(WRITERS.md(whole(run)), /^## runbook: playbooks\/monthly-audit\\?.yml: reverted\n/);
});

test('each kind of file is known by how it begins, and as no other', () => {
  for (const format of formats) {
    const text = WRITERS[format](whole(everything()));
    assert.deepEqual(
      formats.filter((other) => FORMATS[other].test(text.slice(0, 4096))),
      [format],
    );
  }
  for (const other of ['', '# Notes\n', '{"a": 1}\n', '<!doctype html>\n<html lang="en"><head>'])
    assert.ok(formats.every((format) => !FORMATS[format].test(other)));
});

test('a report without anything to tell is one', () => {
  const empty = foldReport({ ...kept('plan', [], { hosts: [] }) }, '0.1.0');
  for (const format of formats) assert.ok(WRITERS[format](empty).length > 50);
  parseMarkup(WRITERS.html(empty));
  const cut = foldReport({ head: { ...kept('plan', []).head, startedAt: START }, events: [], tasks: [] }, '0.1.0');
  parseMarkup(WRITERS.html(cut));
  assert.ok(isReport(JSON.parse(WRITERS.json(cut))));
});
