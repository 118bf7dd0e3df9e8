import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { LISTENERS, type Listener } from '../../engine/resources/readings/listeners.ts';

interface PortsParams {
  readonly allow: readonly string[];
  readonly loopback: boolean;
  readonly protocols: readonly ('tcp' | 'udp')[];
}

/** `22`, `443/tcp`, `60000-61000/udp`, `10.0.0.1:9090`, `[::1]:5432/tcp`. */
const ENTRY = /^(?:\[([^\]]+)\]:|([^:/[\]]+):)?(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp))?$/;

export const check_listening_ports = defineCheck<PortsParams>({
  name: 'check_listening_ports',
  collection: 'runbook',
  summary: 'Fails where something listens that nobody has allowed to',
  description: [
    'Judges what waits for connections, whatever a firewall makes of it: a firewall may be off tomorrow. What listens on the loopback alone is nobody’s business but the host’s.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      allow: {
        type: 'array',
        items: { type: 'string', pattern: ENTRY.source },
        default: ['22'],
        description:
          'Ports that may be open: `22`, `443/tcp`, `60000-61000/udp`, or on one address only: `10.0.0.1:9090`, `[fd00::1]:9090`.',
      },
      loopback: { type: 'boolean', default: true, description: 'Allow all that listens on the loopback alone.' },
      protocols: {
        type: 'array',
        items: { type: 'string', enum: ['tcp', 'udp'] },
        default: ['tcp', 'udp'],
        description: 'What to judge.',
      },
    },
  },
  examples: `- name: Open ports
  check_listening_ports:
    allow: [22/tcp, 80/tcp, "443", "10.0.0.5:9100"]
`,
  looksAt: () => [LISTENERS],
  judge: (params, view): Finding => {
    const all = (view.get(LISTENERS) ?? []).filter(({ protocol }) => params.protocols.includes(protocol));
    const open = all.filter(({ address }) => !(params.loopback && isLoopback(address)));
    const strange = open.filter((one) => !params.allow.some((entry) => allows(entry, one)));
    const shown = strange.length > 0 ? strange : open;
    const ports = [...new Set(strange.map(({ port, protocol }) => `${port}/${protocol}`))];
    return {
      level: strange.length > 0 ? 'fail' : 'pass',
      summary:
        strange.length > 0
          ? `${count(ports.length, 'port')} open that nobody has allowed: ${ports.slice(0, 8).join(', ')}${ports.length > 8 ? ', ...' : ''}`
          : `${count(open.length, 'open port')}, all of them allowed`,
      evidence: evidence(
        ['port', 'address', 'program'],
        shown.map(({ port, protocol, address, programs }) => [`${port}/${protocol}`, address, programs.join(', ')]),
      ),
      remedy: 'Stop what listens there, bind it to 127.0.0.1, or add the port to `allow`.',
      reference: 'CIS Debian Linux 12, 2.1.22',
      measures: [{ name: 'open ports', value: open.length, unit: 'count' }],
    };
  },
});

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

function allows(entry: string, { protocol, address, port }: Listener): boolean {
  const [, six, other, first, last, kind] = ENTRY.exec(entry) ?? [];
  if (first === undefined || (kind !== undefined && kind !== protocol)) return false;
  const on = six ?? other;
  if (on !== undefined && on !== address) return false;
  return port >= Number(first) && port <= Number(last ?? first);
}
