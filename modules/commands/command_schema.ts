import type { ParamProperty } from '../../engine/language/module_spec.ts';

/** Parameters that `command` and `shell` share. */
export const runProperties: Readonly<Record<string, ParamProperty>> = {
  chdir: { description: 'Directory to run it in.', type: 'string', format: 'path' },
  creates: {
    description:
      'File or pattern: if there is one, the command is not run. What it makes belongs here: a plan then knows.',
    type: 'string',
    format: 'path',
  },
  removes: {
    description: 'File or pattern: if there is none, the command is not run.',
    type: 'string',
    format: 'path',
  },
  stdin: { description: 'What the command reads. It stands in no argument list.', type: 'string' },
  stdin_add_newline: { description: 'Add a newline to `stdin`.', type: 'boolean', default: true },
  strip_empty_ends: {
    description: 'Drop empty lines at the end of what it prints.',
    type: 'boolean',
    default: true,
  },
  warn: { description: "Ignored: Ansible's warnings about commands are gone there, too.", type: 'boolean' },
};

export const runReturns: Readonly<Record<string, string>> = {
  cmd: 'What was run.',
  rc: 'Exit status.',
  stdout: 'What it printed.',
  stdout_lines: 'The same, by lines.',
  stderr: 'What it complained of.',
  stderr_lines: 'The same, by lines.',
  start: 'When it began, by the clock of the host.',
  end: 'When it ended.',
  delta: 'How long it took.',
};
