import type { Become, Route } from '../inventory/inventory.ts';
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
  shell(target: Target): Promise<Shell>;
  close(): Promise<void>;
}

export function openConnections(reachOf: (target: Target) => Reach, options: ConnectOptions): Connections {
  const connections = new Map<string, Promise<Connection>>();
  const shells = new Map<string, Promise<Shell>>();

  function connection(target: Target): Promise<Connection> {
    const key = JSON.stringify([target.host, target.connection ?? '', target.remoteUser ?? '']);
    let opening = connections.get(key);
    if (opening === undefined) {
      const { route, become } = reachOf(target);
      opening = connect(target.host, route, become, options);
      connections.set(key, opening);
    }
    return opening;
  }

  return {
    shell(target) {
      const key = targetKey(target);
      let opening = shells.get(key);
      if (opening === undefined) {
        opening = connection(target).then((open) => open.shell(target.identity));
        shells.set(key, opening);
      }
      return opening;
    },
    async close() {
      const open = await Promise.allSettled(connections.values());
      await Promise.allSettled(open.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
    },
  };
}
