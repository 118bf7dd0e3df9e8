import type { Value, ValueMap } from '../../engine/language/values.ts';
import { type Action, defineModule, type Wish } from '../../engine/planning/contracts.ts';
import { partText } from '../../engine/resources/answer_text.ts';
import type { Answer } from '../../engine/transport/connection.ts';
import type { Sh } from '../../engine/transport/sh.ts';
import { type Failure, failedWish, isFailure } from '../files/failure.ts';
import { pathProblem } from '../files/target.ts';
import { procAddresses } from './proc_address.ts';
import {
  absentProbe,
  bannerProbe,
  closedProbe,
  connectProbe,
  drainedProbe,
  pathProbe,
  searchProbe,
  TIMED_OUT,
  waitProgram,
} from './wait_program.ts';

interface WaitParams {
  readonly host: string;
  readonly port?: number;
  readonly path?: string;
  readonly state: 'absent' | 'drained' | 'present' | 'started' | 'stopped';
  readonly search_regex?: string;
  readonly timeout: number;
  readonly delay: number;
  readonly sleep: number;
  readonly connect_timeout: number;
  readonly exclude_hosts?: readonly string[];
  readonly active_connection_states: readonly string[];
  readonly msg?: string;
}

/** proc_net_tcp(5), include/net/tcp_states.h. */
const STATES: Readonly<Record<string, string>> = {
  ESTABLISHED: '01',
  SYN_SENT: '02',
  SYN_RECV: '03',
  FIN_WAIT1: '04',
  FIN_WAIT2: '05',
  TIME_WAIT: '06',
};

export const wait_for = defineModule<WaitParams>({
  name: 'wait_for',
  collection: 'ansible.builtin',
  summary: 'Waits until a port, a file or a text is there, or gone',
  description: [
    'The host looks itself, once a `sleep`, until it is so; when `timeout` is over the task fails. With neither `port` nor `path` the task waits for that time and goes on. A plan does not wait.',
    "A port is tried from the host: by bash's /dev/tcp, or else perl or nc. `search_regex` needs perl, which every Debian has (perl-base).",
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    mutuallyExclusive: [['port', 'path']],
    requiredIf: [{ param: 'state', value: 'drained', requires: ['port'] }],
    properties: {
      host: { type: 'string', default: '127.0.0.1', description: 'Name or address that has the port.' },
      port: { type: 'integer', minimum: 1, maximum: 65535, description: 'Port that is tried.' },
      path: {
        type: 'string',
        format: 'path',
        description: 'File or directory that is looked for; links are followed.',
      },
      state: {
        type: 'string',
        enum: ['absent', 'drained', 'present', 'started', 'stopped'],
        default: 'started',
        description:
          'Of a port: `started` (it takes connections), `stopped` (it takes none) or `drained` (nobody is connected to it). Of a path: `present` or `absent`.',
      },
      search_regex: {
        type: 'string',
        description: 'What has to be found in the file, or in what the port says first. `^` and `$` are at lines.',
      },
      timeout: { type: 'integer', default: 300, minimum: 0, description: 'Seconds to wait at most.' },
      delay: { type: 'integer', default: 0, minimum: 0, description: 'Seconds before the first look.' },
      sleep: { type: 'integer', default: 1, minimum: 0, description: 'Seconds between looks.' },
      connect_timeout: { type: 'integer', default: 5, minimum: 1, description: 'Seconds that one try may take.' },
      exclude_hosts: {
        type: 'array',
        items: { type: 'string' },
        description: 'Addresses whose connections do not count, of a port that is to be `drained`.',
      },
      active_connection_states: {
        type: 'array',
        items: { type: 'string', enum: Object.keys(STATES) },
        default: ['ESTABLISHED', 'FIN_WAIT1', 'FIN_WAIT2', 'SYN_RECV', 'SYN_SENT', 'TIME_WAIT'],
        description: 'States of connections that count, of a port that is to be `drained`.',
      },
      msg: { type: 'string', description: 'What the task says when the time is over.' },
    },
  },
  examples: `- name: The application takes connections
  wait_for:
    port: 8000
    timeout: 60

- name: It says that it is ready
  wait_for:
    path: /var/log/app.log
    search_regex: listening on port (\\d+)
`,
  returns: {
    elapsed: 'Seconds that it took.',
    state: 'The state that was waited for.',
    port: 'The port.',
    path: 'The path.',
    search_regex: 'The expression.',
    match_groups: 'What the groups of the expression have caught, in order.',
    match_groupdict: 'What the groups with names have caught.',
  },
  looksAt: () => [],
  wants,
});

function wants(params: WaitParams): Wish {
  const probe = probeOf(params);
  if (probe !== undefined && isFailure(probe)) return failedWish(probe);
  const { delay, timeout, sleep, path } = params;
  const action: Action = {
    kind: 'action',
    summary: summaryOf(params),
    script: waitProgram({ delay, timeout, sleep, probe }),
    disturbs: path === undefined ? 'nothing' : ({ type, id }) => type.name === 'path' && id === path,
    changed: false,
    result: (answer) => resultOf(answer, params),
    failed: (answer) => failureOf(answer, params),
  };
  return { steps: [action] };
}

function probeOf(params: WaitParams): Sh | Failure | undefined {
  const { host, port, path, state, search_regex: regex, connect_timeout: seconds } = params;
  if (params.exclude_hosts !== undefined && state !== 'drained') {
    return { failed: '`exclude_hosts` is for `state: drained`', parameter: 'exclude_hosts' };
  }
  const gone = state === 'absent' || state === 'stopped';
  if (regex !== undefined && (gone || state === 'drained')) {
    return { failed: `\`search_regex\` is for \`state: started\`, not for \`${state}\``, parameter: 'search_regex' };
  }
  if (path !== undefined) return pathProbeOf(path, state, regex);
  if (port === undefined) return undefined;
  if (!/^[A-Za-z0-9_.:-]+$/.test(host))
    return { failed: `\`${host}\` is no name or address of a host`, parameter: 'host' };
  if (state === 'drained') return drained(params, port);
  if (gone) return closedProbe(host, port, seconds);
  return regex === undefined ? connectProbe(host, port, seconds) : bannerProbe(host, port, seconds, regex);
}

function pathProbeOf(path: string, state: WaitParams['state'], regex: string | undefined): Sh | Failure {
  const problem = pathProblem(path);
  if (problem !== undefined) return problem;
  if (state === 'stopped' || state === 'drained') {
    return { failed: `\`state: ${state}\` is for ports: a path is \`present\` or \`absent\``, parameter: 'state' };
  }
  if (state === 'absent') return absentProbe(path);
  return regex === undefined ? pathProbe(path) : searchProbe(path, regex);
}

function drained({ host, exclude_hosts, active_connection_states }: WaitParams, port: number): Sh | Failure {
  const local = procAddresses(host);
  if (local === undefined) {
    return { failed: `\`${host}\`: for \`drained\` an address is needed, or 0.0.0.0 for all`, parameter: 'host' };
  }
  const excluded = (exclude_hosts ?? []).map((one) => procAddresses(one) ?? one);
  const name = excluded.find((one) => typeof one === 'string');
  if (name !== undefined) return { failed: `\`${name}\` is no address`, parameter: 'exclude_hosts' };
  const states = active_connection_states.map((one) => STATES[one] as string);
  return drainedProbe({ port, states, local, excluded: excluded.flat() });
}

function summaryOf(params: WaitParams): string {
  const { timeout } = params;
  return params.path === undefined && params.port === undefined
    ? `wait ${timeout} s`
    : `wait until ${conditionOf(params)} (${timeout} s at most)`;
}

function conditionOf({ host, port, path, state, search_regex: regex }: WaitParams): string {
  const what = path ?? `${host}:${port}`;
  if (regex !== undefined) return `\`${regex}\` is found in ${what}`;
  const says = {
    absent: 'is gone',
    stopped: 'is closed',
    drained: 'has no connections',
    present: 'is there',
    started: 'is there',
  };
  return path === undefined && (state === 'started' || state === 'present')
    ? `${what} is open`
    : `${what} ${says[state]}`;
}

/** In Ansible's words. */
function failureOf(answer: Answer, params: WaitParams): string | undefined {
  if (answer.status === 0) return undefined;
  if (answer.status !== TIMED_OUT)
    return new TextDecoder().decode(answer.stderr).trim() || `it ended with status ${answer.status}`;
  const { msg, host, port, path, state, search_regex: regex } = params;
  if (msg !== undefined) return msg;
  const what = path ?? `${host}:${port}`;
  if (regex !== undefined) return `Timeout when waiting for search string ${regex} in ${what}`;
  if (state === 'drained') return `Timeout when waiting for ${what} to drain`;
  if (state === 'absent' || state === 'stopped') {
    return `Timeout when waiting for ${what} to ${path === undefined ? 'stop.' : 'be absent.'}`;
  }
  return path === undefined ? `Timeout when waiting for ${what}` : `Timeout when waiting for file ${what}`;
}

function resultOf(answer: Answer, params: WaitParams): ValueMap {
  const elapsed = Number.parseInt(partText(answer, 'elapsed'), 10);
  const caught = partText(answer, 'found')
    .split('\n')
    .flatMap((line): [string, Value][] => {
      const [, name, hex] = /^(\w+) (-|[0-9a-f]*\.)$/.exec(line) ?? [];
      return name === undefined || hex === undefined ? [] : [[name, hex === '-' ? null : fromHex(hex)]];
    });
  const numbered = (name: string) => /^\d+$/.test(name);
  return {
    elapsed: Number.isNaN(elapsed) ? Math.floor(answer.ms / 1000) : elapsed,
    state: params.state,
    port: params.port ?? null,
    path: params.path ?? null,
    search_regex: params.search_regex ?? null,
    match_groups: caught.filter(([name]) => numbered(name)).map(([, value]) => value),
    match_groupdict: Object.fromEntries(caught.filter(([name]) => !numbered(name))),
  };
}

function fromHex(hex: string): string {
  return Buffer.from(hex.slice(0, -1), 'hex').toString('utf8');
}
