import type { RecordedStep, RecordedTask } from '../recorded_task.ts';
import { unifiedDiff } from '../unified_diff.ts';
import { countOf } from './fold.ts';
import { END, lines, type Markup, markup, textOf } from './markup.ts';
import { labelOf, type Report, type ReportHost } from './report.ts';

/**
 * JUnit's XML, as CI servers read it (Ant's JUnitResultFormatter and Jenkins' junit-10.xsd): a testsuite for each
 * host, a testcase for each check and task. A warning passes and is told in system-out; so does a change.
 */
export function junitReport(report: Report): string {
  const { run, hosts, tasks, version } = report;
  const suites = hosts.map((host) =>
    suite(
      report,
      host,
      tasks.filter((task) => task.host === host.host),
    ),
  );
  const total = (pick: (suite: Suite) => number): number => suites.reduce((sum, one) => sum + pick(one), 0);
  const counts = markup`tests="${total((one) => one.tests)}" failures="${total((one) => one.failures)}" errors="${total((one) => one.errors)}"`;
  const time = seconds((run.finishedAt ?? run.startedAt) - run.startedAt);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${textOf(markup`<!-- runbook report ${version.replaceAll('-', '.')} -->${END}<testsuites name="${run.command} ${run.playbooks.join(' ')}" ${counts} time="${time}">${END}${suites.map(({ text }) => text)}</testsuites>${END}`)}`;
}

interface Suite {
  readonly text: Markup;
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
}

function suite({ run }: Report, { host, trouble, verdict }: ReportHost, tasks: readonly RecordedTask[]): Suite {
  const failures = tasks.filter((task) => ['fail', 'failed'].includes(countOf(task))).length;
  const skipped = tasks.filter((task) => countOf(task) === 'skipped').length;
  const errors = trouble === undefined ? 0 : 1;
  const tests = tasks.length + errors;
  const time = tasks.reduce((sum, { ms = 0 }) => sum + ms, 0);
  const stamp = new Date(run.startedAt).toISOString().slice(0, 19);
  const wrong =
    trouble &&
    markup`<testcase classname="${host}" name="${host}" time="0.000"><error message="${trouble.message}" type="${verdict}">${lines([trouble.hint ?? '', ...(trouble.log ?? [])].join('\n'))}</error></testcase>${END}`;
  const text = markup`<testsuite name="${host}" hostname="${host}" tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${seconds(time)}" timestamp="${stamp}">${END}${wrong}${tasks.map(testcase)}</testsuite>${END}`;
  return { text, tests, failures, errors };
}

function testcase(task: RecordedTask): Markup {
  const { play, host, ms = 0 } = task;
  return markup`<testcase classname="${host}.${play}" name="${labelOf(task)}" time="${seconds(ms)}">${verdict(task)}</testcase>${END}`;
}

function verdict(task: RecordedTask): Markup | undefined {
  const { finding, failure, message = '', place, module } = task;
  switch (countOf(task)) {
    case 'fail':
      return markup`<failure message="${finding?.summary}" type="${module}">${lines(details(task))}</failure>`;
    case 'failed':
      return markup`<failure message="${failure?.message ?? 'the host was lost'}" type="${module}">${lines([place, failure?.command, failure?.stderr, failure?.stdout, failure?.left, failure?.hint].filter((text) => text !== undefined && text !== '').join('\n'))}</failure>`;
    case 'skipped':
      return markup`<skipped message="${message}"></skipped>`;
    case 'warn':
    case 'changed':
    case 'pending':
    case 'excused':
      return markup`<system-out>${lines(details(task))}</system-out>`;
    default:
      return undefined;
  }
}

/** All there is to say, as text. */
function details(task: RecordedTask): string {
  const { finding, failure, outcome, place, steps } = task;
  const rows = [finding?.evidence?.columns ?? [], ...(finding?.evidence?.rows ?? [])].map((row) => row.join('  '));
  return [
    finding === undefined ? outcome : `${finding.level}: ${finding.summary}`,
    place,
    ...(failure === undefined ? [] : [failure.message]),
    ...(finding?.evidence === undefined ? [] : rows),
    ...(finding?.remedy === undefined ? [] : [`remedy: ${finding.remedy}`]),
    ...(finding?.reference === undefined ? [] : [`see: ${finding.reference}`]),
    ...steps.flatMap(stepLines),
  ].join('\n');
}

function stepLines(step: RecordedStep): readonly string[] {
  if ('run' in step) return [`> ${step.run}`];
  const { action, title, attributes, content } = step;
  return [
    `${action} ${title}`,
    ...attributes.map(({ name, before, after }) => `  ${name}: ${before ?? 'none'} -> ${after ?? 'none'}`),
    ...(content?.kind === 'text' ? (unifiedDiff(content.before, content.after) ?? ['  (too different to show)']) : []),
    ...(content?.kind === 'opaque' ? [`  content: ${content.before ?? 'none'} -> ${content.after ?? 'none'}`] : []),
  ];
}

function seconds(ms: number): string {
  return (Math.max(0, ms) / 1000).toFixed(3);
}
