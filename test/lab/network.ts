import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { must, runSync } from './process.ts';

/** Each lab has a bridge and a private /24 of its own, by its slot. The controller is .1. */
export interface Network {
  readonly bridge: string;
  /** The first three numbers: `10.213.0`. */
  readonly prefix: string;
}

export const networkOf = (slot: number): Network => ({ bridge: `rb-lab${slot}`, prefix: `10.213.${slot}` });

/** Whether another network of this machine has the addresses already. */
export function isTaken(network: Network): boolean {
  const addresses = Object.entries(networkInterfaces()).filter(([name]) => name !== network.bridge);
  return addresses.some(([, list]) => list?.some(({ address }) => address.startsWith(`${network.prefix}.`)));
}

export async function addBridge({ bridge, prefix }: Network): Promise<void> {
  await must(['ip', 'link', 'add', bridge, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0']);
  await must(['ip', 'address', 'add', `${prefix}.1/24`, 'dev', bridge]);
  await must(['ip', 'link', 'set', bridge, 'up']);
}

/** Also of interfaces that are gone already: a host's own veth goes with its network namespace, a moment late. */
export function removeLink(name: string): void {
  if (!linkExists(name)) return;
  const { code, stderr } = runSync(['ip', 'link', 'delete', name]);
  if (code !== 0 && linkExists(name)) throw new Error(`ip link delete ${name}: ${stderr}`);
}

export async function setLink(name: string, state: 'up' | 'down'): Promise<void> {
  await must(['ip', 'link', 'set', name, state]);
}

const linkExists = (name: string): boolean => existsSync(`/sys/class/net/${name}`);

/** Whether an SSH server greets there. A connect to an address that nobody holds would block for seconds. */
export function greets(address: string, timeoutMs = 300): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22 });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('data', (bytes) => settle(bytes.toString('latin1').startsWith('SSH-2.0')));
  });
}
