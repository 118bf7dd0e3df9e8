import { excerpt } from './become_refusal.ts';
import { TransportError } from './connection.ts';
import type { Login } from './login.ts';

/** How far a login had come, and what was learned on the way. */
export interface Disconnect {
  phase: 'greeting' | 'handshake' | 'login';
  /** `local KEX method` and `remote KEX method` to the lists that were offered. */
  readonly algorithms: Map<string, string>;
  /** Whether the methods that the host takes have been overheard. */
  heard: boolean;
  /** What a ProxyCommand said. */
  readonly said: () => string;
}

/** What the SSH library calls a kind of algorithm: in its error, and in the lists it has seen. */
const KINDS: Readonly<Record<string, readonly [list: string, name: string, option: string]>> = {
  'key exchange algorithm': ['KEX method', 'key exchange', 'KexAlgorithms'],
  'host key format': ['Host key format', 'host key', 'HostKeyAlgorithms'],
  'C->S cipher': ['C->S cipher', 'cipher', 'Ciphers'],
  'S->C cipher': ['S->C cipher', 'cipher', 'Ciphers'],
  'C->S MAC': ['C->S MAC', 'MAC', 'MACs'],
  'S->C MAC': ['S->C MAC', 'MAC', 'MACs'],
};

/** Why a login failed; `error` is undefined where the other side just closed the connection. */
export function explain(host: string, place: string, error: unknown, seen: Disconnect, login: Login): TransportError {
  if (error instanceof TransportError) return error;
  const said = seen.said();
  const proxy = said === '' ? '' : ` (its ProxyCommand says: ${said})`;
  const message = error instanceof Error ? error.message : undefined;
  const kind = /no matching (.+)$/.exec(message ?? '')?.[1];
  if (kind !== undefined && KINDS[kind] !== undefined) return noCommon(place, KINDS[kind], seen);
  if (seen.phase === 'login' && /^E[A-Z]+$/.test((error as NodeJS.ErrnoException | undefined)?.code ?? '')) {
    return new TransportError(
      'unreachable',
      `the connection to ${place} broke during the login: ${excerpt(message ?? '')}`,
    );
  }
  if (seen.phase === 'login') {
    if (message === undefined) return login.refusal('it closed the connection');
    return login.refusal(excerpt(message));
  }
  if (
    message !== undefined &&
    /identification|protocol version|expected packet|bad packet|version string/i.test(message)
  ) {
    return new TransportError(
      'unreachable',
      `what answers at ${place} does not speak SSH${proxy}`,
      'Check the port (ansible_port).',
    );
  }
  const why =
    message === undefined || /lost before handshake/i.test(message) ? 'it closed the connection' : excerpt(message);
  return new TransportError(
    'unreachable',
    `cannot log in to ${host}: ${place} was reached, but ${why} before anything was negotiated${proxy}`,
    'It may have too many logins under way (MaxStartups; use fewer forks, -f), or have banned this machine (fail2ban).',
  );
}

function noCommon(
  place: string,
  [list, name, option]: readonly [list: string, name: string, option: string],
  seen: Disconnect,
): TransportError {
  const ours = seen.algorithms.get(`local ${list}`) ?? 'unknown';
  const theirs = seen.algorithms.get(`remote ${list}`) ?? 'unknown';
  return new TransportError(
    'unreachable',
    `${place} and this program have no ${name} algorithm in common: it has ${excerpt(theirs)}; here there are ${ours}`,
    `Allow one of these in its sshd_config (${option}). Weak ones and post-quantum-only key exchange are not supported.`,
  );
}
