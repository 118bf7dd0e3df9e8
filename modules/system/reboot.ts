import { type Action, defineModule, type Ref } from '../../engine/planning/contracts.ts';
import type { Answer } from '../../engine/transport/connection.ts';
import { sh } from '../../engine/transport/sh.ts';

interface RebootParams {
  readonly pre_reboot_delay: number;
  readonly post_reboot_delay: number;
  readonly reboot_timeout: number;
  readonly connect_timeout?: number | null;
  readonly test_command: string;
  readonly msg: string;
  readonly search_paths: readonly string[];
  readonly boot_time_command: string;
  readonly reboot_command?: string | null;
}

export const reboot = defineModule<RebootParams>({
  name: 'reboot',
  collection: 'ansible.builtin',
  summary: 'Restarts the host and waits until it is back',
  description: [
    'The connection is lost on purpose. Back means that a new login shows another boot than before, and that `test_command` succeeds; only then the play goes on, on a new connection.',
    'A host that an earlier task of the play may have cut off still puts itself back after the restart if nobody gets in. A restart cannot be taken back.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      pre_reboot_delay: {
        type: 'integer',
        aliases: ['pre_reboot_delay_sec'],
        default: 0,
        description: 'Seconds that those who are logged in have left, in whole minutes; less than 60 is none.',
      },
      post_reboot_delay: {
        type: 'integer',
        aliases: ['post_reboot_delay_sec'],
        default: 0,
        description: 'Seconds to wait before the first login is tried.',
      },
      reboot_timeout: {
        type: 'integer',
        aliases: ['reboot_timeout_sec'],
        default: 600,
        minimum: 1,
        description: 'Seconds until it has to be back, and again until the test succeeds.',
      },
      connect_timeout: {
        type: 'integer',
        aliases: ['connect_timeout_sec'],
        minimum: 1,
        description: "Seconds that one login may take (default: the host's own).",
      },
      test_command: { type: 'string', default: 'whoami', description: 'Has to succeed once it is back.' },
      msg: {
        type: 'string',
        default: 'Reboot initiated by runbook',
        description: 'What those who are logged in are told.',
      },
      search_paths: {
        type: 'array',
        items: { type: 'string' },
        default: ['/sbin', '/bin', '/usr/sbin', '/usr/bin', '/usr/local/sbin'],
        description: 'Where `shutdown` is looked for.',
      },
      boot_time_command: {
        type: 'string',
        default: 'cat /proc/sys/kernel/random/boot_id',
        description: 'Prints something that is another thing after each boot.',
      },
      reboot_command: { type: 'string', description: 'Restarts the host in place of `shutdown -r`.' },
    },
  },
  examples: `- name: The new kernel runs
  reboot:
    reboot_timeout: 300
`,
  returns: { rebooted: 'Whether it was restarted.', elapsed: 'Seconds until it was back.' },
  looksAt: () => [],
  wants: (params) => ({ steps: [restart(params)] }),
});

function restart(params: RebootParams): Action {
  const { pre_reboot_delay, post_reboot_delay, reboot_timeout, connect_timeout } = params;
  const minutes = Math.max(0, Math.floor(pre_reboot_delay / 60));
  return {
    kind: 'action',
    summary: `reboot${minutes > 0 ? ` in ${minutes} min` : ''}, and wait until it is back`,
    script: params.reboot_command ? sh`sh -c ${params.reboot_command}` : shutdown(params, minutes),
    leaves: {
      sign: sh`sh -c ${params.boot_time_command}`,
      test: sh`sh -c ${params.test_command}`,
      timeoutS: reboot_timeout + minutes * 60,
      delayS: Math.max(0, post_reboot_delay),
      ...(connect_timeout && { loginS: connect_timeout }),
    },
    disturbs,
    changed: true,
    failed: ({ status, stderr }) => (status === 0 ? undefined : new TextDecoder().decode(stderr).trim() || 'it failed'),
    result: (answer: Answer) => ({ rebooted: answer.status === 0, elapsed: Math.round(answer.ms / 1000) }),
  };
}

function shutdown({ search_paths, msg }: RebootParams, minutes: number) {
  return sh`for rb_dir in ${search_paths}; do
  if [ -x "$rb_dir/shutdown" ]; then
    exec "$rb_dir/shutdown" -r ${`+${minutes}`} ${msg}
  fi
done
echo ${`there is no shutdown in ${search_paths.join(', ')}: name the command in reboot_command`} >&2
exit 127`;
}

/** Accounts, packages and files on disk outlast a boot. */
const LASTING: ReadonlySet<string> = new Set(['package', 'user', 'group', 'crontab', 'debconf']);

function disturbs({ type, id }: Ref, value: unknown): boolean {
  if (type.name === 'path' || type.name === 'glob' || type.name === 'tree')
    return /^\/(run|tmp|proc|sys|dev)(\/|$)/.test(id);
  return !LASTING.has(type.name) && value !== null;
}
