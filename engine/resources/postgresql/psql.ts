import { isMap, type ValueMap } from '../../language/values.ts';
import type { Answer } from '../../transport/connection.ts';
import { content, type Sh, sh } from '../../transport/sh.ts';
import { partText } from '../answer_text.ts';
import { readJson } from '../json_text.ts';
import { type Login, loggedIn } from './login.ts';
import { name, type Sql, sql } from './sql.ts';

/** How PostgreSQL is spoken to: a login, and the password for it. */
export interface Access {
  readonly login: Login;
  readonly password?: string | undefined;
}

const NO_PSQL = 'there is no psql on the host: the package postgresql-client has it';

/** Gives `statements` to psql on its standard input; stops at the first one that fails. */
export function psql({ login, password }: Access, statements: Sql, options: readonly string[] = []): Sh {
  const role = login.role === undefined ? sql`` : sql`SET ROLE ${name(login.role)};\n`;
  const text = new TextEncoder().encode(`${role.sql}${statements.sql}`);
  return sh`if ! command -v psql >/dev/null; then echo ${NO_PSQL} >&2; exit 127; fi
${loggedIn(login, password, sh`${content(text)} | psql -XwqAt -v ON_ERROR_STOP=1 ${options}`)}`;
}

/** Asks, and tells rows, status and complaint apart in parts that are named after `n`. */
export function question(n: number, access: Access, statements: Sql): Sh {
  return sh`rb_part ${`rows ${n}`}
{ rb_said=$( { ${psql(access, statements)}
} 2>&1 >&3 3>&- ); rb_status=$?; } 3>&1
rb_part ${`end ${n}`}
printf '%s\n' "$rb_status" "$rb_said"`;
}

export type Rows = { readonly rows: readonly ValueMap[] } | { readonly problem: string };

/** What a question brought whose rows are one JSON object a line; what is none is left out. */
export function rowsOf(answer: Answer, n: number): Rows {
  const [status, ...said] = partText(answer, `end ${n}`).split('\n');
  if (status !== '0') return { problem: reason(said.join('\n')) };
  return {
    rows: partText(answer, `rows ${n}`)
      .split('\n')
      .flatMap((line) => {
        const row = readJson(line);
        return isMap(row) ? [row] : [];
      }),
  };
}

/** psql's complaint without where in its input it was, and with what to do where that is known. */
export function reason(said: string): string {
  const text = said
    .trim()
    .replace(/^psql:<stdin>:\d+: /gm, '')
    .replace(/^psql: error: /, '');
  if (text === '') return 'psql failed and said nothing';
  if (
    /Peer authentication failed|role "[^"]*" does not exist/.test(text) &&
    /connection to server on socket/.test(text)
  )
    return `${text}\nthe socket lets in whom the host knows: \`become_user: postgres\`, or give \`login_user\` and \`login_password\``;
  return text;
}

/** Refs that are asked with one login, one question each. */
export function byLogin<R extends { readonly id: string }>(
  refs: readonly R[],
  loginOf: (ref: R) => Login,
): readonly { readonly login: Login; readonly refs: readonly R[] }[] {
  const groups = new Map<string, { login: Login; refs: R[] }>();
  for (const ref of refs) {
    const login = loginOf(ref);
    const key = JSON.stringify(login);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { login, refs: [ref] });
    else group.refs.push(ref);
  }
  return [...groups.values()];
}
