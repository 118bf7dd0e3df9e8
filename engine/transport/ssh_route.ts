import type { SshRoute } from '../inventory/inventory.ts';
import type { ConnectOptions } from './connect.ts';
import { TransportError } from './connection.ts';
import type { Link } from './link.ts';
import { openSsh } from './open_ssh.ts';
import type { SshLink } from './ssh_link.ts';

/**
 * Logs in through all the jumps of a route; each hop's host key is checked like the host's own. A jump host's
 * connection belongs to its host alone and ends with it.
 */
export async function openRoute(name: string, route: SshRoute, options: ConnectOptions): Promise<Link> {
  const hops: SshLink[] = [];
  const closeHops = async () => {
    for (const hop of [...hops].reverse()) await hop.close();
  };
  try {
    for (const jump of route.jumps) hops.push(await openSsh(`jump host ${jump.address}`, jump, hops.at(-1), options));
    const link = await openSsh(name, route, hops.at(-1), options);
    if (hops.length === 0) return link;
    return {
      ...link,
      failure: () => hops.map((hop) => hop.failure()).find((why) => why !== undefined) ?? link.failure(),
      async close() {
        await link.close();
        await closeHops();
      },
    };
  } catch (error) {
    await closeHops();
    if (!(error instanceof TransportError) || route.jumps.length === 0 || error.message.includes(name)) throw error;
    throw new TransportError(error.fault, `cannot reach ${name}: ${error.message}`, error.hint);
  }
}
