import type { ValueMap } from '../../language/values.ts';
import type { Change, Diff, Ref, ResourceType } from '../../planning/contracts.ts';
import { join, type Sh } from '../../transport/sh.ts';
import { readingType } from '../reading.ts';
import { idAt, readId, titleAt } from './login.ts';
import { namedType } from './named_type.ts';
import { type Access, psql, question, rowsOf } from './psql.ts';
import { clauses, list, name, type Sql, sql, statements } from './sql.ts';

/** A database. What is missing of one that is yet to be made, its template says. */
export interface DatabaseValue {
  readonly owner?: string;
  /** As PostgreSQL writes it: UTF8. */
  readonly encoding?: string;
  readonly collate?: string;
  readonly ctype?: string;
  readonly tablespace?: string;
  /** -1: no limit. */
  readonly connLimit: number;
  readonly comment?: string | null;
}

/** Options of a change: `template` (when it is made), `force` (when it goes, although somebody is logged in). */
export const databaseType: ResourceType<DatabaseValue> = databasesBy(undefined);

function databasesBy(password: string | undefined): ResourceType<DatabaseValue> {
  return namedType(
    { name: 'postgresql database', query: databasesNamed, read: databaseOf, transition, describe },
    password,
  );
}

export function database(own: string, { login, password }: Access): Ref<DatabaseValue> {
  return { type: password === undefined ? databaseType : databasesBy(password), id: idAt(own, login), aspects: [] };
}

function databasesNamed(refs: readonly Ref<DatabaseValue>[]): Sql {
  const names = list(refs.map((ref) => readId(ref.id).name));
  return sql`SELECT json_build_object(
  'name', datname, 'owner', pg_get_userbyid(datdba), 'encoding', pg_encoding_to_char(encoding),
  'collate', datcollate, 'ctype', datctype, 'connLimit', datconnlimit, 'tablespace', spcname,
  'comment', shobj_description(d.oid, 'pg_database'))
FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE datname IN (${names})`;
}

function databaseOf(row: ValueMap): DatabaseValue {
  const kept = (['owner', 'encoding', 'collate', 'ctype', 'tablespace'] as const).flatMap((key) =>
    typeof row[key] === 'string' ? [[key, row[key]] as const] : [],
  );
  return {
    ...Object.fromEntries(kept),
    connLimit: typeof row.connLimit === 'number' ? row.connLimit : -1,
    comment: typeof row.comment === 'string' ? row.comment : null,
  };
}

function transition({ ref, before, after, options }: Change<DatabaseValue>, password: string | undefined): Sh {
  const { name: own, login } = readId(ref.id);
  const steps = after === null ? dropped(own, options.force) : made(own, before, after, options.template);
  // None of these statements can stand in a transaction.
  return psql({ login, password }, statements(steps), ['-o', '/dev/null']);
}

/** DROP DATABASE ... WITH (FORCE) came with PostgreSQL 13; this does the same with any. */
function dropped(own: string, force: unknown): readonly Sql[] {
  const end = sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${own} AND pid <> pg_backend_pid()`;
  const close = sql`ALTER DATABASE ${name(own)} WITH ALLOW_CONNECTIONS false`;
  return [...(force === true ? [close, end] : []), sql`DROP DATABASE ${name(own)}`];
}

function made(own: string, before: DatabaseValue | null, after: DatabaseValue, template: unknown): readonly Sql[] {
  const changed = <K extends keyof DatabaseValue>(key: K) => (after[key] === before?.[key] ? undefined : after[key]);
  const comment = changed('comment');
  const said =
    comment === undefined || (before === null && comment === null)
      ? []
      : [sql`COMMENT ON DATABASE ${name(own)} IS ${comment}`];
  if (before === null) return [created(own, after, template), ...said];
  const alter = (what: Sql) => sql`ALTER DATABASE ${name(own)} ${what}`;
  const [owner, tablespace, limit] = [changed('owner'), changed('tablespace'), changed('connLimit')];
  return [
    ...(owner === undefined ? [] : [alter(sql`OWNER TO ${name(owner)}`)]),
    ...(limit === undefined ? [] : [alter(sql`CONNECTION LIMIT ${limit}`)]),
    ...(tablespace === undefined ? [] : [alter(sql`SET TABLESPACE ${name(tablespace)}`)]),
    ...said,
  ];
}

function created(own: string, after: DatabaseValue, template: unknown): Sql {
  const { owner, encoding, collate, ctype, tablespace, connLimit } = after;
  return clauses([
    sql`CREATE DATABASE ${name(own)}`,
    ...(owner === undefined ? [] : [sql`OWNER ${name(owner)}`]),
    ...(typeof template === 'string' ? [sql`TEMPLATE ${name(template)}`] : []),
    ...(encoding === undefined ? [] : [sql`ENCODING ${encoding}`]),
    ...(collate === undefined ? [] : [sql`LC_COLLATE ${collate}`]),
    ...(ctype === undefined ? [] : [sql`LC_CTYPE ${ctype}`]),
    ...(tablespace === undefined ? [] : [sql`TABLESPACE ${name(tablespace)}`]),
    ...(connLimit === -1 ? [] : [sql`CONNECTION LIMIT ${connLimit}`]),
  ]);
}

function describe({ ref, before, after }: Change<DatabaseValue>): Diff {
  const old = shown(before, after === null);
  const now = shown(after, before === null);
  return {
    title: `database ${titleAt(ref.id)}`,
    action: before === null ? 'create' : after === null ? 'remove' : 'change',
    attributes: Object.keys({ ...old, ...now })
      .map((key) => ({ name: key, before: old[key], after: now[key] }))
      .filter((a) => a.before !== a.after),
  };
}

function shown(value: DatabaseValue | null, alone: boolean): Readonly<Record<string, string | undefined>> {
  if (value === null) return {};
  const { owner, encoding, collate, ctype, tablespace, connLimit, comment } = value;
  return {
    owner: owner ?? (alone ? 'who makes it' : undefined),
    encoding,
    LC_COLLATE: collate,
    LC_CTYPE: ctype,
    tablespace,
    'connection limit': connLimit < 0 ? (alone ? undefined : 'none') : String(connLimit),
    comment: comment ?? undefined,
  };
}

/** What a database holds that is not the system's; null: there is no such database. */
interface DatabaseContent {
  /** Tables, views, sequences. */
  readonly relations: number;
}

export function databaseContent(ref: Ref<DatabaseValue>): Ref<DatabaseContent> {
  return { type: contentType, id: ref.id, aspects: [] };
}

const contentType: ResourceType<DatabaseContent> = readingType({
  name: 'content of a postgresql database',
  collect: (refs) =>
    join(
      refs.map((ref, n) => {
        const { name: own, login } = readId(ref.id);
        return question(n, { login: { ...login, database: own } }, COUNT);
      }),
    ),
  parse: (answer, refs) =>
    refs.map((ref, n) => {
      const told = rowsOf(answer, n);
      if ('problem' in told)
        return /database ".*" does not exist/.test(told.problem) ? { ref, value: null } : { ref, error: told.problem };
      const relations = told.rows[0]?.relations;
      return typeof relations === 'number' ? { ref, value: { relations } } : { ref, error: 'psql told no number' };
    }),
  derived: true,
});

const COUNT = sql`SELECT json_build_object('relations', count(*)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'`;
