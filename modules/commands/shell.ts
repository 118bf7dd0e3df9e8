import { defineModule } from '../../engine/planning/contracts.ts';
import { runProperties, runReturns } from './command_schema.ts';
import { type CommandParams, commandWish, guardRefs } from './run_command.ts';
import { shellProgram } from './shell_program.ts';

interface Params extends CommandParams {
  readonly cmd: string;
  readonly executable?: string | null;
}

export const shell = defineModule<Params>({
  name: 'shell',
  collection: 'ansible.builtin',
  summary: 'Runs a script in a shell',
  description: [
    'The text is run by /bin/sh or `executable`, and stands in no argument list. Put variables in it through the filter `quote`.',
    'A plan never runs it. What it would change cannot be known, so what follows is planned as far as can be guessed; `creates`, `removes` and `changed_when` tell the plan more.',
    "The task's `environment` is set for it, where root and its own user can read it while it runs; `stdin` is the place for secrets.",
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      cmd: { description: 'The script.', type: 'string' },
      ...runProperties,
      executable: {
        description: 'Full path of the shell. Anything else than a shell is run as `EXECUTABLE -c SCRIPT`.',
        type: 'string',
        format: 'path',
      },
    },
    required: ['cmd'],
  },
  freeForm: 'cmd',
  examples: `- name: Dump of the database
  shell: |
    set -o pipefail
    pg_dump app | gzip > /var/backups/app.sql.gz
  args:
    executable: /bin/bash
    creates: /var/backups/app.sql.gz
`,
  returns: runReturns,
  looksAt: (params) => guardRefs(params),
  wants: (params, view) => {
    if (params.cmd.trim() === '') return { steps: [], failed: { message: 'no command is given', parameter: ['cmd'] } };
    return commandWish(params, view, params.cmd, shellProgram(params.cmd, params.executable || '/bin/sh'));
  },
});
