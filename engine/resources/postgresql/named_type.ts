import type { ValueMap } from '../../language/values.ts';
import type { Change, Ref, ResourceType, Seen } from '../../planning/contracts.ts';
import { join, type Sh } from '../../transport/sh.ts';
import { readId } from './login.ts';
import { byLogin, question, rowsOf } from './psql.ts';
import type { Sql } from './sql.ts';

/** What PostgreSQL has under names of one kind, and how each is asked about and made. */
interface Named<V> extends Pick<ResourceType<V>, 'name' | 'describe' | 'record'> {
  /** Rows of those that are there, as one JSON object a line with their `name`. */
  query(refs: readonly Ref<V>[]): Sql;
  read(row: ValueMap, ref: Ref<V>): V;
  transition(change: Change<V>, password: string | undefined): Sh;
}

/** Its resource type, where logins give this password. */
export function namedType<V>(named: Named<V>, password: string | undefined): ResourceType<V> {
  const { query, read, transition, ...rest } = named;
  const loginOf = ({ id }: Ref<V>) => readId(id).login;
  return {
    ...rest,
    collect: (refs) =>
      join(byLogin(refs, loginOf).map(({ login, refs: asked }, n) => question(n, { login, password }, query(asked)))),
    parse: (answer, refs) =>
      byLogin(refs, loginOf).flatMap(({ refs: asked }, n): readonly Seen[] => {
        const told = rowsOf(answer, n);
        if ('problem' in told) return asked.map((ref) => ({ ref: ref as Ref, error: told.problem }));
        const found = new Map(told.rows.map((row) => [row.name, row]));
        return asked.map((ref) => {
          const row = found.get(readId(ref.id).name);
          return { ref: ref as Ref, value: row === undefined ? null : read(row, ref) };
        });
      }),
    transition: (changes) =>
      join(
        changes.map((change) => transition(change, password)),
        ' && ',
      ),
  };
}
