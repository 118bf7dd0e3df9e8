import type { ValueMap } from '../../language/values.ts';
import type { Change, Diff, Ref, ResourceType } from '../../planning/contracts.ts';
import type { Sh } from '../../transport/sh.ts';
import { idAt, readId, titleAt } from './login.ts';
import { namedType } from './named_type.ts';
import { type Access, psql } from './psql.ts';
import { clauses, list, name, type Sql, sql, statements } from './sql.ts';
import { inUtc } from './timestamp.ts';

/** Attributes that a role has or has not, by their names in SQL: CREATE ROLE in PostgreSQL's documentation. */
export const ROLE_FLAGS = [
  'SUPERUSER',
  'CREATEDB',
  'CREATEROLE',
  'INHERIT',
  'LOGIN',
  'REPLICATION',
  'BYPASSRLS',
] as const;
export type RoleFlag = (typeof ROLE_FLAGS)[number];

/** A role: a user where it may log in, a group where it has members. */
export interface RoleValue {
  /** The attributes that it has, in the order of ROLE_FLAGS. */
  readonly flags: readonly RoleFlag[];
  /** -1: no limit. */
  readonly connLimit: number;
  /** Until when its password holds, in UTC; null: for ever, and never said otherwise. */
  readonly validUntil: string | null;
  /** Roles that it is a member of, sorted. */
  readonly memberOf: readonly string[];
  readonly comment: string | null;
  /** What is kept of its password; null: it has none. A secret: never shown. Aspect `password`. */
  readonly password?: string | null;
  /** The password is one that was just thought of, and holds a salt that no other plan has. */
  readonly fresh?: true;
}

/** What a role is to be where nothing else is said: as Ansible and CREATE USER have it, one that may log in. */
export const NEW_ROLE: RoleValue = {
  flags: ['INHERIT', 'LOGIN'],
  connLimit: -1,
  validUntil: null,
  memberOf: [],
  comment: null,
};

/** As the socket's superuser knows them; `undo` finds them so. */
export const roleType: ResourceType<RoleValue> = rolesBy(undefined);

function rolesBy(password: string | undefined): ResourceType<RoleValue> {
  return namedType(
    { name: 'postgresql role', query: rolesNamed, read: roleOf, transition, describe, record },
    password,
  );
}

export function role(own: string, { login, password }: Access, ...aspects: readonly 'password'[]): Ref<RoleValue> {
  return { type: password === undefined ? roleType : rolesBy(password), id: idAt(own, login), aspects };
}

function rolesNamed(refs: readonly Ref<RoleValue>[]): Sql {
  const secret = refs.some((ref) => ref.aspects.includes('password'));
  const flags = list(ROLE_FLAGS.map((flag) => sql`CASE WHEN ${column(flag)} THEN ${flag} END`));
  return sql`SELECT json_build_object(
  'name', rolname,
  'flags', array_remove(ARRAY[${flags}], NULL),
  'connLimit', rolconnlimit,
  'validUntil', ${inUtc(sql`rolvaliduntil`)},
  'comment', shobj_description(r.oid, 'pg_authid'),
  'memberOf', ARRAY(SELECT DISTINCT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
    WHERE m.member = r.oid ORDER BY 1)${secret ? sql`,\n  'password', rolpassword` : sql``})
FROM ${secret ? sql`pg_authid` : sql`pg_roles`} r
WHERE rolname IN (${list(refs.map((ref) => readId(ref.id).name))})`;
}

const COLUMNS: Readonly<Record<RoleFlag, Sql>> = {
  SUPERUSER: sql`rolsuper`,
  CREATEDB: sql`rolcreatedb`,
  CREATEROLE: sql`rolcreaterole`,
  INHERIT: sql`rolinherit`,
  LOGIN: sql`rolcanlogin`,
  REPLICATION: sql`rolreplication`,
  BYPASSRLS: sql`rolbypassrls`,
};

function column(flag: RoleFlag): Sql {
  return COLUMNS[flag];
}

function roleOf(row: ValueMap, { aspects }: Ref<RoleValue>): RoleValue {
  const texts = (value: unknown) => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);
  const textOrNull = (value: unknown) => (typeof value === 'string' ? value : null);
  const flags = texts(row.flags);
  return {
    flags: ROLE_FLAGS.filter((flag) => flags.includes(flag)),
    connLimit: typeof row.connLimit === 'number' ? row.connLimit : -1,
    validUntil: textOrNull(row.validUntil),
    memberOf: texts(row.memberOf),
    comment: textOrNull(row.comment),
    ...(aspects.includes('password') && { password: textOrNull(row.password) }),
  };
}

function transition({ ref, before, after }: Change<RoleValue>, password: string | undefined): Sh {
  const { name: own, login } = readId(ref.id);
  const steps = after === null ? [sql`DROP ROLE ${name(own)}`] : made(own, before, after);
  // What is kept of a password has no place in the server's log, and the log is the superuser's to be quiet about.
  const quiet = sql`SELECT set_config(n, v, true) FROM (VALUES ('log_statement', 'none'),
  ('log_min_error_statement', 'panic'), ('log_min_duration_statement', '-1')) AS s (n, v)
WHERE (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)`;
  const secret = after?.password !== undefined && after.password !== before?.password;
  return psql({ login, password }, statements([...(secret ? [quiet] : []), ...steps]), ['-1', '-o', '/dev/null']);
}

function made(own: string, before: RoleValue | null, after: RoleValue): readonly Sql[] {
  // What CREATE ROLE makes where nothing else is said.
  const was: RoleValue = before ?? { ...NEW_ROLE, flags: ['INHERIT'], password: null };
  // A superuser alone may say NOSUPERUSER and the like: no more is said than what is to be another.
  const said = [
    ...ROLE_FLAGS.filter((flag) => after.flags.includes(flag) !== was.flags.includes(flag)).map(
      (flag): Sql => ({
        sql: after.flags.includes(flag) ? flag : `NO${flag}`,
      }),
    ),
    ...(after.connLimit === was.connLimit ? [] : [sql`CONNECTION LIMIT ${after.connLimit}`]),
    ...(after.validUntil === was.validUntil ? [] : [sql`VALID UNTIL ${after.validUntil ?? 'infinity'}`]),
    ...(after.password === undefined || after.password === was.password ? [] : [sql`PASSWORD ${after.password}`]),
  ];
  const base = before === null ? sql`CREATE ROLE ${name(own)}` : sql`ALTER ROLE ${name(own)}`;
  const first = before === null || said.length > 0 ? [clauses([base, ...said])] : [];
  const joins = after.memberOf.filter((group) => !was.memberOf.includes(group));
  const leaves = was.memberOf.filter((group) => !after.memberOf.includes(group));
  return [
    ...first,
    ...(after.comment === was.comment ? [] : [sql`COMMENT ON ROLE ${name(own)} IS ${after.comment}`]),
    ...joins.map((group) => sql`GRANT ${name(group)} TO ${name(own)}`),
    ...leaves.map((group) => sql`REVOKE ${name(group)} FROM ${name(own)}`),
  ];
}

function describe({ ref, before, after }: Change<RoleValue>): Diff {
  const old = shown(before, after === null);
  const now = shown(after, before === null);
  const attributes = Object.keys({ ...old, ...now })
    .map((key) => ({ name: key, before: old[key], after: now[key] }))
    .filter((a) => a.before !== a.after);
  const set = after?.password !== undefined && after.password !== before?.password;
  if (set && (before !== null || after.password !== null)) {
    const was = before === null ? undefined : before.password === null ? 'none' : '(hidden)';
    attributes.push({ name: 'password', before: was, after: after.password === null ? 'none' : '(hidden, new)' });
  }
  return {
    title: `role ${titleAt(ref.id)}`,
    action: before === null ? 'create' : after === null ? 'remove' : 'change',
    attributes,
  };
}

/** As a person reads it; of a role `alone`, nothing that goes without saying. */
function shown(value: RoleValue | null, alone: boolean): Readonly<Record<string, string | undefined>> {
  if (value === null) return {};
  const { flags, connLimit, validUntil, memberOf, comment } = value;
  const usual = (text: string, when: boolean) => (alone && when ? undefined : text);
  return {
    attributes: flags.join(' ') || 'none',
    'connection limit': usual(connLimit < 0 ? 'none' : String(connLimit), connLimit < 0),
    'password valid until': usual(validUntil ?? 'infinity', validUntil === null),
    'member of': usual(memberOf.join(' ') || 'none', memberOf.length === 0),
    comment: comment ?? undefined,
  };
}

/** A new verifier is another one in each run, and nothing that a later run could compare. */
function record({ fresh, password, ...value }: RoleValue): unknown {
  return fresh === true || password === undefined ? value : { ...value, password };
}
