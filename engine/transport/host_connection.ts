import { setTimeout as delay } from 'node:timers/promises';
import type { Become } from '../inventory/inventory.ts';
import { entryOf } from './become.ts';
import { WrongPassword } from './become_refusal.ts';
import { type Connection, TransportError } from './connection.ts';
import { ChannelRefused, type Link } from './link.ts';
import { createShell, type HostShell } from './shell.ts';

/** sshd counts a session for a moment longer than its channel lasts. */
const PAUSES_MS = [50, 200];

/** A connection over a link: a shell for each identity, all on channels of the one link. */
export function createConnection(link: Link, become: Become): Connection {
  const shells = new Map<string, HostShell>();
  let closing: Promise<void> | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const wrong = new Map<string, WrongPassword>();

  /** What may ask for a password starts one after the other: a wrong one is sent once, and not for another user again. */
  function inTurn<T>(whose: string, job: () => Promise<T>): Promise<T> {
    const next = turn.then(async () => {
      const refused = wrong.get(whose);
      if (refused !== undefined) throw refused;
      return await job();
    });
    turn = next.catch((error: unknown) => {
      if (error instanceof WrongPassword) wrong.set(whose, error);
    });
    return next;
  }

  /** Where the host opens no further channel, a shell that has nothing to do gives its own back. */
  const roomy: Link = {
    ...link,
    async exec(command) {
      for (const pause of PAUSES_MS) {
        try {
          return await link.exec(command);
        } catch (error) {
          if (!(error instanceof ChannelRefused)) throw error;
          await makeRoom();
          await delay(pause);
        }
      }
      return await link.exec(command);
    },
  };

  async function makeRoom(): Promise<void> {
    for (const shell of shells.values()) {
      if (await shell.release()) return;
    }
  }

  async function close(): Promise<void> {
    await Promise.all([...shells.values()].map((shell) => shell.close()));
    await link.close();
  }

  return {
    async shell(identity, apart = '') {
      if (closing !== undefined) throw new TransportError('lost', `the connection to ${link.host} was closed`);
      const entry = entryOf(link.host, link.user, identity, become);
      const key = `${entry.method} ${entry.user} ${apart}`;
      const open = shells.get(key);
      if (open !== undefined) return open;
      const asked = entry.method !== 'login' && entry.password !== undefined;
      // sudo asks for the password of the user who logs in, su for the other one's.
      const whose = entry.method === 'sudo' ? 'sudo' : `su ${entry.user}`;
      const shell = createShell(roomy, entry, asked ? (job) => inTurn(whose, job) : (job) => job());
      shells.set(key, shell);
      return shell;
    },

    close() {
      closing ??= close();
      return closing;
    },
  };
}
