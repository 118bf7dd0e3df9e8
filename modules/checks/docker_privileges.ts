import type { ValueMap } from '../../engine/language/values.ts';
import { field } from '../../engine/resources/readings/docker_containers.ts';
import { containerCheck, type ExceptParams, type Fault, textAt, textsAt } from './docker_check.ts';

interface PrivilegesParams {
  readonly capabilities: readonly string[];
}

/** They are as good as root on the host (capabilities(7)). */
const MIGHTY = new Set([
  'ALL',
  'SYS_ADMIN',
  'SYS_MODULE',
  'SYS_PTRACE',
  'SYS_RAWIO',
  'DAC_READ_SEARCH',
  'BPF',
  'NET_ADMIN',
]);

export const check_docker_privileges = containerCheck<PrivilegesParams>({
  name: 'check_docker_privileges',
  summary: 'Judges what containers may do to their host',
  description: [
    'Fails on `privileged`, capabilities that are as good as root, the host’s process, IPC or user namespace, and seccomp or AppArmor turned off. Warns where `no-new-privileges` is missing or another capability was added.',
  ],
  properties: {
    capabilities: {
      type: 'array',
      items: { type: 'string' },
      default: [],
      description: 'Capabilities that may be added, such as `NET_BIND_SERVICE`.',
    },
  },
  good: 'none with more rights than it needs',
  remedy:
    'In the compose file: `security_opt: [no-new-privileges:true]`, `cap_drop: [ALL]` and `cap_add` of what is missing; never `privileged: true`.',
  reference: 'security guide, Docker Security Audit; CIS Docker 5.4, 5.5, 5.16, 5.22, 5.26',
  faults,
});

function faults(container: ValueMap, { capabilities }: PrivilegesParams & ExceptParams): readonly Fault[] {
  const found: Fault[] = [];
  const options = textsAt(container, 'HostConfig', 'SecurityOpt');
  if (field(container, 'HostConfig', 'Privileged') === true) found.push(['fail', 'privileged']);
  for (const capability of textsAt(container, 'HostConfig', 'CapAdd')) {
    const name = capability.toUpperCase().replace(/^CAP_/, '');
    if (capabilities.some((one) => one.toUpperCase().replace(/^CAP_/, '') === name)) continue;
    found.push([MIGHTY.has(name) ? 'fail' : 'warn', `capability ${name} added`]);
  }
  for (const [key, what] of [
    ['PidMode', 'processes'],
    ['IpcMode', 'IPC'],
    ['UsernsMode', 'users'],
  ] as const)
    if (textAt(container, 'HostConfig', key) === 'host') found.push(['fail', `sees the host's ${what}`]);
  for (const option of options) if (/^(seccomp|apparmor)[:=]unconfined$/.test(option)) found.push(['fail', option]);
  // Docker takes `no-new-privileges`, and the same with `:true` or `=true`.
  if (!options.some((option) => /^no-new-privileges([:=]true)?$/.test(option)))
    found.push(['warn', 'no no-new-privileges']);
  return found;
}
