import type { Become, Route } from '../inventory/inventory.ts';
import { type Connection, TransportError } from './connection.ts';
import { createConnection } from './host_connection.ts';
import type { OnNewHostKey } from './host_key_check.ts';
import type { AskPassphrase, KeyRing } from './key_ring.ts';
import type { Link } from './link.ts';
import { openLocal } from './local.ts';

export { createKeyRing, type KeyRing } from './key_ring.ts';

export interface ConnectOptions {
  /** Shared by all hosts of a run. */
  readonly keys: KeyRing;
  /** Asks the user for the passphrase of a key file, once per run; `undefined`: none is given. */
  readonly askPassphrase?: AskPassphrase | undefined;
  /** Told of each host key that was not known and is now written down. */
  readonly onNewHostKey?: OnNewHostKey | undefined;
  /** Interrupts the connecting; what runs later has a signal of its own (AskOptions). */
  readonly signal?: AbortSignal | undefined;
}

/** Connects to a host. Shells are started when first asked. Throws a TransportError. */
export async function connect(
  name: string,
  route: Route,
  become: Become,
  options: ConnectOptions,
): Promise<Connection> {
  if (options.signal?.aborted === true) throw new TransportError('interrupted', `interrupted before ${name}`);
  return createConnection(await link(name, route, options), become);
}

async function link(name: string, route: Route, options: ConnectOptions): Promise<Link> {
  if (route.kind === 'local') return openLocal(name);
  const { openRoute } = await import('./ssh_route.ts');
  return await openRoute(name, route, options);
}
