/**
 * SQL text, built only here. Every hole of the template is a quoted literal unless it is SQL itself; nothing is
 * concatenated. It is written for psql(1), which looks into no quotes.
 */
export interface Sql {
  readonly sql: string;
}

/** string: a literal; number: decimal; null: NULL; Sql: as it is. */
type SqlHole = string | number | boolean | null | Sql;

export function sql(strings: TemplateStringsArray, ...holes: readonly SqlHole[]): Sql {
  const text = holes.reduce<string>(
    (sofar, hole, i) => sofar + value(hole) + (strings[i + 1] as string),
    strings[0] as string,
  );
  return { sql: text };
}

/** A name: of a role, a database, a setting. Quoted, so that case and signs are kept. */
export function name(text: string): Sql {
  return { sql: `"${whole(text).replaceAll('"', '""')}"` };
}

/** Literals or names in a row, for IN and the like; at least one. */
export function list(items: readonly SqlHole[]): Sql {
  return { sql: items.map(value).join(', ') };
}

export function statements(parts: readonly Sql[]): Sql {
  return { sql: parts.map((part) => `${part.sql};\n`).join('') };
}

/** Clauses one after the other. */
export function clauses(parts: readonly Sql[]): Sql {
  return { sql: parts.map((part) => part.sql).join(' ') };
}

function value(hole: SqlHole): string {
  if (hole === null) return 'NULL';
  if (typeof hole === 'boolean') return hole ? 'true' : 'false';
  if (typeof hole === 'object') return hole.sql;
  if (typeof hole === 'string') return literal(hole);
  if (!Number.isFinite(hole)) throw new RangeError(`not a number for SQL: ${hole}`);
  return String(hole);
}

/** Backslashes are themselves only in E'', whatever standard_conforming_strings says. */
function literal(text: string): string {
  const quoted = whole(text).replaceAll("'", "''");
  return quoted.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

function whole(text: string): string {
  if (text.includes('\0')) throw new RangeError('a NUL character cannot stand in SQL');
  return text;
}
