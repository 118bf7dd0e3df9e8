import type { Become, Route } from '../inventory/inventory.ts';
import type { ValueMap } from '../language/values.ts';
import { type Target, targetKey } from '../planning/walk_context.ts';
import { type ConnectOptions, connect } from '../transport/connect.ts';
import type { Connection, Shell } from '../transport/connection.ts';
import { persistently } from './first_contact.ts';

/** How a host is reached: resolved, with all its mistakes told, before anything is contacted. */
export interface Reach {
  readonly route: Route;
  readonly become: Become;
}

/** The open connections of a run: one for each host and way of reaching it, a shell for each identity. */
export interface Connections {
  /** `apart`: one of its own, which does not wait for what the other is at. */
  shell(target: Target, apart?: string): Promise<Shell>;
  reach(target: Target): Reach;
  /** The connections to this host are gone, or never were there: it is connected to anew when it is next asked. */
  lose(host: string): void;
  /**
   * A new connection, with nothing of those that are open, to be closed by whoever asked. Connection variables among
   * `variables` win over the inventory's. Not interrupted by what interrupts the run.
   */
  anew(target: Target, variables: ValueMap, timeoutMs: number): Promise<Connection>;
  close(): Promise<void>;
}

/** How a target is reached, and how it is where these variables say otherwise. */
export interface Ways {
  of(target: Target): Reach;
  again(target: Target, variables: ValueMap): Promise<Reach>;
}

interface ConnectionsOptions extends ConnectOptions {
  /** How often it is tried again to reach a host. */
  readonly retries: number;
}

interface Opened {
  readonly connections: Map<string, Promise<Connection>>;
  readonly shells: Map<string, Promise<Shell>>;
}

export function openConnections(ways: Ways, options: ConnectionsOptions): Connections {
  const hosts = new Map<string, Opened>();
  const closing: Promise<unknown>[] = [];

  function openedTo(host: string): Opened {
    const known = hosts.get(host) ?? { connections: new Map(), shells: new Map() };
    hosts.set(host, known);
    return known;
  }

  function connection(target: Target): Promise<Connection> {
    const { connections } = openedTo(target.host);
    const key = JSON.stringify([target.connection ?? '', target.remoteUser ?? '']);
    let opening = connections.get(key);
    if (opening === undefined) {
      const { route, become } = ways.of(target);
      const budgetMs = route.kind === 'ssh' ? route.connectTimeoutMs : 0;
      const { retries, signal } = options;
      opening = persistently(() => connect(target.host, route, become, options), { retries, budgetMs, signal });
      connections.set(key, opening);
    }
    return opening;
  }

  function lose(host: string): void {
    const { connections } = openedTo(host);
    hosts.delete(host);
    for (const open of connections.values()) closing.push(open.then((one) => one.close()).catch(() => {}));
  }

  return {
    shell(target, apart = '') {
      const { shells } = openedTo(target.host);
      const key = `${targetKey(target)} ${apart}`;
      let opening = shells.get(key);
      if (opening === undefined) {
        opening = connection(target).then((open) => open.shell(target.identity, apart));
        shells.set(key, opening);
      }
      return opening;
    },
    lose,
    reach: (target) => ways.of(target),
    async anew(target, variables, timeoutMs) {
      const { route, become } = await ways.again(target, variables);
      // 0: no limit of its own.
      const limited =
        route.kind === 'local'
          ? route
          : { ...route, connectTimeoutMs: Math.min(route.connectTimeoutMs || timeoutMs, timeoutMs) };
      return await connect(target.host, limited, become, { ...options, signal: undefined });
    },
    async close() {
      for (const host of [...hosts.keys()]) lose(host);
      await Promise.all(closing);
    },
  };
}
