import { defineModule, type Ref, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import type { Access } from '../../engine/resources/postgresql/psql.ts';
import { NEW_ROLE, ROLE_FLAGS, type RoleFlag, type RoleValue, role } from '../../engine/resources/postgresql/role.ts';
import { isVerifier, verifierFor } from '../../engine/resources/postgresql/scram.ts';
import { server } from '../../engine/resources/postgresql/server.ts';
import { timestamp } from '../../engine/resources/postgresql/timestamp.ts';
import { accessOf, answering, type LoginParams, loginProperties, unanswered } from './login_parameters.ts';

interface UserParams extends LoginParams {
  readonly name: string;
  readonly password?: string | null;
  readonly state: 'present' | 'absent';
  readonly role_attr_flags: string;
  readonly encrypted: boolean;
  readonly expires?: string | null;
  readonly conn_limit?: number | null;
  readonly no_password_changes: boolean;
  readonly comment?: string | null;
  readonly login_db?: string | null;
}

export const postgresqlUser = defineModule<UserParams>({
  name: 'postgresql_user',
  collection: 'community.postgresql',
  summary: 'Manages a role of a PostgreSQL server',
  description: [
    'Speaks to the server through psql on the host, as the user whom the task acts as: as a rule `become_user: postgres`. No Python is needed.',
    'The password itself never reaches the server nor its log: what the server keeps of it (SCRAM-SHA-256, or MD5 where `password_encryption` says so) is made on the controller. One that is kept already is no change.',
    'A role that owns something or holds privileges cannot be removed.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: 'string', aliases: ['user'], minLength: 1, description: 'Name of the role.' },
      password: {
        type: 'string',
        secret: true,
        description: 'Its password, or what the server keeps of it (`SCRAM-SHA-256$...`, `md5...`); empty: none.',
      },
      state: { type: 'string', enum: ['present', 'absent'], default: 'present', description: 'Whether it exists.' },
      role_attr_flags: {
        type: 'string',
        default: '',
        description: `Attributes, separated by commas: ${ROLE_FLAGS.join(', ')}, each also with \`NO\` before it. What is not named stays; a new role may log in.`,
      },
      conn_limit: { type: 'integer', minimum: -1, description: 'Connections at a time; -1: no limit.' },
      expires: {
        type: 'string',
        description: 'Until when the password holds, as PostgreSQL reads a time; `infinity`: for ever.',
      },
      no_password_changes: {
        type: 'boolean',
        default: false,
        description: 'Leave the password of a role that exists: where only a superuser could tell what it is.',
      },
      encrypted: {
        type: 'boolean',
        default: true,
        description: 'Passwords are never kept as they are since PostgreSQL 10: `false` is an error.',
      },
      comment: { type: 'string', description: 'Comment on the role; empty: none.' },
      login_db: {
        type: 'string',
        aliases: ['db'],
        description: 'Database to log in to. Default: `login_user`’s name.',
      },
      ...loginProperties,
    },
  },
  examples: `- name: The application's role
  become: true
  become_user: postgres
  postgresql_user:
    name: app
    password: "{{ db_password }}"
    role_attr_flags: NOSUPERUSER,NOCREATEDB
    conn_limit: 20

- name: A role like a group
  become: true
  become_user: postgres
  postgresql_user:
    name: readers
    role_attr_flags: NOLOGIN
`,
  returns: { user: 'Name of the role.' },
  looksAt: (params, view) => {
    const access = accessOf(params, params.login_db);
    const found = answering(access, view);
    if (found === undefined) return [server(access)];
    const times = params.expires ? [timestamp(params.expires, access) as Ref] : [];
    return [server(access), roleOf(params, access, found.seesPasswords), ...times];
  },
  wants: (params, view) => {
    const access = accessOf(params, params.login_db);
    const problem = wrongWith(params) ?? unanswered(access, view);
    if (problem !== undefined) return problem;
    const seesPasswords = answering(access, view)?.seesPasswords === true;
    const before = view.get(roleOf(params, access, seesPasswords));
    const result = { user: params.name };
    if (params.state === 'absent')
      return { steps: before === null ? [] : [set(roleOf(params, access, seesPasswords), null)], result };
    if (setsPassword(params, before) && before !== null && before.password === undefined) return unseen(access);
    return { steps: [set(roleOf(params, access, seesPasswords), wanted(params, access, view, before))], result };
  },
});

/** The role, with its password where the task may have to do with it: also one that goes, which may come back. */
function roleOf(params: UserParams, access: Access, seesPasswords: boolean): Ref<RoleValue> {
  const secret = params.state === 'absent' || ('password' in params && !params.no_password_changes);
  return role(params.name, access, ...(seesPasswords && secret ? (['password'] as const) : []));
}

function setsPassword({ password, no_password_changes }: UserParams, before: RoleValue | null): boolean {
  return typeof password === 'string' && (before === null || !no_password_changes);
}

function unseen({ login }: Access): Wish {
  const message = `${login.user} may not read pg_authid, so whether the password is another one cannot be told: log in as a superuser, or use \`no_password_changes: true\``;
  return { steps: [], failed: { message, parameter: ['password'] } };
}

function wrongWith(params: UserParams): Wish | undefined {
  const failed = (message: string, parameter: keyof UserParams): Wish => ({
    steps: [],
    failed: { message, parameter: [parameter] },
  });
  if (!params.encrypted) return failed('PostgreSQL 10 and later keep no password as it is', 'encrypted');
  const unknown = flagsGiven(params).find((flag) => !isFlag(flag.replace(/^NO/, '')));
  if (unknown !== undefined)
    return failed(
      `\`${unknown}\` is no attribute of a role; there are ${ROLE_FLAGS.join(', ')}, and each with NO`,
      'role_attr_flags',
    );
  for (const key of ['name', 'password', 'comment'] as const)
    if (params[key]?.includes('\0')) return failed('a NUL character cannot stand here', key);
  return undefined;
}

function isFlag(text: string): text is RoleFlag {
  return (ROLE_FLAGS as readonly string[]).includes(text);
}

function flagsGiven({ role_attr_flags }: UserParams): readonly string[] {
  return role_attr_flags
    .toUpperCase()
    .split(/[\s,]+/)
    .filter((flag) => flag !== '');
}

function wanted(params: UserParams, access: Access, view: View, before: RoleValue | null): RoleValue {
  const base = before ?? NEW_ROLE;
  const given = new Set(flagsGiven(params));
  const has = (flag: RoleFlag) => (base.flags.includes(flag) || given.has(flag)) && !given.has(`NO${flag}`);
  const until = params.expires ? view.get(timestamp(params.expires, access)) : undefined;
  return {
    ...base,
    flags: ROLE_FLAGS.filter(has),
    ...(typeof params.conn_limit === 'number' && { connLimit: params.conn_limit }),
    // A role that was never told otherwise has a password for ever.
    ...(until && { validUntil: until === 'infinity' && base.validUntil === null ? null : until }),
    ...(typeof params.comment === 'string' && { comment: params.comment || null }),
    ...(setsPassword(params, before) && passwordOf(params, access, view, before)),
  };
}

function passwordOf(
  { name, password }: UserParams,
  access: Access,
  view: View,
  before: RoleValue | null,
): Pick<RoleValue, 'password' | 'fresh'> {
  if (!password) return { password: null };
  const stored = before?.password ?? null;
  const rule = answering(access, view) ?? { encryption: 'scram-sha-256' };
  const verifier = verifierFor(password, name, stored, rule);
  return { password: verifier, ...(verifier !== stored && !isVerifier(password) && { fresh: true }) };
}
