import { defineModule, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import { type GroupValue, group as groupRef } from '../../engine/resources/group.ts';
import { accountNameProblem } from './account_name.ts';

interface GroupParams {
  readonly name: string;
  readonly gid?: number | null;
  readonly state: 'present' | 'absent';
  readonly system: boolean;
  readonly local: boolean;
  readonly non_unique: boolean;
  readonly force: boolean;
}

export const group = defineModule<GroupParams>({
  name: 'group',
  collection: 'ansible.builtin',
  summary: 'Manages a group',
  description: [
    'Uses groupadd(8), groupmod(8) and groupdel(8). Groups of a directory service are seen but never changed.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: 'string', description: 'Name of the group.' },
      gid: { type: 'integer', minimum: 0, description: 'Its number. Default: the next free one.' },
      state: { type: 'string', enum: ['present', 'absent'], default: 'present', description: 'Whether it exists.' },
      system: {
        type: 'boolean',
        default: false,
        description: 'Take the number from the range of system groups. Only when the group is made.',
      },
      local: {
        type: 'boolean',
        default: false,
        description: 'Only /etc/group counts: a group of the same name in a directory service is an error.',
      },
      non_unique: { type: 'boolean', default: false, description: 'Allow a `gid` that another group has.' },
      force: {
        type: 'boolean',
        default: false,
        description: 'Remove it although it is the primary group of a user. With `state: absent`.',
      },
    },
  },
  examples: `- name: Group for people who deploy
  group:
    name: ops
    state: present
`,
  returns: {
    name: 'Name of the group.',
    state: '`present` or `absent`.',
    gid: 'Its number.',
    system: 'Whether it was asked for as a system group.',
  },
  looksAt: (params) => {
    if (accountNameProblem(params.name) !== undefined) return [];
    const own = groupRef(params.name, ...(params.local ? (['local'] as const) : []));
    return givenGid(params) === undefined ? [own] : [own, groupRef(String(params.gid))];
  },
  wants: (params, view) => {
    const problem = accountNameProblem(params.name);
    if (problem !== undefined) return { steps: [], failed: { message: problem, parameter: ['name'] } };
    return params.state === 'absent' ? absent(params, view) : present(params, view);
  },
});

/** A gid that is to be set; a group that goes away needs none. */
function givenGid(params: GroupParams): number | undefined {
  return params.state === 'present' && typeof params.gid === 'number' ? params.gid : undefined;
}

function lookedUp(params: GroupParams, view: View): GroupValue | null {
  return view.get(groupRef(params.name, ...(params.local ? (['local'] as const) : [])));
}

function absent(params: GroupParams, view: View): Wish {
  const before = lookedUp(params, view);
  const result = { name: params.name, state: 'absent' };
  if (before === null || (params.local && before.local === false)) return { steps: [], result };
  return { steps: [set(groupRef(params.name), null, { force: params.force })], result };
}

function present(params: GroupParams, view: View): Wish {
  const before = lookedUp(params, view);
  if (params.local && before?.local === false) {
    const message = `the group ${params.name} comes from a directory service: one in /etc/group cannot stand beside it`;
    return { steps: [], failed: { message, parameter: ['local'] } };
  }
  if (params.non_unique && givenGid(params) === undefined) {
    return { steps: [], failed: { message: '`non_unique` needs a `gid`', parameter: ['non_unique'] } };
  }
  const gid = givenGid(params) ?? before?.gid;
  const holder = givenGid(params) === undefined ? null : view.get(groupRef(String(params.gid)));
  if (holder !== null && holder.name !== params.name && !params.non_unique) {
    const message = `gid ${params.gid} belongs to the group ${holder.name}; \`non_unique: true\` would allow both`;
    return { steps: [], failed: { message, parameter: ['gid'] } };
  }
  const wanted: GroupValue = { ...(before ?? { name: params.name }), ...(gid !== undefined && { gid }) };
  return {
    steps: [set(groupRef(params.name), wanted, { system: params.system, nonUnique: params.non_unique })],
    result: { name: params.name, state: 'present', system: params.system, ...(gid !== undefined && { gid }) },
  };
}
