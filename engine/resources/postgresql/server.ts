import type { ValueMap } from '../../language/values.ts';
import type { Change, Ref, ResourceType } from '../../planning/contracts.ts';
import { join } from '../../transport/sh.ts';
import { readingType } from '../reading.ts';
import { idAt, readId } from './login.ts';
import { type Access, question, rowsOf } from './psql.ts';
import type { PasswordRule } from './scram.ts';
import { type Sql, sql } from './sql.ts';

/** What answers to a login, or why nothing does. */
type ServerValue = Server | { readonly problem: string };

export interface Server extends PasswordRule {
  /** As `server_version_num`: 150004. */
  readonly version: number;
  /** Whether the login may read what is kept of passwords. */
  readonly seesPasswords: boolean;
}

/** Whether a PostgreSQL server can be reached, and what it is like. A login that nothing answers is no error. */
export function server({ login, password }: Access): Ref<ServerValue> {
  const { database } = login;
  const known = types.get(database);
  const type = password === undefined && known !== undefined ? known : serversBy(database, password);
  if (password === undefined) types.set(database, type);
  return { type, id: idAt('server', login), aspects: [] };
}

/** One for each database, so that what is asked together goes in one question. */
const types = new Map<string, ResourceType<ServerValue>>();

function serversBy(database: string, password: string | undefined): ResourceType<ServerValue> {
  return readingType({
    name: 'postgresql server',
    collect: (refs) => join(refs.map((ref, n) => question(n, { login: readId(ref.id).login, password }, askServer()))),
    parse: (answer, refs) =>
      refs.map((ref, n) => {
        const told = rowsOf(answer, n);
        return { ref, value: 'problem' in told ? told : (serverOf(told.rows[0]) ?? { problem: NO_SERVER }) };
      }),
    derived: (change) => comesAlong(change, database),
  });
}

const NO_SERVER = 'what answers is no PostgreSQL server that runbook knows';

/** Packages and units of PostgreSQL's: with them a server comes or goes. A database has to be there to be logged in to. */
function comesAlong({ ref: { type, id } }: Change, database: string): boolean {
  if (type.name === 'postgresql database') return readId(id).name === database;
  return (type.name === 'package' || type.name === 'unit') && /postgres/.test(id);
}

function askServer(): Sql {
  return sql`SELECT json_build_object(
  'version', current_setting('server_version_num')::int,
  'encryption', current_setting('password_encryption'),
  'iterations', current_setting('scram_iterations', true)::int,
  'seesPasswords', has_table_privilege('pg_catalog.pg_authid', 'SELECT'))`;
}

function serverOf(row: ValueMap | undefined): Server | undefined {
  if (row === undefined) return undefined;
  const { version, encryption, iterations, seesPasswords } = row;
  if (typeof version !== 'number' || typeof encryption !== 'string' || typeof seesPasswords !== 'boolean')
    return undefined;
  return { version, encryption, ...(typeof iterations === 'number' && { iterations }), seesPasswords };
}
