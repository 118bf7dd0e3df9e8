import { setTimeout as delay } from 'node:timers/promises';
import type { SshRoute } from '../inventory/inventory.ts';
import { excerpt } from './become_refusal.ts';
import { TransportError } from './connection.ts';
import type { Dialled } from './dial.ts';
import { ChannelRefused, type Link, type RemoteProcess } from './link.ts';
import { settled } from './settled.ts';
import type { Client, ClientChannel } from './ssh2.ts';

/** An SSH connection: programs run on it, and others can be reached through it. */
export interface SshLink extends Link {
  forward(address: string, port: number): Promise<Dialled>;
}

export function createLink(
  host: string,
  route: SshRoute,
  client: InstanceType<typeof Client>,
  dialled: Dialled,
): SshLink {
  let gone: string | undefined;
  client.removeAllListeners('error').removeAllListeners('close');
  client.on('error', (error: Error) => {
    gone ??= /keepalive/i.test(error.message)
      ? `${host} does not answer any more`
      : `the connection to ${host} broke: ${excerpt(error.message)}`;
  });
  const channels = new Set<ClientChannel>();
  const track = (channel: ClientChannel): ClientChannel => {
    channels.add(channel);
    channel.once('close', () => channels.delete(channel));
    return channel;
  };
  // From here on the library's own state is gone: with compression, a last word to the host would throw.
  client.on('end', () => channels.forEach(silence));
  const closed = new Promise<void>((resolve) => {
    client.on('close', () => {
      channels.forEach(silence);
      gone ??= `${host} closed the connection`;
      dialled.destroy();
      resolve();
    });
  });

  function open(
    what: string,
    start: (done: (error: Error | undefined, value?: ClientChannel) => void) => void,
  ): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      let late = false;
      const limit = route.connectTimeoutMs;
      const expire = () => {
        late = true;
        reject(new TransportError('lost', `${host} did not ${what} within ${limit / 1000} s`));
      };
      const timer = limit === 0 ? undefined : setTimeout(expire, limit);
      const done = (error: Error | undefined, value?: ClientChannel) => {
        clearTimeout(timer);
        if (value === undefined) reject(error);
        else if (late) value.close();
        else resolve(value);
      };
      try {
        start(done);
      } catch (error) {
        done(error as Error);
      }
    });
  }

  return {
    host,
    user: route.user,
    failure: () => gone,
    async exec(command) {
      try {
        return remoteProcess(track(await open('start a program', (done) => client.exec(command, done))));
      } catch (error) {
        throw gone !== undefined ? new TransportError('lost', gone) : execError(host, error);
      }
    },
    async forward(address, port) {
      try {
        const stream = track(
          await open('open a way', (done) => client.forwardOut('127.0.0.1', 0, address, port, done)),
        );
        return { stream, said: () => '', destroy: () => stream.destroy() };
      } catch (error) {
        const why = excerpt((error as Error).message.replace(/^\(SSH\) Channel open failure: /, ''));
        throw new TransportError(
          'unreachable',
          `${host} cannot reach ${address} port ${port}: ${gone ?? why}`,
          'Check the address as seen from there, and that its sshd has AllowTcpForwarding.',
        );
      }
    },
    async close() {
      gone ??= `the connection to ${host} was closed`;
      // Once the farewell is sent the host ends what it has of us by itself.
      const sent = new Promise((resolve) => dialled.stream.once('finish', resolve));
      client.end();
      await Promise.race([closed, sent, delay(CLOSE_MS)]);
      dialled.destroy();
    },
  };
}

/** Lets a channel end without another packet. */
function silence(channel: ClientChannel): void {
  const nothing = {
    close: () => {},
    eof: () => {},
    _write: (_: unknown, _encoding: unknown, done: () => void) => done(),
  };
  Object.assign(channel, nothing);
}

/** How long the other side may take to close its end of a connection. */
const CLOSE_MS = 500;

function execError(host: string, error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const message = (error as Error).message;
  if (/not connected|no response from server/i.test(message))
    return new TransportError('lost', `${host} closed the connection`);
  if (/channel open failure/i.test(message)) {
    return new ChannelRefused(
      'lost',
      `${host} refuses another session on the connection (${excerpt(message)})`,
      'It takes one for each become user and one to send files or stop a command: set MaxSessions to 10, its default, in sshd_config there.',
    );
  }
  return new TransportError(
    'auth',
    `${host} logs the user in but runs no programs (${excerpt(message)})`,
    'sshd_config or authorized_keys there may forbid it (ForceCommand, command=, a no-login account).',
  );
}

function remoteProcess(channel: ClientChannel): RemoteProcess {
  channel.on('error', () => {}); // `ended` tells
  channel.stderr.on('error', () => {});
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    ended: settled(channel, [channel, channel.stderr]),
    destroy() {
      channel.destroy();
      channel.resume();
      channel.stderr.resume();
    },
  };
}
