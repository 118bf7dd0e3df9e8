import { defineModule } from '../../engine/planning/contracts.ts';
import { type UnitRequest, unitRefs, unitWish } from './unit_wish.ts';

interface ServiceParams {
  readonly name: string;
  readonly state?: UnitRequest['state'];
  readonly enabled?: boolean | null;
  readonly sleep?: number | null;
  readonly pattern?: string | null;
  readonly runlevel: string;
  readonly arguments?: string | null;
  readonly use: string;
}

export const service = defineModule<ServiceParams>({
  name: 'service',
  collection: 'ansible.builtin',
  summary: 'Manages services',
  description: [
    'The services of Debian and Ubuntu are systemd units: this is `systemd_service` with fewer parameters. Those that only other init systems know are accepted and ignored with a warning.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      name: { description: 'Name of the service.', type: 'string' },
      state: {
        description:
          '`started`, `stopped`: brought into that state if it is not in it. `restarted`, `reloaded`: in any case; a service that does not run is started.',
        type: 'string',
        enum: ['started', 'stopped', 'restarted', 'reloaded'],
      },
      enabled: { description: 'Whether it is started when the host boots.', type: 'boolean' },
      sleep: { description: 'Ignored: systemd does not need it.', type: 'integer' },
      pattern: { description: 'Ignored: systemd does not need it.', type: 'string' },
      runlevel: { description: 'Ignored: systemd has no runlevels.', type: 'string', default: 'default' },
      arguments: { description: 'Ignored: systemd passes none.', type: 'string', aliases: ['args'] },
      use: {
        description: 'The service manager. Only systemd is known.',
        type: 'string',
        enum: ['auto', 'systemd', 'service'],
        default: 'auto',
      },
    },
    required: ['name'],
    requiredOneOf: [['state', 'enabled']],
  },
  examples: `- name: cron runs, now and after a reboot
  service:
    name: cron
    state: started
    enabled: true
`,
  returns: {
    name: 'Name of the service, as given.',
    state: '`started` or `stopped`.',
    enabled: 'Whether it is enabled.',
    status: 'What `systemctl show` said before.',
  },
  looksAt: (params, view) => unitRefs(requestOf(params), view),
  wants: (params, view) => {
    const wish = unitWish(requestOf(params), view);
    const ignored = (['sleep', 'pattern', 'arguments'] as const).filter((one) => params[one]);
    const warnings = [
      ...(wish.warnings ?? []),
      ...ignored.map((one) => `\`${one}\` is ignored: services are systemd units here`),
    ];
    return warnings.length === 0 ? wish : { ...wish, warnings };
  },
});

function requestOf({ name, state, enabled }: ServiceParams): UnitRequest {
  return { name, scope: 'system', state, enabled };
}
