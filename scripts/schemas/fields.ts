import type { Diff } from '../../engine/planning/contracts.ts';
import type { Evidence, Finding, Measure } from '../../engine/planning/finding.ts';
import type { TaskFailure } from '../../engine/planning/plan.ts';
import type { Json } from './module_schema.ts';

/** The fields that a form of T has; one that is only said to be `never` there is none. */
export type Keys<T> = T extends unknown
  ? { [K in keyof T]-?: [Exclude<T[K], undefined>] extends [never] ? never : K }[keyof T]
  : never;
/** A schema for each field that any form of T has: one that is missing or too many does not compile. */
export type Fields<T> = { readonly [K in Keys<T>]: Json };

/** All fields are always there, but for the optional ones. */
export function closed(fields: Json, optional: readonly string[] = []): Json {
  const required = Object.keys(fields).filter((name) => !optional.includes(name));
  return { type: 'object', additionalProperties: false, required, properties: fields };
}

export const text = (description: string): Json => ({ type: 'string', description });
export const texts = (description: string): Json => ({ type: 'array', items: { type: 'string' }, description });
export const flag = (description: string): Json => ({ type: 'boolean', description });
export const count = (description: string): Json => ({ type: 'integer', minimum: 0, description });
export const milliseconds = (description: string): Json => ({ type: 'number', minimum: 0, description });
export const moment = (description: string): Json => ({
  type: 'integer',
  description: `${description} In milliseconds since 1970.`,
});
export const HOST = text('Name of the host in the inventory.');
/** An attribute of a resource that changes. */
export const ATTRIBUTE = closed(
  {
    name: text('Name of the attribute, such as `mode`.'),
    before: text('What it is. Missing: not there.'),
    after: text('What it is to be. Missing: not there.'),
  } satisfies Fields<Diff['attributes'][number]>,
  ['before', 'after'],
);

export const CONTENT: Json = {
  description: 'The content, where it changes: as text, or by size and hash where it is none or too large.',
  oneOf: [
    closed({ kind: { const: 'text' }, before: text('The old text.'), after: text('The new text.') }),
    closed(
      { kind: { const: 'opaque' }, before: text('The old one, in words.'), after: text('The new one, in words.') },
      ['before', 'after'],
    ),
  ],
};

export const FAILURE = closed(
  {
    message: text('What went wrong.'),
    command: text('What was run.'),
    stderr: text('What it printed to stderr, from its end.'),
    stdout: text('What it printed to stdout, from its end.'),
    status: { type: 'integer', description: 'Its exit status.' },
    left: text('What was done before, and what was not.'),
    hint: text('What to do about it.'),
  } satisfies Fields<TaskFailure>,
  ['command', 'stderr', 'stdout', 'status', 'left', 'hint'],
);

export const FINDING = closed(
  {
    level: { enum: ['pass', 'warn', 'fail'], description: 'What the check came to.' },
    summary: text('One line: what is so.'),
    evidence: {
      ...closed(
        {
          columns: texts('Heads of the columns.'),
          rows: { type: 'array', items: texts('One row.'), description: 'As the host has it.' },
          more: count('Rows that were left out.'),
        } satisfies Fields<Evidence>,
        ['more'],
      ),
      description: 'What it rests on, as a table.',
    },
    remedy: text('What to do about it.'),
    reference: text('Where the rule comes from.'),
    measures: {
      type: 'array',
      items: closed({
        name: text('Tells it from the others of the same check.'),
        value: { type: 'number', description: 'How much.' },
        unit: { enum: ['days', '%', 'bytes', 'seconds', 'count'], description: 'Of what.' },
      } satisfies Fields<Measure>),
      description: 'Numbers worth following from one run to the next.',
    },
  } satisfies Fields<Finding>,
  ['evidence', 'remedy', 'reference', 'measures'],
);

/** Of a task, whose it is and what it is called. */
export const NAMED = {
  host: HOST,
  delegate: text('The host it runs on, where that is another one (`delegate_to`).'),
  play: text('Name of the play.'),
  name: text('Name of the task, or of its module where it has none.'),
  item: text('Label of the item, in a loop.'),
  module: text('Name of the module.'),
  handler: flag('It is a handler.'),
  place: text('Where it is written: `file:line`.'),
} as const;
