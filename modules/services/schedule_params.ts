import type { ParamProperty } from '../../engine/language/module_spec.ts';
import type { ValueMap } from '../../engine/language/values.ts';

export interface ScheduleParams {
  readonly name: string;
  readonly state: 'present' | 'absent';
  readonly playbooks?: readonly string[];
  readonly command: 'audit' | 'plan' | 'apply';
  readonly options: readonly string[];
  readonly directory?: string;
  readonly on_calendar?: string;
  readonly randomized_delay?: string;
  readonly report_dir?: string;
  readonly on_failure?: string;
  readonly scope: 'system' | 'user';
  readonly user?: string;
  readonly environment: ValueMap;
  readonly program: readonly string[];
  readonly sandbox: boolean;
}

export const scheduleRelations = {
  required: ['name'],
  requiredIf: [{ param: 'state', value: 'present', requires: ['playbooks', 'directory', 'on_calendar'] }],
};

export const scheduleProperties: { readonly [name: string]: ParamProperty } = {
  name: {
    type: 'string',
    pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$',
    description: 'Name of the schedule: its units are called `runbook-schedule-NAME`.',
  },
  state: { type: 'string', enum: ['present', 'absent'], default: 'present', description: 'Whether it is there.' },
  playbooks: { type: 'array', items: { type: 'string' }, minItems: 1, description: 'What is run.' },
  command: {
    type: 'string',
    enum: ['audit', 'plan', 'apply'],
    default: 'audit',
    description: 'How. `apply` needs `--yes` among its options: there is nobody to ask.',
  },
  options: {
    type: 'array',
    items: { type: 'string' },
    default: [],
    description: 'Options of the run, as on a command line. They are no place for secrets: anybody can read a unit.',
  },
  directory: { type: 'string', format: 'path', description: 'Where it is started, and its journal is.' },
  on_calendar: { type: 'string', description: 'When, as systemd.time(7) has it: `monthly`, `Mon 03:00`.' },
  randomized_delay: { type: 'string', description: 'Up to how much later, such as `30min`.' },
  report_dir: { type: 'string', format: 'path', description: 'Where each run leaves an HTML page of its own.' },
  on_failure: {
    type: 'string',
    description:
      'A command that a shell runs where a run ends with anything but 0. It has RUNBOOK_SCHEDULE, RUNBOOK_REPORT_DIR and what systemd tells of the run (MONITOR_EXIT_STATUS, MONITOR_SERVICE_RESULT).',
  },
  scope: {
    type: 'string',
    enum: ['system', 'user'],
    default: 'system',
    description: "Whether the host's systemd runs it, or that of the user whom the task acts as.",
  },
  user: { type: 'string', description: 'Who runs it (default: whom the task acts as).' },
  environment: { type: 'object', default: {}, description: 'Variables for the run, such as SSH_AUTH_SOCK.' },
  program: {
    type: 'array',
    items: { type: 'string' },
    default: ['runbook'],
    description: 'The program and what stands before the command.',
  },
  sandbox: {
    type: 'boolean',
    default: true,
    description:
      'Keep it from all but reading its files, writing its journal and reports, and SSH. A run that looks at or changes its own machine cannot be kept so.',
  },
};
