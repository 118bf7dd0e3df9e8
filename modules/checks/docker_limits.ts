import { containerCheck, type Fault, numberAt } from './docker_check.ts';

interface LimitsParams {
  readonly pids: boolean;
}

export const check_docker_limits = containerCheck<LimitsParams>({
  name: 'check_docker_limits',
  summary: 'Judges whether containers have limits on memory, CPU and processes',
  description: ['One without a limit on memory can take the host with it, and warns as the others do.'],
  properties: {
    pids: { type: 'boolean', default: true, description: 'Whether a limit on processes has to be there as well.' },
  },
  good: 'all with limits on memory and CPU',
  remedy: 'In the compose file: `mem_limit: 512m`, `cpus: 1.0`, `pids_limit: 200`, or `deploy.resources.limits`.',
  reference: 'security guide, Docker Security Audit; CIS Docker 5.10, 5.11, 5.28',
  faults: (container, { pids }) => {
    const none: Fault[] = [];
    if (numberAt(container, 'HostConfig', 'Memory') <= 0) none.push(['warn', 'no limit on memory']);
    const cpu = ['NanoCpus', 'CpuQuota'].some((key) => numberAt(container, 'HostConfig', key) > 0);
    if (!cpu) none.push(['warn', 'no limit on CPU']);
    if (pids && numberAt(container, 'HostConfig', 'PidsLimit') <= 0) none.push(['warn', 'no limit on processes']);
    return none;
  },
});
