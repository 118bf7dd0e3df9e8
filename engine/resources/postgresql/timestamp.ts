import type { Ref, ResourceType } from '../../planning/contracts.ts';
import { join } from '../../transport/sh.ts';
import { readingType } from '../reading.ts';
import { idAt, readId } from './login.ts';
import { type Access, question, rowsOf } from './psql.ts';
import { type Sql, sql } from './sql.ts';

/** A point in time as PostgreSQL reads it, written in UTC; `infinity`: never. A text that is none cannot be read. */
export function timestamp(text: string, { login, password }: Access): Ref<string> {
  const type: ResourceType<string> = readingType({
    name: 'postgresql time',
    collect: (refs) =>
      join(
        refs.map((ref, n) => {
          const { name, login: own } = readId(ref.id);
          return question(
            n,
            { login: own, password },
            sql`SELECT json_build_object('time', ${inUtc(sql`${name}::timestamptz`)})`,
          );
        }),
      ),
    parse: (answer, refs) =>
      refs.map((ref, n) => {
        const told = rowsOf(answer, n);
        if ('problem' in told) return { ref, error: told.problem };
        const value = told.rows[0]?.time;
        return typeof value === 'string' ? { ref, value } : { ref, error: 'psql told no time' };
      }),
  });
  return { type, id: idAt(text, login), aspects: [] };
}

/** A timestamptz as text that does not hang on the session's time zone. */
export function inUtc(time: Sql): Sql {
  return sql`CASE WHEN isfinite(${time}) THEN (${time} AT TIME ZONE 'UTC')::text || '+00' ELSE ${time}::text END`;
}
