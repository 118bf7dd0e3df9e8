import { content, type Sh, sh } from '../../transport/sh.ts';

/** How to reach a PostgreSQL server from the host; what is missing is libpq's default. Without the password. */
export interface Login {
  /** A name, an address, or the directory of a socket. */
  readonly host?: string;
  readonly port?: number;
  readonly user: string;
  readonly database: string;
  readonly sslMode?: string;
  /** Files on the host. */
  readonly sslRootCert?: string;
  readonly sslCert?: string;
  readonly sslKey?: string;
  /** SET ROLE to this one first. */
  readonly role?: string;
}

/** Through the socket as the superuser who is there from the beginning. */
const USUAL: Login = { user: 'postgres', database: 'postgres' };

const KEYS = ['host', 'port', 'user', 'database', 'sslMode', 'sslRootCert', 'sslCert', 'sslKey', 'role'] as const;

/** What is reached by a login, as an id: the name alone where nothing else is said. */
export function idAt(name: string, login: Login): string {
  const special = KEYS.flatMap((key) =>
    login[key] === undefined || login[key] === USUAL[key as keyof Login] ? [] : [[key, login[key]] as const],
  );
  return special.length === 0 && !name.startsWith('[') ? name : JSON.stringify([name, Object.fromEntries(special)]);
}

export interface At {
  readonly name: string;
  readonly login: Login;
}

/** The inverse of `idAt`; an id of a journal may hold anything. */
export function readId(id: string): At {
  if (!id.startsWith('[')) return { name: id, login: USUAL };
  try {
    const [name, special] = JSON.parse(id) as [unknown, Record<string, unknown>];
    const kept = KEYS.flatMap((key) =>
      typeof special[key] === (key === 'port' ? 'number' : 'string') ? [[key, special[key]] as const] : [],
    );
    if (typeof name === 'string') return { name, login: { ...USUAL, ...Object.fromEntries(kept) } };
  } catch {
    // No id of ours: a name that only looks like one.
  }
  return { name: id, login: USUAL };
}

/** `app`, or `app at 10.0.0.1:5433`. */
export function titleAt(id: string): string {
  const { name, login } = readId(id);
  const { host, port } = login;
  if (host === undefined && port === undefined) return name;
  return `${name} at ${host ?? 'the socket'}${port === undefined ? '' : `:${port}`}`;
}

/**
 * Runs a program of libpq's with this login, in a subshell. The password is in no argument and no environment: libpq
 * reads it from a file that has lost its name before the program starts (PGPASSFILE).
 */
export function loggedIn(login: Login, password: string | undefined, run: Sh): Sh {
  const set = (name: string, value: string | number | undefined): Sh =>
    value === undefined ? sh`` : sh`${name}=${String(value)}; export ${name}\n`;
  return sh`(
${set('PGHOST', login.host)}${set('PGPORT', login.port)}${set('PGUSER', login.user)}${set('PGDATABASE', login.database)}${set('PGSSLMODE', login.sslMode)}${set('PGSSLROOTCERT', login.sslRootCert)}${set('PGSSLCERT', login.sslCert)}${set('PGSSLKEY', login.sslKey)}${set('PGCONNECT_TIMEOUT', 10)}${set('PGCLIENTENCODING', 'UTF8')}${password === undefined ? sh`` : passwordFile(password)}${run}
)`;
}

/** libpq wants a regular file that nobody else can read. */
function passwordFile(password: string): Sh {
  const line = `*:*:*:*:${password.replace(/[\\:]/g, '\\$&')}\n`;
  return sh`rb_pass=$(umask 077; mktemp) || exit 1
${content(new TextEncoder().encode(line))} >"$rb_pass" || { rm -f -- "$rb_pass"; exit 1; }
exec 8<"$rb_pass" || exit 1
rm -f -- "$rb_pass"
PGPASSFILE=/dev/fd/8; export PGPASSFILE
`;
}
