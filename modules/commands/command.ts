import { defineModule, type View, type Wish } from '../../engine/planning/contracts.ts';
import { sh } from '../../engine/transport/sh.ts';
import { type CommandWords, commandWords, shellWords } from './command_line.ts';
import { runProperties, runReturns } from './command_schema.ts';
import { type CommandParams, commandWish, guardRefs } from './run_command.ts';

interface Params extends CommandParams {
  readonly cmd?: string | null;
  readonly argv?: readonly string[] | null;
  readonly expand_argument_vars: boolean;
  readonly executable?: string | null;
}

export const command = defineModule<Params>({
  name: 'command',
  collection: 'ansible.builtin',
  summary: 'Runs a command without a shell',
  description: [
    'Quotes are taken off as in a shell, and then nothing is special but `$NAME` and a leading `~`: for pipes, redirections and patterns there is `shell`.',
    'A plan never runs it. What it would change cannot be known, so what follows is planned as far as can be guessed; `creates`, `removes` and `changed_when` tell the plan more.',
    "The task's `environment` is set for it, where root and its own user can read it while it runs; `stdin` is the place for secrets.",
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      cmd: { description: 'The command, with its arguments.', type: 'string' },
      argv: {
        description: 'The command as a list, where quoting would be a nuisance.',
        type: 'array',
        items: { type: 'string' },
      },
      ...runProperties,
      expand_argument_vars: {
        description: 'Expand `$NAME` and a leading `~`; a variable that is not set stays as written.',
        type: 'boolean',
        default: true,
      },
      executable: { description: 'Ignored with a warning: `shell` has it.', type: 'string' },
    },
    requiredOneOf: [['cmd', 'argv']],
    mutuallyExclusive: [['cmd', 'argv']],
  },
  freeForm: 'cmd',
  examples: `- name: Database of the application
  command: /opt/app/bin/setup --user app
  args:
    creates: /var/lib/app/db

- name: Version of nginx
  command:
    argv: [nginx, -v]
  register: nginx
  changed_when: false
  check_mode: false
`,
  returns: runReturns,
  looksAt: (params) => guardRefs(params),
  wants,
});

function wants(params: Params, view: View): Wish {
  const split: CommandWords = params.argv?.length ? { ok: true, words: params.argv } : commandWords(params.cmd ?? '');
  if (!split.ok) return { steps: [], failed: { message: split.problem, parameter: ['cmd'] } };
  const { words } = split;
  if (words.some((word) => word.includes('\0'))) {
    return { steps: [], failed: { message: 'a NUL character cannot stand in a command', parameter: ['cmd'] } };
  }
  const wish = commandWish(params, view, words, sh`exec ${shellWords(words, params.expand_argument_vars)}`);
  const ignored = '`executable` is ignored: `command` runs programs and no shell; `shell` has it';
  return params.executable ? { ...wish, warnings: [ignored] } : wish;
}
