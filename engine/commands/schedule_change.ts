import type { Span } from '../language/diagnostics.ts';
import type { PlaySyntax } from '../language/syntax.ts';
import type { Templated } from '../language/templated.ts';
import type { Value, ValueMap } from '../language/values.ts';
import { type RunOptions, runOptions } from './options.ts';
import { runPlaybooks } from './run_playbooks.ts';
import type { Around, ScheduleChangeOptions } from './schedule.ts';

/** Removes a schedule as `changeSchedule` makes one. */
export function removeSchedule(name: string, options: ScheduleChangeOptions, around: Around): Promise<number> {
  return changeSchedule({ name, state: 'absent', scope: options.user ? 'user' : 'system' }, options, around);
}

/**
 * A play of one task on this machine, by the module that playbooks have for it: shown, asked about and applied as any
 * other, and undone as any other.
 */
export function changeSchedule(
  params: ValueMap & { readonly name: string; readonly scope: 'system' | 'user' },
  { yes, check, askBecomePass, color }: ScheduleChangeOptions,
  { program, secrets, wrong }: Around,
): Promise<number> {
  const root = params.scope === 'system' && process.getuid?.() !== 0;
  const options: RunOptions = {
    ...runOptions(program.createCommand('change'), wrong).opts<RunOptions>(),
    inventory: ['localhost,'],
    ...(yes && { yes }),
    ...(askBecomePass && { askBecomePass }),
    ...(color !== undefined && { color }),
  };
  const path = `schedule ${params.name}`;
  const playbook = { path, plays: [playOf(path, params, root)] };
  return runPlaybooks(check ? 'plan' : 'apply', [path], options, secrets, { playbook });
}

function playOf(path: string, params: ValueMap & { readonly name: string }, root: boolean): PlaySyntax {
  const span: Span = { source: { path, text: '' }, start: 0, end: 0 };
  const literal = (value: Value): Templated => ({ kind: 'literal', value, span });
  const entries = Object.entries(params).map(([key, value]) => ({ key, keySpan: span, value: literal(value) }));
  const shared = { when: [], tags: [], environment: [], dir: '.', span };
  return {
    ...shared,
    name: literal(path),
    hosts: literal('localhost'),
    gatherFacts: literal(false),
    connection: literal('local'),
    become: literal(root),
    varsFiles: [],
    serial: [],
    handlers: [],
    sections: [
      {
        name: 'tasks',
        tasks: [
          {
            ...shared,
            ...{ kind: 'task', key: '0.tasks.0', module: 'runbook_schedule', notify: [], listen: [], moduleSpan: span },
            name: literal(path),
            args: { kind: 'map', entries, span },
          },
        ],
      },
    ],
  };
}
