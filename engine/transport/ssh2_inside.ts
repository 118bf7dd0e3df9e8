import type { Client } from './ssh2.ts';

/** What is used here of the library's inside; the tests in test/transport/ssh.test.ts hold it. */
interface Inside {
  readonly _protocol: Protocol;
}

interface Protocol {
  readonly _handlers: {
    GLOBAL_REQUEST(protocol: Protocol, name: string, wantsReply: boolean, data: unknown): void;
    /** The server takes the key: sign with it. */
    USERAUTH_PK_OK(protocol: Protocol): void;
  };
  requestSuccess(): void;
  authPK(user: string, key: unknown, algorithm: string | undefined, sign?: unknown): void;
}

/**
 * Spares a connection what costs the server time and serves nothing here. To be called before anything was received.
 *
 * - The library answers a list of the server's host keys (`hostkeys-00@openssh.com`, OpenSSH's PROTOCOL 2.5) by letting
 *   it sign with each of them. Keys are learnt here from the first login only, and never from that list.
 * - It asks whether a key would be taken before it signs. RFC 4252, section 7, has that for signatures that are dear:
 *   where `free` says that the one at hand is not, it is sent at once.
 */
export function spareServer(client: InstanceType<typeof Client>, free: () => boolean): void {
  const { _protocol: protocol } = client as unknown as Inside;
  const { _handlers: handlers } = protocol;
  const answer = handlers.GLOBAL_REQUEST;
  handlers.GLOBAL_REQUEST = (from, name, wantsReply, data) => {
    if (name !== 'hostkeys-00@openssh.com') answer(from, name, wantsReply, data);
    else if (wantsReply) from.requestSuccess();
  };
  const authenticate = protocol.authPK.bind(protocol);
  protocol.authPK = (user, key, algorithm, sign) => {
    if (sign === undefined && free()) handlers.USERAUTH_PK_OK(protocol);
    else authenticate(user, key, algorithm, sign);
  };
}
