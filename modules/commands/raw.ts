import { defineModule } from '../../engine/planning/contracts.ts';
import { runReturns } from './command_schema.ts';
import { commandAction } from './run_command.ts';
import { shellProgram } from './shell_program.ts';

interface Params {
  readonly cmd: string;
  readonly executable?: string | null;
}

const { cmd, start: _start, end: _end, delta: _delta, ...returns } = runReturns;

export const raw = defineModule<Params>({
  name: 'raw',
  collection: 'ansible.builtin',
  summary: 'Runs a script in a shell, and nothing more',
  description: [
    'For Ansible this is the way to hosts without Python. No module here needs Python, and this one is `shell` without its parameters.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      cmd: { description: 'The script.', type: 'string' },
      executable: { description: 'Full path of the shell.', type: 'string', format: 'path' },
    },
    required: ['cmd'],
  },
  freeForm: 'cmd',
  examples: `- name: Kernel
  raw: uname -r
  register: kernel
  changed_when: false
`,
  returns: { ...(cmd && { cmd }), ...returns },
  looksAt: () => [],
  wants: (params, view) => {
    if (params.cmd.trim() === '') return { steps: [], failed: { message: 'no command is given', parameter: ['cmd'] } };
    const exec = shellProgram(params.cmd, params.executable || '/bin/sh');
    return { steps: [commandAction({ cmd: params.cmd, exec, strip: false }, view)] };
  },
});
