import { splitWords } from '../../engine/language/shlex.ts';
import type { Action, Ref, Wish } from '../../engine/planning/contracts.ts';
import { loggedIn } from '../../engine/resources/postgresql/login.ts';
import { type Access, psql, reason } from '../../engine/resources/postgresql/psql.ts';
import { name as quoted, sql, statements } from '../../engine/resources/postgresql/sql.ts';
import type { Answer } from '../../engine/transport/connection.ts';
import { type Sh, sh } from '../../engine/transport/sh.ts';
import type { DatabaseParams } from './postgresql_db.ts';

/** How a file is written and read, by the end of its name, as in Ansible. */
interface Format {
  /** Of pg_dump and pg_restore; none: text, for psql. */
  readonly format?: 'custom' | 'tar' | 'directory';
  readonly pack?: Sh;
  readonly unpack?: Sh;
}

const FORMATS: Readonly<Record<string, Format>> = {
  pgc: { format: 'custom' },
  tar: { format: 'tar' },
  dir: { format: 'directory' },
  gz: { pack: sh`gzip`, unpack: sh`gzip -dc` },
  bz2: { pack: sh`bzip2`, unpack: sh`bzip2 -dc` },
  xz: { pack: sh`xz`, unpack: sh`xz -dc` },
};

function formatOf({ target }: DatabaseParams): Format {
  return FORMATS[/\.([a-z0-9]+)$/.exec(target)?.[1] ?? ''] ?? {};
}

/** What Ansible finds out half-way. */
export function wrongWithTarget(params: DatabaseParams): Wish | undefined {
  const { name, state, target, maintenance_db } = params;
  const failed = (message: string, parameter: keyof DatabaseParams): Wish => ({
    steps: [],
    failed: { message, parameter: [parameter] },
  });
  if (state === 'present' || state === 'absent') return undefined;
  if (!target) return failed(`\`state: ${state}\` needs a \`target\``, 'target');
  if (state === 'rename') {
    if (target === name) return failed('`target` is the name that it has', 'target');
    return maintenance_db === name
      ? failed('one cannot be logged in to a database that is renamed', 'maintenance_db')
      : undefined;
  }
  if (!target.startsWith('/')) return failed('`target` has to be an absolute path', 'target');
  for (const key of ['target_opts', 'dump_extra_args'] as const) {
    const split = splitWords(params[key] ?? '', false);
    if (!split.ok) return failed(`it has ${split.problem}`, key);
  }
  return undefined;
}

function wordsOf(text: string | null | undefined): readonly string[] {
  const split = splitWords(text ?? '', false);
  return split.ok ? split.words.map((word) => word.text) : [];
}

/** The dump gets its name when it is whole: a reader never meets half of one. */
export function dumpAction(params: DatabaseParams, access: Access): Action {
  const { name, target } = params;
  const { format, pack } = formatOf(params);
  const options = [
    ...(format === undefined ? [] : [`--format=${format}`]),
    ...wordsOf(params.dump_extra_args),
    ...wordsOf(params.target_opts),
  ];
  const login = { ...access.login, database: name };
  const partial = `${target}.partial`;
  const dump = (to: Sh) => loggedIn(login, access.password, sh`pg_dump -w ${options} ${to}`);
  const write =
    format === 'directory'
      ? dump(sh`-f ${partial}`)
      : pack === undefined
        ? dump(sh`>${partial}`)
        : sh`rb_status=$( { { ${dump(sh`3>&-`)}; echo "$?" >&3; } | ${pack} >${partial}; } 3>&1 ) && [ "$rb_status" = 0 ]`;
  return action(
    params,
    `dump the database ${name} to ${target}`,
    sh`umask 077
rm -rf -- ${partial} &&
{ ${write}
} && {
  [ ! -d ${target} ] || rm -rf -- ${target}
  mv -f -- ${partial} ${target}
} || { rb_status=$?; rm -rf -- ${partial}; exit "$rb_status"; }`,
    (other) => other.type.name === 'path' && other.id.startsWith(target),
  );
}

/** Stops at the first statement that fails, where psql by itself would go on and say that all was well. */
export function restoreAction(params: DatabaseParams, access: Access): Action {
  const { name, target } = params;
  const { format, unpack } = formatOf(params);
  const login = { ...access.login, database: name };
  const more = wordsOf(params.target_opts);
  const restore =
    format === undefined
      ? sh`psql -XwqAt -v ON_ERROR_STOP=1 -o /dev/null ${more}`
      : sh`pg_restore -w -e --format=${format} --dbname=${name} ${more}`;
  const run =
    unpack === undefined
      ? loggedIn(login, access.password, format === 'directory' ? sh`${restore} ${target}` : sh`${restore} <${target}`)
      : sh`rb_status=$( { { ${unpack} <${target}; echo "$?" >&3; } | ${loggedIn(login, access.password, sh`${restore} 3>&-`)}; } 3>&1 ) && [ "$rb_status" = 0 ]`;
  return action(params, `restore the database ${name} from ${target}`, run, ofPostgres);
}

export function renameAction(params: DatabaseParams, access: Access): Action {
  const { name, target } = params;
  const script = psql(access, statements([sql`ALTER DATABASE ${quoted(name)} RENAME TO ${quoted(target)}`]));
  return action(params, `rename the database ${name} to ${target}`, script, ofPostgres);
}

function ofPostgres(other: Ref): boolean {
  return other.type.name.includes('postgresql');
}

function action(params: DatabaseParams, summary: string, script: Sh, disturbs: (other: Ref) => boolean): Action {
  return {
    kind: 'action',
    summary,
    script,
    disturbs,
    changed: true,
    result: (answer) => ({ db: params.name, rc: answer.status, stderr: text(answer.stderr) }),
    failed: (answer) => (answer.status === 0 ? undefined : reason(text(answer.stderr))),
  };
}

function text(bytes: Answer['stderr']): string {
  return new TextDecoder().decode(bytes).trim();
}
