import type { Value, ValueMap } from '../../engine/language/values.ts';
import { partText } from '../../engine/resources/answer_text.ts';
import { readJson } from '../../engine/resources/json_text.ts';
import type { Answer } from '../../engine/transport/connection.ts';

/** What psql prints for NULL: no text that a table holds begins so. */
export const NULL_MARK = '\u0001NULL\u0001';

interface QueryResult {
  /** As libpq's command tag: `SELECT 3`, `INSERT 0 1`. */
  readonly status: string;
  readonly rows: readonly ValueMap[];
  readonly count: number;
}

/** What the n-th query brought: `types`, its columns; `rows`, CSV, and the tag where psql prints one. */
export function queryResult(answer: Answer, n: number, verb: string): QueryResult {
  const columns = csv(partText(answer, `types ${n}`)).map(([name = '', type = '']) => ({ name, type }));
  const lines = csv(partText(answer, `rows ${n}`));
  const tag = tagOf(lines.at(-1), columns.length);
  const cells = tag === undefined || columns.length === 0 ? lines : lines.slice(0, -1);
  const rows = columns.length === 0 ? [] : cells.map((line) => rowOf(line, columns));
  const status = tag ?? (/^(SELECT|WITH|VALUES|TABLE)$/.test(verb) ? `SELECT ${rows.length}` : verb);
  const counted = /^(?:INSERT 0|UPDATE|DELETE|MERGE|MOVE|FETCH|COPY|SELECT) (\d+)$/.exec(status)?.[1];
  return { status, rows, count: counted === undefined ? rows.length : Number(counted) };
}

/** After the rows of RETURNING, and where there are no rows, psql prints the tag on a line of its own. */
function tagOf(line: readonly string[] | undefined, columns: number): string | undefined {
  if (line?.length !== 1) return undefined;
  const [text = ''] = line;
  if (columns === 0) return text;
  return columns > 0 && /^(INSERT 0|UPDATE|DELETE|MERGE) \d+$/.test(text) ? text : undefined;
}

/** Whether what was done is a change, by what the server says that it did; a query that only shows is none. */
export function isChange(status: string): boolean {
  const [verb = '', ...numbers] = status.split(' ');
  if (/^(SELECT|SHOW|EXPLAIN|FETCH|VALUES|TABLE|BEGIN|COMMIT|ROLLBACK|SET|RESET|DISCARD)$/.test(verb)) return false;
  return /^(INSERT|UPDATE|DELETE|MERGE|COPY)$/.test(verb) ? numbers.at(-1) !== '0' : true;
}

function rowOf(line: readonly string[], columns: readonly { name: string; type: string }[]): ValueMap {
  return Object.fromEntries(columns.map(({ name, type }, i) => [name, typed(line[i] ?? NULL_MARK, type)]));
}

/** A number, a truth value, JSON and lists as themselves; all else as PostgreSQL writes it. */
function typed(text: string, type: string): Value {
  if (text === NULL_MARK) return null;
  if (type.endsWith('[]')) return arrayOf(text, type.slice(0, -2)) ?? text;
  if (/^(smallint|integer|bigint|oid|numeric|real|double precision)\b/.test(type)) {
    const number = Number(text);
    const exact = Number.isFinite(number) && (!/^-?\d+$/.test(text) || Number.isSafeInteger(number));
    return exact ? number : text;
  }
  if (type === 'boolean') return text === 't';
  if (type === 'json' || type === 'jsonb') {
    const value = readJson(text);
    return value === undefined ? text : value;
  }
  return text;
}

/** One dimension of an array's text; others stay text. */
function arrayOf(text: string, type: string): readonly Value[] | undefined {
  if (!/^\{.*\}$/s.test(text) || /^\{\{/.test(text)) return undefined;
  const inner = text.slice(1, -1);
  const items = inner.match(/"(?:[^"\\]|\\[\s\S])*"|[^,"]+/g) ?? [];
  return items.map((item) => {
    if (item.startsWith('"')) return typed(item.slice(1, -1).replace(/\\([\s\S])/g, '$1'), type);
    return item === 'NULL' ? null : typed(item, type);
  });
}

/** RFC 4180, as psql writes it. */
function csv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n"]*))(,|\n|$)/g)) {
    if (end === '' && quoted === undefined && plain === '' && row.length === 0) break;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
