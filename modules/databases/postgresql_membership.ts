import type { ParamProperty } from '../../engine/language/module_spec.ts';
import { defineModule, type Step, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import type { Access } from '../../engine/resources/postgresql/psql.ts';
import { role } from '../../engine/resources/postgresql/role.ts';
import { server } from '../../engine/resources/postgresql/server.ts';
import { accessOf, answering, type LoginParams, loginProperties, unanswered } from './login_parameters.ts';

interface MembershipParams extends LoginParams {
  readonly groups: readonly string[];
  readonly target_roles: readonly string[];
  readonly state: 'present' | 'absent' | 'exact';
  readonly fail_on_role: boolean;
  readonly login_db?: string | null;
}

const roles = (description: string, aliases: readonly string[]): ParamProperty => ({
  type: 'array',
  items: { type: 'string' },
  aliases,
  description,
});

export const postgresqlMembership = defineModule<MembershipParams>({
  name: 'postgresql_membership',
  collection: 'community.postgresql',
  summary: 'Makes roles of a PostgreSQL server members of others',
  description: ['Through psql on the host, as `postgresql_user`, which makes the roles.'],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['groups', 'target_roles'],
    properties: {
      groups: roles('Roles to be a member of.', ['group', 'source_role', 'source_roles']),
      target_roles: roles('Roles that become members.', ['target_role', 'users', 'user']),
      state: {
        type: 'string',
        enum: ['present', 'absent', 'exact'],
        default: 'present',
        description: 'Whether they are members; `exact`: and of no other roles.',
      },
      fail_on_role: {
        type: 'boolean',
        default: true,
        description: 'Fail where one of the roles does not exist, instead of passing over it with a warning.',
      },
      login_db: {
        type: 'string',
        aliases: ['db'],
        description: 'Database to log in to. Default: `login_user`’s name.',
      },
      ...loginProperties,
    },
  },
  examples: `- name: The application may do what the owner may
  become: true
  become_user: postgres
  postgresql_membership:
    group: shop_owner
    target_roles: [shop_blue, shop_green]
`,
  returns: { groups: 'The groups.', target_roles: 'The members.', state: 'As asked for.' },
  looksAt: (params, view) => {
    const access = accessOf(params, params.login_db);
    if (answering(access, view) === undefined) return [server(access)];
    return [server(access), ...[...params.groups, ...params.target_roles].map((name) => role(name, access))];
  },
  wants: (params, view) => {
    const access = accessOf(params, params.login_db);
    return unanswered(access, view) ?? wish(params, access, view);
  },
});

function wish(params: MembershipParams, access: Access, view: View): Wish {
  const { groups, target_roles: targets, state } = params;
  const missing = [...new Set([...groups, ...targets])].filter((name) => view.get(role(name, access)) === null);
  const told = missing.map((name) => `the role ${name} does not exist`);
  if (missing.length > 0 && params.fail_on_role) return { steps: [], failed: { message: told.join('\n') } };
  const there = groups.filter((name) => !missing.includes(name));
  const steps = targets.flatMap((name): Step[] => {
    const before = view.get(role(name, access));
    if (before === null) return [];
    const kept = state === 'exact' ? [] : before.memberOf.filter((group) => !there.includes(group));
    const memberOf = [...new Set([...kept, ...(state === 'absent' ? [] : there)])].sort();
    return [set(role(name, access), { ...before, memberOf }) as Step];
  });
  return { steps, result: { groups, target_roles: targets, state }, warnings: told };
}
