import type { ParamSchema } from '../../engine/language/module_spec.ts';

export const ufwSchema: ParamSchema = {
  type: 'object',
  additionalProperties: false,
  requiredOneOf: [['state', 'default', 'rule', 'logging']],
  mutuallyExclusive: [
    ['name', 'proto', 'logging'],
    ['direction', 'interface_in'],
    ['direction', 'interface_out'],
    ['interface', 'interface_in'],
    ['interface', 'interface_out'],
  ],
  properties: {
    state: {
      type: 'string',
      enum: ['enabled', 'disabled', 'reloaded', 'reset'],
      description:
        '`enabled`: loaded now and at boot. `disabled`: neither. `reloaded`: its files are read again, in any case. `reset`: disabled, without rules, and all rule files as they were installed (ufw keeps the old ones beside them); a firewall that is disabled and has no rules is left as it is.',
    },
    default: {
      type: 'string',
      enum: ['allow', 'deny', 'reject'],
      aliases: ['policy'],
      description: 'What becomes of packets that no rule speaks of, in the `direction` (default: incoming).',
    },
    direction: {
      type: 'string',
      enum: ['in', 'incoming', 'out', 'outgoing', 'routed'],
      description: 'Of a rule `in` or `out`; of a policy `incoming`, `outgoing` or `routed`.',
    },
    logging: {
      type: 'string',
      enum: ['on', 'off', 'low', 'medium', 'high', 'full'],
      description: 'What the firewall logs to the kernel log. `on` is the level it has, or `low`.',
    },
    rule: {
      type: 'string',
      enum: ['allow', 'deny', 'limit', 'reject'],
      description:
        'What the rule does. `limit` refuses an address that has tried to connect six times in the last 30 seconds.',
    },
    proto: {
      type: 'string',
      enum: ['ah', 'any', 'esp', 'ipv6', 'tcp', 'udp', 'gre', 'igmp'],
      aliases: ['protocol'],
      description: 'Protocol of the rule. Default: any, or that of the service that is named as a port.',
    },
    from_ip: {
      type: 'string',
      default: 'any',
      aliases: ['from', 'src'],
      description: 'Address or network it comes from.',
    },
    from_port: { type: 'string', description: 'Port it comes from.' },
    to_ip: { type: 'string', default: 'any', aliases: ['dest', 'to'], description: 'Address or network it goes to.' },
    to_port: {
      type: 'string',
      aliases: ['port'],
      description: 'Port it goes to: a number, several (`80,443`), a range (`6000:6010`) or the name of a service.',
    },
    name: { type: 'string', aliases: ['app'], description: 'Profile in /etc/ufw/applications.d that has the ports.' },
    interface: {
      type: 'string',
      aliases: ['if'],
      description: 'Interface that it comes in by, or goes out by, as `direction` says.',
    },
    interface_in: { type: 'string', aliases: ['if_in'], description: 'Interface that it comes in by.' },
    interface_out: { type: 'string', aliases: ['if_out'], description: 'Interface that it goes out by.' },
    route: {
      type: 'boolean',
      default: false,
      description: 'The rule is for packets that the host passes on.',
    },
    log: { type: 'boolean', default: false, description: 'Log new connections that the rule is for.' },
    comment: { type: 'string', description: 'A remark that ufw keeps with the rule.' },
    delete: { type: 'boolean', default: false, description: 'The rule is to go.' },
    insert: {
      type: 'integer',
      description:
        'Number that a new rule is to have, from 1 on; the first rule that matches a packet decides. A rule that is there already stays where it is.',
    },
    insert_relative_to: {
      type: 'string',
      enum: ['first-ipv4', 'first-ipv6', 'last-ipv4', 'last-ipv6', 'zero'],
      default: 'zero',
      description: 'What `insert` counts from: the first or last rule of a family (which is 0 then), or all of them.',
    },
  },
};
