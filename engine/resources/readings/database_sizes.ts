import type { Ref, ResourceType, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { content, join, type Sh, sh } from '../../transport/sh.ts';
import { readId } from '../postgresql/login.ts';
import { question, rowsOf } from '../postgresql/psql.ts';
import { type Sql, sql } from '../postgresql/sql.ts';
import { readingType } from '../reading.ts';

export interface DatabaseSize {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** How many are logged in, and may be; -1: no limit. */
  readonly connections: number;
  readonly limit: number;
}

const sizesType: ResourceType<readonly DatabaseSize[]> = readingType({
  name: 'database sizes',
  collect: (refs) => join(refs.map(({ id }, n) => ask(n, id))),
  parse,
  derived: true,
});

/** Of all databases of a server: `idAt(container, login)`, with an empty name where it is on the host itself. */
export function databaseSizes(id: string): Ref<readonly DatabaseSize[]> {
  return { type: sizesType, id, aspects: [] };
}

function ask(n: number, id: string): Sh {
  const { name: container, login } = readId(id);
  if (container === '') return question(n, { login }, SIZES);
  const text = content(new TextEncoder().encode(SIZES.sql));
  return sh`rb_part ${`rows ${n}`}
{ rb_said=$( { ${text} | docker exec -i -- ${container} psql -XwqAt -v ON_ERROR_STOP=1 -U ${login.user} ${login.database}
} 2>&1 >&3 3>&- ); rb_status=$?; } 3>&1
rb_part ${`end ${n}`}
printf '%s\n' "$rb_status" "$rb_said"`;
}

const SIZES: Sql = sql`SELECT json_build_object('name', datname, 'size', pg_database_size(d.oid), 'limit', datconnlimit,
  'connections', (SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid))
FROM pg_database d WHERE datallowconn AND NOT datistemplate ORDER BY datname;`;

function parse(answer: Answer, refs: readonly Ref<readonly DatabaseSize[]>[]): readonly Seen[] {
  return refs.map((ref, n) => {
    const told = rowsOf(answer, n);
    if ('problem' in told) return { ref, error: told.problem };
    const value = told.rows.flatMap(({ name, size, connections, limit }): readonly DatabaseSize[] =>
      typeof name === 'string' &&
      typeof size === 'number' &&
      typeof connections === 'number' &&
      typeof limit === 'number'
        ? [{ name, size, connections, limit }]
        : [],
    );
    return { ref, value };
  });
}
