import type { HostRecap } from '../../engine/planning/plan.ts';
import type { JsonEvent } from '../../engine/reporting/json_reporter.ts';
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
  type Keys,
  milliseconds,
  moment,
  NAMED,
  text,
  texts,
} from './fields.ts';
import type { Json } from './module_schema.ts';

type EventOf<Type> = Extract<JsonEvent, { type: Type }>;
type JsonTask = EventOf<'planned'>['tasks'][number];
type JsonStep = JsonTask['steps'][number];
type Identity = Pick<EventOf<'task-started'>, Exclude<Keys<EventOf<'task-started'>>, 'type'>>;

/** One line of `--json`. A new kind of event, or a new field of one, does not compile before it is described here. */
export function eventsSchema(): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Event',
    description:
      'One line that `runbook plan --json`, `runbook audit --json` or `runbook apply --json` prints. Lines come in order of time.',
    oneOf: Object.keys(EVENTS).map((type) => ({ $ref: `#/$defs/${type}` })),
    $defs: {
      ...Object.fromEntries(
        Object.entries(EVENTS).map(([type, { description, fields, optional }]) => [
          type,
          { description, ...closed({ type: { const: type }, ...fields }, optional) },
        ]),
      ),
      task: closed(TASK, OPTIONAL_OF_TASK),
      step: { oneOf: [closed(ACTION), closed(CHANGE, ['access', 'attributes', 'content', 'hidden'])] },
      failure: FAILURE,
      recap: closed(RECAP),
      finding: FINDING,
    },
  };
}

const list = (name: string, description: string): Json => ({
  type: 'array',
  items: { $ref: `#/$defs/${name}` },
  description,
});

const HIDDEN: Json = { enum: ['no_log', 'secret'], description: 'Why the rest is not told.' };

const IDENTITY: Fields<Identity> = {
  id: text('Names the task within the run: the same in the plan and in what comes of it.'),
  ...NAMED,
  user: { type: ['string', 'null'], description: 'User it acts as; null: whoever logs in.' },
};
const OPTIONAL_OF_IDENTITY = ['delegate', 'item'];

const TASK: Fields<JsonTask> = {
  ...IDENTITY,
  status: {
    enum: ['ok', 'change', 'skip', 'fail', 'provisional'],
    description:
      '`ok`: nothing to do. `fail`: known to fail before anything is touched. `provisional`: hangs on what an earlier task has to do first.',
  },
  waitsFor: texts('Names of the tasks that a provisional one waits for.'),
  warnings: texts('What looks wrong about it.'),
  message: text('Why it is skipped or fails, or what it says.'),
  finding: { $ref: '#/$defs/finding' },
  hidden: HIDDEN,
  steps: list('step', 'What it does, in order.'),
};
const OPTIONAL_OF_TASK = [...OPTIONAL_OF_IDENTITY, 'message', 'finding', 'hidden'];

const ACTION: Fields<Extract<JsonStep, { run: unknown }>> = {
  run: text('Something to run, as a person would say it.'),
};

const CHANGE: Fields<Exclude<JsonStep, { run: unknown }>> = {
  action: { enum: ['create', 'change', 'remove'], description: 'What becomes of it.' },
  title: text('Kind and name of the resource, such as `file /etc/motd`.'),
  access: { const: true, description: 'It may cut the way to the host.' },
  attributes: { type: 'array', items: ATTRIBUTE, description: 'What changes of it.' },
  content: CONTENT,
  hidden: HIDDEN,
};

const RECAP: Fields<HostRecap> = {
  host: HOST,
  ok: count('Tasks that found nothing to do.'),
  changed: count('Tasks that changed something.'),
  failed: count('Tasks that failed, and whose failure counts.'),
  skipped: count('Tasks whose condition was false.'),
  rescued: count('Tasks that failed and were rescued.'),
  ignored: count('Tasks that failed and were ignored.'),
  unreachable: flag('The host could not be reached, or was lost on the way.'),
  reverted: flag('Nobody could log in any more after a play, and the access guard has put it back.'),
  ms: milliseconds('How long it took.'),
};

interface EventSchema<T> {
  readonly description: string;
  readonly fields: { readonly [K in Exclude<Keys<T>, 'type'>]: Json };
  readonly optional?: readonly Exclude<Keys<T>, 'type'>[];
}

const EVENTS: { readonly [Type in JsonEvent['type']]: EventSchema<EventOf<Type>> } = {
  'run-started': {
    description: 'The first line. The input is right; hosts are contacted from here on.',
    fields: {
      command: { enum: ['plan', 'apply', 'audit'], description: 'What is asked for.' },
      playbooks: texts('The playbooks, as they were named.'),
      hosts: texts('All hosts of the run.'),
      at: moment('When.'),
    },
  },
  'host-looked': {
    description: 'A host was looked at, in one round trip.',
    fields: {
      host: HOST,
      ms: milliseconds('How long it took.'),
      questions: count('How many resources were asked about.'),
    },
  },
  'host-unreachable': {
    description: 'A host could not be reached, or was lost: it takes no further part.',
    fields: { host: HOST, message: text('Why.'), hint: text('What to do about it.') },
    optional: ['hint'],
  },
  'host-refused': {
    description: 'Another run is at work on a host, or has changed what was planned: nothing is done there.',
    fields: { host: HOST, message: text('Why.'), hint: text('What to do about it.') },
    optional: ['hint'],
  },
  'host-reverted': {
    description: 'After a play nobody could log in any more: the access guard of the host has put it back.',
    fields: {
      host: HOST,
      message: text('Why.'),
      log: texts('What the guard did there, line by line.'),
      hint: text('What to do about it.'),
    },
    optional: ['hint'],
  },
  planned: {
    description: 'The plan of a host: what apply then does, or what is all, in a plan.',
    fields: { host: HOST, tasks: list('task', 'Its tasks, in order.') },
  },
  'apply-started': {
    description: 'The plan has been agreed to: from here on hosts are changed.',
    fields: { at: moment('When.') },
  },
  'play-started': {
    description: 'A play, or the next batch of its hosts (`serial`), begins.',
    fields: { play: text('Name of the play.'), hosts: texts('The hosts that take part.') },
  },
  'task-started': {
    description: 'A task begins on a host.',
    fields: IDENTITY,
    optional: ['delegate', 'item'],
  },
  'task-finished': {
    description: 'A task ended on a host.',
    fields: {
      ...IDENTITY,
      outcome: {
        enum: ['ok', 'changed', 'skipped', 'failed', 'ignored', 'rescued', 'unreachable'],
        description: '`changed`: looked at again, the host is as wanted. `ignored` and `rescued`: it failed.',
      },
      ms: count('How long it took, in milliseconds.'),
      message: text('Why it was skipped, or what it says.'),
      finding: { $ref: '#/$defs/finding' },
      result: { type: 'object', description: 'What it registers.' },
      failure: { $ref: '#/$defs/failure' },
      hidden: HIDDEN,
    },
    optional: ['delegate', 'item', 'message', 'finding', 'result', 'failure', 'hidden'],
  },
  warning: {
    description: 'Something to know that is no failure.',
    fields: { host: HOST, message: text('What.') },
    optional: ['host'],
  },
  'run-finished': {
    description: 'The last line.',
    fields: { at: moment('When.'), recap: list('recap', 'How each host ended.') },
  },
};
