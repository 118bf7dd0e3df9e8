import { setImmediate } from 'node:timers/promises';
import type { SshRoute } from '../inventory/inventory.ts';
import { type Clock, startClock } from './clock.ts';
import type { ConnectOptions } from './connect.ts';
import { type Dialled, dialCommand, dialTcp, placeOf } from './dial.ts';
import type { SshLink } from './ssh_link.ts';

/** Logs in, over TCP, a ProxyCommand, or a connection that is already there. Throws a TransportError. */
export async function openSsh(
  host: string,
  route: SshRoute,
  through: SshLink | undefined,
  options: ConnectOptions,
): Promise<SshLink> {
  const clock = startClock(route.connectTimeoutMs, options.signal, placeOf(host, route.address, route.port));
  const dialling = dial(host, route, through, clock);
  dialling.catch(() => {}); // told where it is waited for
  try {
    // A server takes a while to greet. It is used to load what speaks with it.
    await setImmediate();
    const { speakSsh } = await import('./ssh.ts');
    return await speakSsh(host, route, dialling, clock, options);
  } catch (error) {
    void dialling.then(
      (dialled) => dialled.destroy(),
      () => {},
    );
    throw clock.signal.aborted ? clock.signal.reason : error;
  } finally {
    clock.stop();
  }
}

async function dial(host: string, route: SshRoute, through: SshLink | undefined, clock: Clock): Promise<Dialled> {
  if (through !== undefined) return await through.forward(route.address, route.port);
  if (route.proxyCommand !== undefined) return dialCommand(route.proxyCommand);
  return await dialTcp(host, route.address, route.port, clock.signal);
}
