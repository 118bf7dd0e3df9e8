import type { Json } from './module_schema.ts';

const TEXT = { type: ['string', 'number'] };
const FLAG = { type: ['boolean', 'string'] };

/** Variables that say how a host is reached. */
const CONNECTION: Json = {
  ansible_host: { ...TEXT, description: 'Name or address to connect to. Default: the name of the host here.' },
  ansible_port: { type: ['integer', 'string'], description: 'Port of the SSH server.', default: 22 },
  ansible_user: { ...TEXT, description: 'User to log in as.' },
  ansible_password: { ...TEXT, description: 'Password of that user. Better: `-k`, or a key.' },
  ansible_ssh_private_key_file: { ...TEXT, description: 'Key file to log in with.' },
  ansible_connection: { ...TEXT, description: '`ssh`, or `local` for this machine itself.' },
  ansible_ssh_common_args: { ...TEXT, description: 'Options of ssh, such as `-o ProxyJump=bastion`.' },
  ansible_ssh_extra_args: { ...TEXT, description: 'Further options of ssh.' },
  ansible_become: { ...FLAG, description: 'Act as another user.' },
  ansible_become_user: { ...TEXT, description: 'The user to act as. Default: root.' },
  ansible_become_method: { ...TEXT, description: '`sudo` or `su`.' },
  ansible_become_password: { ...TEXT, description: 'Password for that. Better: `-K`.' },
};

/** An inventory in YAML, for editors. */
export function inventorySchema(): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Inventory',
    description: 'Groups and hosts for runbook.',
    type: ['object', 'null'],
    additionalProperties: { $ref: '#/$defs/group' },
    properties: {
      all: { $ref: '#/$defs/group', description: 'The group of all hosts.' },
      ungrouped: { $ref: '#/$defs/group', description: 'Hosts that are in no other group.' },
    },
    $defs: {
      group: {
        type: ['object', 'null'],
        additionalProperties: false,
        properties: {
          hosts: {
            description: 'Hosts of this group, with their variables. `web[01:20]` stands for twenty.',
            type: ['object', 'null'],
            additionalProperties: { $ref: '#/$defs/variables' },
          },
          children: {
            description: 'Groups whose hosts belong to this one too.',
            type: ['object', 'null'],
            additionalProperties: { $ref: '#/$defs/group' },
          },
          vars: { description: 'Variables of all hosts of this group.', $ref: '#/$defs/variables' },
        },
      },
      variables: { type: ['object', 'null'], properties: CONNECTION },
    },
  };
}
