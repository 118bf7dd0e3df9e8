import type { ParamProperty } from '../../engine/language/module_spec.ts';
import { defineModule, type Ref, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import { type DatabaseValue, database } from '../../engine/resources/postgresql/database.ts';
import type { Access } from '../../engine/resources/postgresql/psql.ts';
import { role } from '../../engine/resources/postgresql/role.ts';
import { server } from '../../engine/resources/postgresql/server.ts';
import { dumpAction, renameAction, restoreAction, wrongWithTarget } from './database_actions.ts';
import { accessOf, answering, type LoginParams, loginProperties, unanswered } from './login_parameters.ts';

export interface DatabaseParams extends LoginParams {
  readonly name: string;
  readonly state: 'present' | 'absent' | 'dump' | 'restore' | 'rename';
  readonly owner: string;
  readonly template: string;
  readonly encoding: string;
  readonly lc_collate: string;
  readonly lc_ctype: string;
  readonly conn_limit: string;
  readonly tablespace: string;
  readonly comment?: string | null;
  readonly force: boolean;
  readonly target: string;
  readonly target_opts: string;
  readonly dump_extra_args?: string | null;
  readonly maintenance_db: string;
}

const text = (description: string): ParamProperty => ({ type: 'string', default: '', description });

export const postgresqlDb = defineModule<DatabaseParams>({
  name: 'postgresql_db',
  collection: 'community.postgresql',
  summary: 'Manages a database of a PostgreSQL server; dumps and restores it',
  description: [
    'Speaks to the server through psql on the host, as the user whom the task acts as: as a rule `become_user: postgres`. No Python is needed.',
    '`dump` and `restore` go by the end of the name of `target`: `.sql` plain text, `.sql.gz`, `.sql.bz2`, `.sql.xz` the same compressed, `.pgc` custom format, `.tar`, `.dir` a directory. A dump is 0600 and gets its name when it is whole; one that fails half-way leaves an older one as it is.',
    'What is in a database that is removed is gone: no undo brings it back. A database that holds something is not removed by an undo.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: 'string', aliases: ['db', 'login_db'], minLength: 1, description: 'Name of the database.' },
      state: {
        type: 'string',
        enum: ['present', 'absent', 'dump', 'restore', 'rename'],
        default: 'present',
        description:
          '`dump` writes it to `target`, `restore` reads it from there, `rename` gives it the name `target`.',
      },
      owner: text('Role that owns it.'),
      template: text('Template that it is made from. Default: template1.'),
      encoding: text('Encoding, such as `UTF8`. Only when it is made; another one is an error.'),
      lc_collate: text('Order of text. As `encoding`; needs `template: template0` where it is not the template’s.'),
      lc_ctype: text('Kinds of characters. As `lc_collate`.'),
      conn_limit: text('Connections at a time; -1: no limit.'),
      tablespace: text('Tablespace.'),
      comment: { type: 'string', description: 'Comment on the database; empty: none.' },
      force: {
        type: 'boolean',
        default: false,
        description: 'With `state: absent`: end the connections that are open. With `dump`: no effect.',
      },
      target: { ...text('File of the dump, or the new name. For `dump`, `restore` and `rename`.') },
      target_opts: text('Further options for pg_dump, pg_restore or psql.'),
      dump_extra_args: { type: 'string', description: 'Further options for pg_dump.' },
      maintenance_db: { type: 'string', default: 'postgres', description: 'Database to log in to.' },
      ...loginProperties,
    },
  },
  examples: `- name: The application's database
  become: true
  become_user: postgres
  postgresql_db:
    name: app
    owner: app
    encoding: UTF8
    template: template0

- name: A copy before the migration
  become: true
  become_user: postgres
  postgresql_db:
    name: app
    state: dump
    target: /var/backups/app.pgc
`,
  returns: { db: 'Name of the database.' },
  looksAt: (params, view) => {
    const access = accessOf(params, params.maintenance_db);
    if (answering(access, view) === undefined) return [server(access)];
    return [
      server(access),
      ...databasesOf(params, access),
      ...(params.owner ? [role(params.owner, access) as Ref] : []),
    ];
  },
  wants: (params, view) => {
    const access = accessOf(params, params.maintenance_db);
    return wrongWithTarget(params) ?? unanswered(access, view) ?? wish(params, access, view);
  },
});

function databasesOf({ name, state, target }: DatabaseParams, access: Access): readonly Ref[] {
  return [database(name, access) as Ref, ...(state === 'rename' && target ? [database(target, access) as Ref] : [])];
}

function failed(message: string, parameter: keyof DatabaseParams): Wish {
  return { steps: [], failed: { message, parameter: [parameter] } };
}

function wish(params: DatabaseParams, access: Access, view: View): Wish {
  const { name, state } = params;
  const ref = database(name, access);
  const before = view.get(ref);
  const result = { db: name };
  if (state === 'absent') return { steps: before === null ? [] : [set(ref, null, { force: params.force })], result };
  if (state === 'present') return present(params, view, access, before);
  if (state === 'rename') return renamed(params, view, access, before);
  if (before === null) return failed(`there is no database ${name}`, 'name');
  return { steps: [state === 'dump' ? dumpAction(params, access) : restoreAction(params, access)], result };
}

function present(params: DatabaseParams, view: View, access: Access, before: DatabaseValue | null): Wish {
  const { owner, encoding, lc_collate, lc_ctype, conn_limit, tablespace, template, comment } = params;
  if (!/^(-1|\d{1,9})?$/.test(conn_limit)) return failed(`\`${conn_limit}\` is no number of connections`, 'conn_limit');
  if (owner && view.get(role(owner, access)) === null)
    return failed(`the role ${owner} does not exist; the module \`postgresql_user\` makes one`, 'owner');
  const fixed = [
    ['encoding', encoding, before?.encoding, sameEncoding],
    ['lc_collate', lc_collate, before?.collate, sameText],
    ['lc_ctype', lc_ctype, before?.ctype, sameText],
  ] as const;
  for (const [key, wanted, is, same] of fixed) {
    if (wanted && is !== undefined && !same(wanted, is))
      return failed(`${params.name} has ${is}, which cannot be changed: it would have to be dumped and made anew`, key);
  }
  const value: DatabaseValue = {
    ...(before ?? {
      ...(encoding && { encoding: plainEncoding(encoding) }),
      ...(lc_collate && { collate: lc_collate }),
      ...(lc_ctype && { ctype: lc_ctype }),
      connLimit: -1,
    }),
    ...(owner && { owner }),
    ...(conn_limit && { connLimit: Number(conn_limit) }),
    ...(tablespace && { tablespace }),
    ...(typeof comment === 'string' && { comment: comment || null }),
  };
  const options = before === null && template ? { template } : {};
  return { steps: [set(database(params.name, access), value, options)], result: { db: params.name } };
}

function sameText(a: string, b: string): boolean {
  return a === b;
}

/** PostgreSQL takes `utf-8` and `UTF8` for the same. */
function sameEncoding(a: string, b: string): boolean {
  return plainEncoding(a) === plainEncoding(b);
}

function plainEncoding(name: string): string {
  const plain = name.toUpperCase().replace(/[^A-Z0-9_]/g, '');
  return plain === 'UNICODE' ? 'UTF8' : plain;
}

function renamed(params: DatabaseParams, view: View, access: Access, before: DatabaseValue | null): Wish {
  const { name, target } = params;
  const there = view.get(database(target, access)) !== null;
  if (before !== null && there) return failed(`both ${name} and ${target} are there`, 'target');
  if (before === null && !there) return failed(`there is neither ${name} nor ${target}`, 'name');
  return { steps: before === null ? [] : [renameAction(params, access)], result: { db: name } };
}
