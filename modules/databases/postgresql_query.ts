import type { Value, ValueMap } from '../../engine/language/values.ts';
import { type Action, defineModule, type Wish } from '../../engine/planning/contracts.ts';
import { type Access, psql, reason } from '../../engine/resources/postgresql/psql.ts';
import { server } from '../../engine/resources/postgresql/server.ts';
import { list, name, type Sql, sql } from '../../engine/resources/postgresql/sql.ts';
import type { Answer } from '../../engine/transport/connection.ts';
import { join, type Sh, sh } from '../../engine/transport/sh.ts';
import { accessOf, type LoginParams, loginProperties, unanswered } from './login_parameters.ts';
import { isChange, NULL_MARK, queryResult } from './query_result.ts';
import { prepareQuery, withArguments } from './query_text.ts';

interface QueryParams extends LoginParams {
  readonly query: Value;
  readonly positional_args?: readonly Value[] | null;
  readonly named_args?: ValueMap | null;
  readonly login_db?: string | null;
  readonly autocommit: boolean;
  readonly encoding?: string | null;
  readonly search_path?: readonly string[] | null;
}

export const postgresqlQuery = defineModule<QueryParams>({
  name: 'postgresql_query',
  collection: 'community.postgresql',
  summary: 'Runs SQL on a PostgreSQL server',
  description: [
    'Through psql on the host, as the user whom the task acts as: as a rule `become_user: postgres`. The SQL stands in no argument list.',
    'All queries of a task are one transaction, unless `autocommit` is set. It counts as a change where the server says that rows were changed or something else than rows: SELECT, SHOW and EXPLAIN are none.',
    'A plan does not run it: even a SELECT can call a function that changes something. With `check_mode: false` it runs in plans as well.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['query'],
    mutuallyExclusive: [['positional_args', 'named_args']],
    properties: {
      query: {
        type: ['string', 'array'],
        description: 'SQL, or a list of queries. `%s` and `%(name)s` are places for arguments.',
      },
      positional_args: { type: 'array', description: 'Arguments in the order of `%s`; a list becomes an array.' },
      named_args: { type: 'object', description: 'Arguments by the names in `%(name)s`.' },
      login_db: { type: 'string', aliases: ['db'], description: 'Database. Default: `login_user`’s name.' },
      autocommit: {
        type: 'boolean',
        default: false,
        description: 'Each query by itself, for what cannot stand in a transaction (VACUUM, CREATE DATABASE).',
      },
      encoding: { type: 'string', description: 'Encoding of the client. Only UTF8, which is the default.' },
      search_path: { type: 'array', items: { type: 'string' }, description: 'Schemas to look in, in this order.' },
      as_single_query: {
        type: 'boolean',
        default: true,
        description: 'Has no effect: a query with several statements always goes to the server as it is.',
      },
      ...loginProperties,
    },
  },
  examples: `- name: Who is logged in
  become: true
  become_user: postgres
  postgresql_query:
    query: SELECT usename, client_addr FROM pg_stat_activity WHERE datname = %s
    positional_args: [app]
  check_mode: false
  register: activity

- name: Statistics after the import
  become: true
  become_user: postgres
  postgresql_query:
    db: app
    query: VACUUM ANALYZE
    autocommit: true
`,
  returns: {
    query: 'The last query, with its arguments in place.',
    query_list: 'All queries, as given.',
    query_result: 'Rows of the last one, as maps from column to value.',
    query_all_results: 'Rows of each.',
    rowcount: 'Rows that came or were changed, of all together.',
    statusmessage: 'What the server says of the last one: `INSERT 0 1`.',
  },
  looksAt: (params) => [server(accessOf(params, params.login_db))],
  wants: (params, view) => {
    const access = accessOf(params, params.login_db);
    const queries = queriesOf(params);
    if ('problem' in queries) return { steps: [], failed: { message: queries.problem, parameter: ['query'] } };
    if (params.encoding && !/^utf-?8$/i.test(params.encoding))
      return { steps: [], failed: { message: 'only UTF8 is spoken', parameter: ['encoding'] } };
    return unanswered(access, view) ?? wish(params, access, queries.all);
  },
});

interface Query {
  /** With its arguments. */
  readonly text: string;
  readonly forPsql: string;
  readonly verbs: readonly string[];
}

function queriesOf(params: QueryParams): { readonly all: readonly Query[] } | { readonly problem: string } {
  const texts = Array.isArray(params.query) ? params.query : [params.query];
  const all: Query[] = [];
  for (const text of texts) {
    if (typeof text !== 'string') return { problem: 'a query is a text' };
    const filled = withArguments(text, params.positional_args ?? undefined, params.named_args ?? undefined);
    if (!filled.ok) return filled;
    const prepared = prepareQuery(filled.query);
    if (!prepared.ok) return prepared;
    all.push({ text: filled.query, forPsql: prepared.text, verbs: prepared.verbs });
  }
  return all.length === 0 ? { problem: 'there is no query' } : { all };
}

/** Statements that read and do nothing else, unless a function that they call does. */
const READS = /^(SELECT|SHOW|VALUES|TABLE|EXPLAIN)$/;
/** Statements that reach beyond the database: into files, programs, anything. */
const REACHES = /^(COPY|DO|CALL|LOAD)$/;

function wish(params: QueryParams, access: Access, queries: readonly Query[]): Wish {
  const verbs = queries.flatMap((query) => query.verbs);
  const reads = verbs.every((verb) => READS.test(verb));
  const action: Action = {
    kind: 'action',
    summary: `${reads ? 'ask' : 'run'} SQL${access.login.database === 'postgres' ? '' : ` in ${access.login.database}`}: ${shown(params)}`,
    script: program(params, access, queries),
    disturbs: reads
      ? 'nothing'
      : verbs.some((verb) => REACHES.test(verb))
        ? 'everything'
        : (other) => other.type.name.includes('postgresql'),
    changed: reads ? false : (answer) => resultsOf(queries, answer).some(({ status }) => isChange(status)),
    result: (answer) => resultOf(params, queries, answer),
    failed: (answer) => (answer.status === 0 ? undefined : reason(new TextDecoder().decode(answer.stderr))),
  };
  return { steps: [action] };
}

/** As written, without what its arguments are: they may be secrets. */
function shown({ query }: QueryParams): string {
  const [first, ...more] = Array.isArray(query) ? query : [query];
  const line = String(first).trim().replace(/\s+/g, ' ');
  return `${line.length > 100 ? `${line.slice(0, 100)}...` : line}${more.length === 0 ? '' : ` (and ${more.length} more)`}`;
}

/** Results go to a file each, and from there into parts: nothing that a table holds is taken for another's result. */
function program(params: QueryParams, access: Access, queries: readonly Query[]): Sh {
  const path = params.search_path?.length ? sql`SET search_path TO ${list(params.search_path.map(name))};\n` : sql``;
  const body = queries.map(({ forPsql, verbs }, n) => {
    const described =
      verbs.length === 1 && /^(SELECT|WITH|VALUES|TABLE|INSERT|UPDATE|DELETE|MERGE|SHOW|EXPLAIN)$/.test(verbs[0] ?? '');
    return `${described ? `\\o types${n}\n${forPsql} \\gdesc\n` : ''}\\o rows${n}\n${forPsql} \\g\n\\o\n`;
  });
  const [begin, end] = params.autocommit ? ['', ''] : ['BEGIN;\n', 'COMMIT;\n'];
  const setUp = `\\set QUIET on\n\\pset format csv\n\\pset tuples_only on\n\\pset null '${NULL_MARK}'\n\\set SHOW_ALL_RESULTS off\n`;
  const text: Sql = {
    sql: `${setUp}${path.sql}${begin}\\set QUIET off\n${body.join('')}\\set QUIET on\n${end}`,
  };
  return sh`rb_dir=$(mktemp -d) && CDPATH='' cd -- "$rb_dir" || exit 1
${psql(access, text)}
rb_status=$?
${join(
  queries.map(
    (_, n) => sh`rb_part ${`types ${n}`}
[ ! -f ${`types${n}`} ] || cat ${`types${n}`}
rb_part ${`rows ${n}`}
[ ! -f ${`rows${n}`} ] || cat ${`rows${n}`}`,
  ),
)}
cd / && rm -rf -- "$rb_dir"
exit "$rb_status"`;
}

function resultsOf(queries: readonly Query[], answer: Answer) {
  return queries.map(({ verbs }, n) => queryResult(answer, n, verbs.at(-1) ?? ''));
}

function resultOf(params: QueryParams, queries: readonly Query[], answer: Answer): ValueMap {
  const results = resultsOf(queries, answer);
  const last = results.at(-1);
  return {
    query: queries.at(-1)?.text ?? '',
    query_list: Array.isArray(params.query) ? params.query : [params.query],
    query_result: last?.rows ?? [],
    query_all_results: results.map(({ rows }) => rows),
    rowcount: results.reduce((sum, { count }) => sum + count, 0),
    statusmessage: last?.status ?? '',
  };
}
