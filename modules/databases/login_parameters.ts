import type { ParamProperty } from '../../engine/language/module_spec.ts';
import type { View, Wish } from '../../engine/planning/contracts.ts';
import type { Access } from '../../engine/resources/postgresql/psql.ts';
import { type Server, server } from '../../engine/resources/postgresql/server.ts';

/** What all modules of PostgreSQL have in common. */
export interface LoginParams {
  readonly login_user: string;
  readonly login_password?: string | null;
  readonly login_host?: string | null;
  readonly login_unix_socket?: string | null;
  readonly login_port?: number | null;
  readonly ssl_mode: string;
  readonly ca_cert?: string | null;
  readonly ssl_cert?: string | null;
  readonly ssl_key?: string | null;
  readonly session_role?: string | null;
}

export const loginProperties: Readonly<Record<string, ParamProperty>> = {
  login_user: { type: 'string', default: 'postgres', aliases: ['login'], description: 'Role to log in as.' },
  login_password: {
    type: 'string',
    secret: true,
    description: 'Its password. It stands in no argument list and no environment.',
  },
  login_host: {
    type: 'string',
    aliases: ['host'],
    description: 'Name or address of the server. Default: the socket on the host.',
  },
  login_unix_socket: { type: 'string', aliases: ['unix_socket'], description: 'Directory of the socket.' },
  login_port: { type: 'integer', aliases: ['port'], minimum: 1, maximum: 65535, description: 'Port. Default: 5432.' },
  ssl_mode: {
    type: 'string',
    enum: ['allow', 'disable', 'prefer', 'require', 'verify-ca', 'verify-full'],
    default: 'prefer',
    description: 'Whether the connection is encrypted and the server verified, as in libpq.',
  },
  ca_cert: {
    type: 'string',
    format: 'path',
    aliases: ['ssl_rootcert'],
    description: 'File on the host with the certificates that may have signed the server’s.',
  },
  ssl_cert: { type: 'string', format: 'path', description: 'Certificate to log in with.' },
  ssl_key: { type: 'string', format: 'path', description: 'Its key.' },
  session_role: { type: 'string', description: 'Become this role once logged in.' },
  trust_input: {
    type: 'boolean',
    default: true,
    description: 'Has no effect: all names and values are quoted, whatever they hold.',
  },
};

/** How the task reaches the server; `database`: where it logs in to. */
export function accessOf(params: LoginParams, database: string | null | undefined): Access {
  const { login_user: user, login_port: port, session_role: role, ssl_mode: sslMode } = params;
  const host = params.login_host || params.login_unix_socket;
  return {
    login: {
      ...(host && { host }),
      ...(port && port !== DEFAULT_PORT && { port }),
      user,
      database: database || user,
      ...(sslMode !== 'prefer' && { sslMode }),
      ...(params.ca_cert && { sslRootCert: params.ca_cert }),
      ...(params.ssl_cert && { sslCert: params.ssl_cert }),
      ...(params.ssl_key && { sslKey: params.ssl_key }),
      ...(role && { role }),
    },
    password: params.login_password || undefined,
  };
}

const DEFAULT_PORT = 5432;

/** The server, once it has been seen and answers. */
export function answering(access: Access, view: View): Server | undefined {
  const seen = view.peek(server(access));
  return seen && !('problem' in seen) ? seen : undefined;
}

/** Why nothing can be done: nothing answers. */
export function unanswered(access: Access, view: View): Wish | undefined {
  const seen = view.get(server(access));
  if (seen !== null && !('problem' in seen)) return undefined;
  return { steps: [], failed: { message: seen?.problem ?? 'no PostgreSQL server was found' } };
}
