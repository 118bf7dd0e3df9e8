import type { RecordedStep, RecordedTask } from '../../engine/reporting/recorded_task.ts';
import {
  type Counts,
  REPORT,
  type Report,
  type ReportHost,
  type ReportRun,
  type Series,
  type Trend,
  type TrendRun,
  type Turn,
} from '../../engine/reporting/report/report.ts';
import {
  ATTRIBUTE,
  CONTENT,
  closed,
  count,
  FAILURE,
  FINDING,
  type Fields,
  flag,
  HOST,
  milliseconds,
  moment,
  NAMED,
  text,
  texts,
} from './fields.ts';
import type { Json } from './module_schema.ts';

/** What `--report FILE.json` writes. A new field of a report does not compile before it is described here. */
export function reportSchema(): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Report',
    description: 'What `--report FILE.json` writes of a plan, an apply or an audit.',
    ...closed(REPORT_FIELDS, ['trend']),
    $defs: {
      counts: closed(COUNTS),
      host: closed(HOST_FIELDS, ['trouble']),
      task: closed(TASK, ['delegate', 'item', 'message', 'waitsFor', 'warnings', 'finding', 'failure', 'at', 'ms']),
      step: { oneOf: [closed(ACTION), closed(CHANGE, ['access', 'secret', 'content'])] },
      finding: FINDING,
      failure: FAILURE,
      trend: closed(TREND, ['since']),
      turn: closed(TURN),
    },
  };
}

const list = (name: string, description: string): Json => ({
  type: 'array',
  items: { $ref: `#/$defs/${name}` },
  description,
});
const COMMAND: Json = { enum: ['plan', 'apply', 'audit'], description: 'What was asked for.' };
const VERDICT: Json = {
  enum: ['ok', 'changed', 'pending', 'warn', 'fail', 'refused', 'unreachable', 'failed', 'reverted', 'interrupted'],
  description: 'The worst of what there was. `fail`: of a check; `failed`: of a task.',
};
const LEVEL: Json = { enum: ['pass', 'warn', 'fail'] };

const COUNTS: Fields<Counts> = {
  pass: count('Checks that pass.'),
  warn: count('Checks that warn.'),
  fail: count('Checks that fail.'),
  ok: count('Tasks that found nothing to do.'),
  changed: count('Tasks that changed something.'),
  pending: count('Tasks that would change something, or were not reached.'),
  failed: count('Tasks that failed, and whose failure counts.'),
  excused: count('Tasks that failed, and were ignored or rescued.'),
  skipped: count('Tasks whose condition was false.'),
};

const RUN: Fields<ReportRun> = {
  id: text('Names the run, as `runbook show` does.'),
  by: text('User and machine that started it.'),
  playbooks: texts('The playbooks, as they were named.'),
  undoes: text('The run that this one takes back.'),
  git: {
    ...closed({ commit: text('The commit.'), dirty: flag('There were changes that are not in it.') }),
    description: 'What the repository of the playbook had checked out.',
  },
  startedAt: moment('When it began.'),
  command: COMMAND,
  verdict: VERDICT,
  appliedAt: moment('When hosts began to be changed.'),
  finishedAt: moment('When it ended. Missing: it was cut off.'),
  ended: text('Why nothing was done, or not all.'),
};

const HOST_FIELDS: Fields<ReportHost> = {
  host: HOST,
  verdict: VERDICT,
  counts: { $ref: '#/$defs/counts' },
  trouble: {
    ...closed(
      {
        message: text('What.'),
        hint: text('What to do about it.'),
        log: texts('What the access guard did there, line by line.'),
      } satisfies Fields<NonNullable<ReportHost['trouble']>>,
      ['hint', 'log'],
    ),
    description: 'Why it took no part, or not to the end.',
  },
  looks: {
    type: 'array',
    items: closed({
      at: moment('When it was over.'),
      ms: milliseconds('How long it took.'),
      questions: count('How many resources were asked about.'),
    } satisfies Fields<ReportHost['looks'][number]>),
    description: 'Its round trips.',
  },
};

const TASK: Fields<RecordedTask> = {
  id: text('Names the task within the run.'),
  ...NAMED,
  outcome: {
    enum: ['ok', 'changed', 'skipped', 'failed', 'ignored', 'rescued', 'unreachable', 'pending', 'provisional'],
    description: '`pending`, `provisional`: it has not been done.',
  },
  noLog: flag('What it is about is not for everybody (`no_log`).'),
  steps: list('step', 'What it changed, or would.'),
  message: text('Why it was skipped, or what it says.'),
  waitsFor: texts('Names of the tasks that a provisional one waits for.'),
  warnings: texts('What looks wrong about it.'),
  finding: { $ref: '#/$defs/finding' },
  failure: { $ref: '#/$defs/failure' },
  at: moment('When it was over.'),
  ms: count('How long it took, in milliseconds.'),
};

const ACTION: Fields<Extract<RecordedStep, { run: unknown }>> = {
  run: text('Something to run, as a person would say it.'),
};

const CHANGE: Fields<Exclude<RecordedStep, { run: unknown }>> = {
  action: { enum: ['create', 'change', 'remove'], description: 'What becomes of it.' },
  title: text('Kind and name of the resource, such as `file /etc/motd`.'),
  access: { const: true, description: 'It may cut the way to the host.' },
  secret: flag('Its attributes and its content are not told.'),
  attributes: { type: 'array', items: ATTRIBUTE, description: 'What changes of it.' },
  content: CONTENT,
};

const TURN: Fields<Turn> = {
  host: HOST,
  check: text('Name of the check.'),
  from: LEVEL,
  to: LEVEL,
  summary: text('What is so now.'),
};

const TREND: Fields<Trend> = {
  runs: {
    type: 'array',
    items: closed({
      id: text('Names the run.'),
      startedAt: moment('When it began.'),
      command: COMMAND,
      pass: COUNTS.pass,
      warn: COUNTS.warn,
      fail: COUNTS.fail,
      changed: COUNTS.changed,
      failed: COUNTS.failed,
    } satisfies Fields<TrendRun>),
    description: 'The last runs of the same playbooks, oldest first; the last one is this.',
  },
  since: {
    ...closed({ id: text('Names the run.'), startedAt: moment('When it began.') }),
    description: 'The run that this one is compared with.',
  },
  better: list('turn', 'Checks that came to something better than then.'),
  worse: list('turn', 'Checks that came to something worse than then.'),
  series: {
    type: 'array',
    items: closed({
      host: HOST,
      check: text('Name of the check.'),
      name: text('What is measured, such as a mount point.'),
      unit: { enum: ['days', '%', 'bytes', 'seconds', 'count'], description: 'Of what.' },
      points: {
        type: 'array',
        items: closed({ at: moment('When.'), value: { type: 'number', description: 'How much.' } }),
        description: 'Oldest first.',
      },
    } satisfies Fields<Series>),
    description: 'Numbers over the runs.',
  },
};

const REPORT_FIELDS: Fields<Report> = {
  kind: { const: REPORT, description: 'What this file is.' },
  format: { const: 1, description: 'Of this shape.' },
  version: text('Version of the program.'),
  run: closed(RUN, ['undoes', 'git', 'appliedAt', 'finishedAt', 'ended']),
  totals: { $ref: '#/$defs/counts' },
  hosts: list('host', 'All hosts of the run.'),
  tasks: list('task', 'Their tasks, host by host.'),
  warnings: {
    type: 'array',
    items: closed({ host: HOST, message: text('What.') }, ['host']),
    description: 'Things to know that are no failures.',
  },
  trend: { $ref: '#/$defs/trend' },
};
