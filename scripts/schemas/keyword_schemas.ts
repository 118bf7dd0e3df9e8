import type { Json } from './module_schema.ts';
import { TEMPLATE } from './module_schema.ts';

function flag(description: string, fallback?: boolean): Json {
  const notes = fallback === undefined ? { description } : { description, default: fallback };
  return { ...notes, $ref: '#/$defs/boolean' };
}

function text(description: string): Json {
  return { description, type: ['string', 'number'] };
}

function number(description: string, fallback?: number): Json {
  const notes = fallback === undefined ? { description } : { description, default: fallback };
  return { ...notes, anyOf: [{ type: 'number', minimum: 0 }, { type: 'string', pattern: '^[0-9.]+$' }, TEMPLATE] };
}

function texts(description: string): Json {
  return { description, anyOf: [{ type: 'string' }, { type: 'array', items: { type: ['string', 'number'] } }] };
}

function conditions(description: string): Json {
  const one = { type: ['string', 'boolean', 'number'] };
  return { description, anyOf: [one, { type: 'array', items: one }] };
}

const variables = (description: string): Json => ({ description, $ref: '#/$defs/variables' });
const tasks = (description: string): Json => ({ description, $ref: '#/$defs/tasks' });

const environment = {
  description: 'Environment variables of the commands that tasks run.',
  anyOf: [{ type: 'object' }, { type: 'array', items: { anyOf: [{ type: 'object' }, TEMPLATE] } }, TEMPLATE],
};

/** For plays, blocks and tasks. */
export const SHARED_KEYWORDS: Json = {
  name: text('What this is for, as shown while it runs.'),
  become: flag('Act as another user, root unless `become_user` says otherwise.', false),
  become_user: text('The user to act as. Default: root.'),
  become_method: { description: 'How to become that user.', anyOf: [{ enum: ['sudo', 'su'] }, TEMPLATE] },
  vars: variables('Variables for what stands below.'),
  tags: texts('Words by which `--tags` and `--skip-tags` choose tasks; `always` and `never` are special.'),
  environment,
  no_log: flag('Show neither contents nor results: they are secret.', false),
  ignore_errors: flag('Go on where a task fails.', false),
  ignore_unreachable: flag('Go on where a host cannot be reached.', false),
  any_errors_fatal: flag('A failure on one host ends the play on all.', false),
  check_mode: flag('`true`: only look, never change. `false`: run a command even in a plan.'),
  run_once: flag('Run on the first host of the batch, for all.', false),
  module_defaults: { $ref: '#/$defs/module_defaults' },
  timeout: number('Seconds after which a task fails.'),
  connection: text('How hosts are reached: `ssh` or `local`.'),
  remote_user: text('The user to log in as.'),
};

const TASK_OR_BLOCK: Json = {
  ...SHARED_KEYWORDS,
  when: conditions('Run only where all of these expressions hold, without `{{ }}`.'),
  delegate_to: text('Run on this host instead, with the variables of the play’s host.'),
  notify: texts('Handlers to run at the end of the play where something changed.'),
};

export const BLOCK_KEYWORDS: Json = {
  ...TASK_OR_BLOCK,
  block: tasks('Tasks that belong together.'),
  rescue: tasks('Tasks for when one of the block fails.'),
  always: tasks('Tasks for the end, whatever happened.'),
};

const loopForms: Json = {
  loop: { description: 'Run once for each item of this list.', anyOf: [{ type: 'array' }, TEMPLATE] },
  with_items: { description: 'As `loop`; lists in the list are flattened by one level.' },
  with_list: { description: 'As `loop`.', anyOf: [{ type: 'array' }, TEMPLATE] },
  with_dict: {
    description: 'For each `item.key` and `item.value` of a map.',
    anyOf: [{ type: ['object', 'array'] }, TEMPLATE],
  },
  with_fileglob: texts('For each file on this machine that matches.'),
  with_first_found: { description: 'For the first of these files that exists on this machine.' },
  with_nested: { description: 'For each combination of several lists.', anyOf: [{ type: 'array' }, TEMPLATE] },
  with_together: {
    description: 'For the first items of several lists, then the second, and so on.',
    anyOf: [{ type: 'array' }, TEMPLATE],
  },
  with_sequence: { description: 'For each number, such as `start=1 end=5`.' },
  with_indexed_items: { description: 'For each `item.0` (its number) and `item.1`.' },
};

const loopControl: Json = {
  description: 'How a loop is run and shown.',
  type: 'object',
  additionalProperties: false,
  properties: {
    loop_var: { description: 'The name of the item.', type: 'string', default: 'item' },
    index_var: { description: 'A variable for the number of the item, from 0.', type: 'string' },
    label: text('What is shown of an item.'),
    pause: number('Seconds between items.'),
    extended: { description: 'Also set `ansible_loop`.', type: 'boolean', default: false },
  },
};

const NAME = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' };

export const TASK_KEYWORDS: Json = {
  ...TASK_OR_BLOCK,
  ...loopForms,
  loop_control: loopControl,
  args: { description: 'Further parameters of the module.', type: ['object', 'null'] },
  action: { description: 'The module and its parameters, in Ansible’s old form.', type: ['string', 'object'] },
  local_action: { description: 'As `action`, on this machine.', type: ['string', 'object'] },
  register: { description: 'A variable for the result.', ...NAME },
  changed_when: conditions('What counts as a change, in place of what the module says.'),
  failed_when: conditions('What counts as a failure, in place of what the module says.'),
  until: conditions('Try again until this holds.'),
  retries: number('How often to try, with `until`.', 3),
  delay: number('Seconds between tries.', 5),
};

export const HANDLER_KEYWORDS: Json = {
  ...TASK_KEYWORDS,
  listen: texts('Further names by which this handler is notified.'),
};

const serial = {
  anyOf: [{ type: 'integer', minimum: 0 }, { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?%?$' }, TEMPLATE],
};

export const PLAY_KEYWORDS: Json = {
  ...SHARED_KEYWORDS,
  hosts: texts('Which hosts: `all`, a group, a host, or a pattern such as `web:&prod:!db1`.'),
  gather_facts: flag('Learn about the hosts before the first task.', true),
  vars_files: {
    description: 'Files of variables; of a list within the list, the first that exists.',
    anyOf: [
      { type: 'string' },
      { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] } },
    ],
  },
  serial: {
    description: 'How many hosts at a time: a number, a percentage, or a list of these.',
    anyOf: [...serial.anyOf, { type: 'array', items: serial }],
  },
  max_fail_percentage: {
    description: 'End the play when more than this part of the hosts of a batch has failed.',
    anyOf: [
      { type: 'number', minimum: 0, maximum: 100 },
      { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?%?$' },
      TEMPLATE,
    ],
  },
  pre_tasks: tasks('Tasks before `tasks`.'),
  tasks: tasks('What is to be done, in this order.'),
  post_tasks: tasks('Tasks after `tasks` and the handlers they notified.'),
  handlers: { description: 'Tasks that run once at the end where they are notified.', $ref: '#/$defs/handlers' },
};

export const IMPORT_PLAYBOOK_KEYWORDS: Json = {
  import_playbook: { description: 'A playbook whose plays stand here.', type: 'string' },
  name: SHARED_KEYWORDS.name,
  when: TASK_OR_BLOCK.when,
  tags: SHARED_KEYWORDS.tags,
  vars: SHARED_KEYWORDS.vars,
};

export const IMPORT_TASKS: Json = {
  description: 'Tasks of a file, read when the playbook is read.',
  anyOf: [
    { type: 'string' },
    { type: 'object', properties: { file: { type: 'string' } }, required: ['file'], additionalProperties: false },
  ],
};
