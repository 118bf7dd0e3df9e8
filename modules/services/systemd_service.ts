import { defineModule } from '../../engine/planning/contracts.ts';
import { managerAction } from '../../engine/resources/unit_action.ts';
import type { UnitScope } from '../../engine/resources/unit_name.ts';
import { type UnitRequest, unitRefs, unitWish } from './unit_wish.ts';

interface SystemdParams {
  readonly name?: string | null;
  readonly state?: UnitRequest['state'];
  readonly enabled?: boolean | null;
  readonly masked?: boolean | null;
  readonly daemon_reload: boolean;
  readonly daemon_reexec: boolean;
  readonly scope: UnitScope;
  readonly no_block: boolean;
  readonly force?: boolean | null;
}

export const systemdService = defineModule<SystemdParams>({
  name: 'systemd_service',
  aliases: ['systemd'],
  collection: 'ansible.builtin',
  summary: 'Manages systemd units',
  description: [
    'Units of every kind: services, timers, sockets, mounts. A plan shows whether a unit would be started, enabled or masked; a restart and a reload always happen.',
    'A unit that is started must also keep running: one whose condition is not met, or whose program ends at once, fails the task with the end of its log. `Type=oneshot` units run to their end instead.',
    'Static and generated units count as enabled, as for `systemctl is-enabled`; they cannot be disabled, and a warning says so.',
    "With `scope: user` the unit belongs to the systemd of the user whom the task acts as, which has to run (`loginctl enable-linger USER`); XDG_RUNTIME_DIR is set if it isn't.",
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      name: {
        description: 'Name of the unit; `.service` is understood where nothing else is said.',
        type: 'string',
        aliases: ['service', 'unit'],
      },
      state: {
        description:
          '`started`, `stopped`: brought into that state if it is not in it. `restarted`, `reloaded`: in any case; a unit that does not run is started.',
        type: 'string',
        enum: ['started', 'stopped', 'restarted', 'reloaded'],
      },
      enabled: { description: 'Whether it is started when the host boots.', type: 'boolean' },
      masked: { description: 'Whether nothing can start it.', type: 'boolean' },
      daemon_reload: {
        description: 'Let systemd read its unit files again before anything else. Does not count as a change.',
        type: 'boolean',
        default: false,
        aliases: ['daemon-reload'],
      },
      daemon_reexec: {
        description: 'Let systemd start itself anew before anything else. Does not count as a change.',
        type: 'boolean',
        default: false,
        aliases: ['daemon-reexec'],
      },
      scope: {
        description:
          "Whose units: the host's, those of the user whom the task acts as, or those of all users (which can only be enabled, disabled and masked).",
        type: 'string',
        enum: ['system', 'user', 'global'],
        default: 'system',
      },
      no_block: {
        description: 'Do not wait until what was asked for is done.',
        type: 'boolean',
        default: false,
      },
      force: { description: 'Replace links that are in the way.', type: 'boolean' },
    },
    requiredOneOf: [['state', 'enabled', 'masked', 'daemon_reload', 'daemon_reexec']],
  },
  examples: `- name: nginx runs, now and after a reboot
  systemd_service:
    name: nginx
    state: started
    enabled: true

- name: New unit file
  systemd_service:
    name: app
    daemon_reload: true
    state: restarted

- name: Nobody needs it
  systemd_service:
    name: avahi-daemon
    state: stopped
    enabled: false
    masked: true
`,
  returns: {
    name: 'Name of the unit, as given.',
    state: '`started` or `stopped`.',
    enabled: 'Whether it is enabled.',
    status: 'What `systemctl show` said before.',
  },
  looksAt: (params, view) => (params.name ? unitRefs(requestOf(params, params.name), view) : []),
  wants: (params, view) => {
    const { name, daemon_reexec, daemon_reload } = params;
    const nameless = (['state', 'enabled', 'masked'] as const).find(
      (one) => params[one] !== undefined && params[one] !== null,
    );
    if (!name && nameless !== undefined) {
      return { steps: [], failed: { message: `\`${nameless}\` needs the \`name\` of a unit`, parameter: [nameless] } };
    }
    const first = [
      ...(daemon_reload ? [managerAction('daemon-reload', params.scope)] : []),
      ...(daemon_reexec ? [managerAction('daemon-reexec', params.scope)] : []),
    ];
    const wish = name ? unitWish(requestOf(params, name), view) : { steps: [], result: { name: null, status: {} } };
    return { ...wish, steps: [...first, ...wish.steps] };
  },
});

function requestOf(params: SystemdParams, name: string): UnitRequest {
  const { scope, state, enabled, masked, force, no_block, daemon_reload } = params;
  return { name, scope, state, enabled, masked, force, noBlock: no_block, rereads: daemon_reload };
}
