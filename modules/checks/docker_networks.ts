import { isMap, type ValueMap } from '../../engine/language/values.ts';
import { field } from '../../engine/resources/readings/docker_containers.ts';
import { containerCheck, type ExceptParams, type Fault, listAt, textAt } from './docker_check.ts';

export const check_docker_networks = containerCheck<object>({
  name: 'check_docker_networks',
  summary: 'Judges whether containers are in networks of their own',
  description: [
    'Fails where a container is in the network of the host. Warns in the default bridge, where all containers reach each other.',
  ],
  good: 'all in networks of their own',
  remedy: 'In the compose file: `networks:`, with `internal: true` for what nobody outside has to reach.',
  reference: 'security guide, Docker Security; CIS Docker 5.9, 5.29',
  faults: (container): readonly Fault[] => {
    const mode = textAt(container, 'HostConfig', 'NetworkMode');
    const networks = field(container, 'NetworkSettings', 'Networks');
    if (mode === 'host') return [['fail', 'in the network of the host']];
    return isMap(networks) && Object.keys(networks).includes('bridge') ? [['warn', 'in the default bridge']] : [];
  },
});

interface PortsParams {
  readonly allowed: readonly string[];
}

export const check_docker_ports = containerCheck<PortsParams>({
  name: 'check_docker_ports',
  summary: 'Judges which ports of containers anybody can reach',
  description: [
    'A published port that is bound to no address is open on all of them, and Docker lets it past ufw. Fails for those that are not allowed.',
  ],
  properties: {
    allowed: {
      type: 'array',
      items: { type: 'string' },
      default: ['80', '443'],
      description: 'Ports of the host that may be open to all: `443`, `53/udp`.',
    },
  },
  good: 'no port open to all that should not be',
  remedy:
    'Publish it on loopback only, `127.0.0.1:8000:8000`, behind nginx; or not at all: containers of one network reach each other.',
  reference: 'security guide, Firewall Configuration; CIS Docker 5.13',
  faults: openPorts,
});

const EVERYWHERE = new Set(['', '0.0.0.0', '::', '[::]']);

function openPorts(container: ValueMap, { allowed }: PortsParams & ExceptParams): readonly Fault[] {
  const ports = field(container, 'NetworkSettings', 'Ports');
  const open = new Set<string>();
  for (const inside of isMap(ports) ? Object.keys(ports) : []) {
    const protocol = inside.split('/')[1] ?? 'tcp';
    for (const binding of listAt(ports as ValueMap, inside)) {
      if (!isMap(binding) || !EVERYWHERE.has(textAt(binding, 'HostIp'))) continue;
      const port = textAt(binding, 'HostPort');
      const may = allowed.some((one) => one === `${port}/${protocol}` || (protocol === 'tcp' && one === port));
      if (!may) open.add(`${port}/${protocol}`);
    }
  }
  return [...open].map((port) => ['fail', `${port} is open to all`]);
}
