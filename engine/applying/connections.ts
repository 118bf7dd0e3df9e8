import type { Become, Route } from '../inventory/inventory.ts';
import type { ValueMap } from '../language/values.ts';
import { type Target, targetKey } from '../planning/walk_context.ts';
import { type ConnectOptions, connect } from '../transport/connect.ts';
import type { Connection, Shell } from '../transport/connection.ts';

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

export function openConnections(ways: Ways, options: ConnectOptions): Connections {
  const connections = new Map<string, Promise<Connection>>();
  const shells = new Map<string, Promise<Shell>>();

  function connection(target: Target): Promise<Connection> {
    const key = JSON.stringify([target.host, target.connection ?? '', target.remoteUser ?? '']);
    let opening = connections.get(key);
    if (opening === undefined) {
      const { route, become } = ways.of(target);
      opening = connect(target.host, route, become, options);
      connections.set(key, opening);
    }
    return opening;
  }

  return {
    shell(target, apart = '') {
      const key = `${targetKey(target)} ${apart}`;
      let opening = shells.get(key);
      if (opening === undefined) {
        opening = connection(target).then((open) => open.shell(target.identity, apart));
        shells.set(key, opening);
      }
      return opening;
    },
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
      const open = await Promise.allSettled(connections.values());
      await Promise.allSettled(open.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
    },
  };
}
