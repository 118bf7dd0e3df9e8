/** The words of plays, blocks and tasks (Ansible: "Playbook Keywords"), as far as this version knows them. */

/** Set on a play, a block or a task, and inherited. */
export const SHARED = [
  'name',
  'become',
  'become_user',
  'become_method',
  'vars',
  'tags',
  'environment',
  'no_log',
  'ignore_errors',
  'ignore_unreachable',
  'any_errors_fatal',
  'check_mode',
  'run_once',
  'module_defaults',
  'timeout',
  'connection',
  'remote_user',
] as const;

export const PLAY = [
  ...SHARED,
  'hosts',
  'gather_facts',
  'vars_files',
  'serial',
  'max_fail_percentage',
  'pre_tasks',
  'tasks',
  'post_tasks',
  'handlers',
] as const;

const TASK_OR_BLOCK = [...SHARED, 'when', 'delegate_to', 'notify'] as const;

export const BLOCK = [...TASK_OR_BLOCK, 'block', 'rescue', 'always'] as const;

export const TASK = [
  ...TASK_OR_BLOCK,
  'action',
  'local_action',
  'args',
  'loop',
  'loop_control',
  'register',
  'changed_when',
  'failed_when',
  'until',
  'retries',
  'delay',
] as const;

export const HANDLER = [...TASK, 'listen'] as const;

export const IMPORT_PLAYBOOK = ['import_playbook', 'name', 'when', 'tags', 'vars'] as const;

/** Of `import_tasks`: what the tasks inherit. */
export const IMPORT_TASKS = [...TASK_OR_BLOCK, 'args'] as const;

export const LOOP_CONTROL = ['loop_var', 'index_var', 'label', 'pause', 'extended'] as const;

/** Ansible's words that this version does not have, and what to do instead. */
export const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ['async', 'Every command runs to its end here; for a long one start a unit with `systemd-run`.'],
  ['poll', 'Every command runs to its end here; for a long one start a unit with `systemd-run`.'],
  ['throttle', 'Use `serial` on the play, or `--forks`.'],
  ['debugger', 'Leave it out; `runbook plan` shows what a task would do.'],
  ['diff', 'Leave it out; `no_log: true` keeps contents from being shown.'],
  ['become_flags', 'Leave it out; sudo and su are called with the options they need.'],
  ['become_exe', 'Leave it out; sudo and su are found by their names.'],
  ['port', 'Set `ansible_port` in the inventory.'],
  ['collections', 'Leave it out: modules are found by their short names.'],
  ['delegate_facts', 'Facts are set for the host of the play.'],
  ['strategy', 'Leave it out.'],
  ['order', 'Leave it out: hosts come in the order of the inventory.'],
  ['force_handlers', 'Leave it out: a notified handler of a host that failed is reported.'],
  ['gather_subset', 'Leave it out: all facts come in one look.'],
  ['gather_timeout', 'Leave it out.'],
  ['fact_path', 'Leave it out.'],
  ['vars_prompt', 'Pass the value with `--extra-vars`, or put it in a file of `vars_files`.'],
  ['roles', 'Write `import_tasks: roles/NAME/tasks/main.yml`, and name its defaults in `vars_files`.'],
]);
