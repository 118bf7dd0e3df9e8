import { userInfo } from 'node:os';
import type { Reach, Ways } from '../applying/connections.ts';
import { findHost } from '../inventory/find_host.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { type RouteOptions, resolveRoute } from '../inventory/route.ts';
import { type Diagnostic, fail, ok, type Result } from '../language/diagnostics.ts';
import type { Scope } from '../language/templated.ts';
import type { Value, ValueMap } from '../language/values.ts';
import type { BecomeDefaults, Target } from '../planning/walk_context.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { TransportError } from '../transport/connection.ts';
import type { RunOptions } from './options.ts';

/** How all hosts of a run are reached. */
export interface Reaches extends Ways {
  /**
   * Resolves the routes of these hosts, and asks for the passwords that the options call for. Of those that tasks may
   * be delegated to, one whose variables are encrypted and cannot be opened fails when a task comes to it.
   */
  resolve(
    inventory: Inventory,
    hosts: ReadonlySet<string>,
    delegates: ReadonlySet<string>,
    options: RunOptions,
    scopeOf: (host: string) => Scope,
  ): Promise<Result<undefined>>;
  become(host: string): BecomeDefaults;
  loginUser(host: string): string;
}

export function createReach(secrets: Secrets): Reaches {
  const known = new Map<string, Reach>();
  const locked = new Map<string, Diagnostic>();
  let anew: (host: string, variables: ValueMap) => Promise<Reach | undefined> = async () => undefined;
  const hide = (...passwords: readonly (string | undefined)[]): void => {
    for (const password of passwords) if (password !== undefined) secrets.add(password);
  };

  return {
    async resolve(inventory, hosts, delegates, options, scopeOf) {
      const problems: Diagnostic[] = [];
      const warnings: Diagnostic[] = [];
      const asked = await askPasswords(routeOptions(options), options);
      if (!asked.ok) return asked;
      const given = asked.value;
      hide(given.password, given.becomePassword);
      anew = async (name, variables) => {
        const host = findHost(inventory, name);
        const own = Object.keys(variables).filter((variable) => variable.startsWith('ansible_'));
        if (host === undefined || own.length === 0) return known.get(name);
        const scope = scopeOf(name);
        const found = await resolveRoute(
          host,
          (variable) => (own.includes(variable) ? ok(variables[variable] as Value) : scope.lookup(variable)),
          given,
        );
        if (found.ok) return found.value;
        const [problem] = found.diagnostics;
        throw new TransportError('unreachable', problem?.message ?? 'the new way to it cannot be read', problem?.hint);
      };
      await Promise.all(
        [...new Set([...hosts, ...delegates])].map(async (name) => {
          const host = findHost(inventory, name);
          if (host === undefined) return;
          const scope = scopeOf(name);
          const found = await resolveRoute(host, (variable) => scope.lookup(variable), given);
          if (!found.ok) {
            const vault = found.diagnostics.find(({ code }) => code === 'vault');
            if (vault !== undefined && !hosts.has(name)) locked.set(name, vault);
            else problems.push(...found.diagnostics);
            return;
          }
          const { route, become } = found.value;
          const routes = route.kind === 'ssh' ? [route, ...route.jumps] : [];
          hide(become.password, ...routes.map(({ password }) => password));
          known.set(name, found.value);
          warnings.push(...(found.warnings ?? []));
        }),
      );
      return problems.length > 0 ? fail(...problems) : ok(undefined, warnings);
    },
    become: (host) => known.get(host)?.become ?? { enabled: false, user: 'root', method: 'sudo' },
    loginUser(host) {
      const route = known.get(host)?.route;
      return route?.kind === 'ssh' ? route.user : userInfo().username;
    },
    of: (target) => wayTo(target, known.get(target.host)),
    again: async (target, variables) => wayTo(target, await anew(target.host, variables)),
  };

  /** With what the target's task says of it. */
  function wayTo(target: Target, reach: Reach | undefined): Reach {
    const lock = locked.get(target.host);
    if (lock !== undefined) throw new TransportError('auth', lock.message, lock.hint);
    if (reach === undefined) throw new Error(`no route to ${target.host} was resolved`);
    if (target.connection === 'local') return { ...reach, route: { kind: 'local' } };
    if (target.remoteUser === undefined || reach.route.kind === 'local') return reach;
    return { ...reach, route: { ...reach.route, user: target.remoteUser } };
  }
}

function routeOptions(options: RunOptions): RouteOptions {
  return {
    user: options.user,
    privateKey: options.privateKey,
    connection: options.connection,
    sshCommonArgs: options.sshCommonArgs,
    timeoutSeconds: options.timeout,
    acceptNewHostKeys: options.acceptNewHostKeys === true,
    become: options.become === true,
    becomeUser: options.becomeUser,
    becomeMethod: options.becomeMethod,
    password: undefined,
    becomePassword: undefined,
  };
}

async function askPasswords(given: RouteOptions, options: RunOptions): Promise<Result<RouteOptions>> {
  if (!options.askPass && !options.askBecomePass) return ok(given);
  const { askSecret } = await import('../reporting/ask.ts');
  const password = options.askPass ? await askSecret('SSH password: ') : ok(undefined);
  if (!password.ok) return password;
  const become = options.askBecomePass ? await askSecret('Become password (empty: the SSH password): ') : ok(undefined);
  if (!become.ok) return become;
  return ok({
    ...given,
    password: password.value,
    becomePassword: become.value === '' ? password.value : become.value,
  });
}
