import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { excerpt } from './become_refusal.ts';
import { TransportError } from './connection.ts';

/** A byte stream to an SSH server. */
export interface Dialled {
  readonly stream: Duplex;
  /** What the other end of a proxy said on stderr, for messages. */
  readonly said: () => string;
  /** Cuts it off at once. */
  destroy(): void;
}

/** Connects by TCP, to whichever of the name's addresses answers. Throws a TransportError. */
export async function dialTcp(host: string, address: string, port: number, signal: AbortSignal): Promise<Dialled> {
  const socket = connect({ host: address, port, noDelay: true, keepAlive: true });
  socket.pause(); // an end that comes before anybody listens would be missed
  return await new Promise((resolve, reject) => {
    const abort = () => {
      socket.destroy();
      reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', (error) => {
      signal.removeEventListener('abort', abort);
      reject(dialError(host, address, port, error));
    });
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort);
      socket.removeAllListeners('error');
      socket.on('error', () => {}); // whoever speaks SSH over it listens too
      resolve({ stream: socket, said: () => '', destroy: () => socket.destroy() });
    });
  });
}

/** Runs a ProxyCommand, as ssh does, and speaks through its stdin and stdout. */
export function dialCommand(command: string): Dialled {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: 'pipe', detached: true });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-8192);
  });
  const stream = new Duplex({
    read: () => child.stdout.resume(),
    write: (chunk, _encoding, done) => child.stdin.write(chunk, () => done()),
    final: (done) => child.stdin.end(done),
    destroy(_error, done) {
      killGroup(child);
      done(null);
    },
  });
  child.stdin.on('error', () => {}); // EPIPE: its end tells
  child.stdout.on('data', (chunk: Buffer) => stream.push(chunk) || child.stdout.pause());
  child.on('error', () => stream.destroy());
  child.on('close', () => {
    stream.push(null);
    stream.destroy();
  });
  return { stream, said: () => excerpt(said), destroy: () => stream.destroy() };
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  } catch {
    // All of it has ended by itself.
  }
}

const REASONS: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  ENOTFOUND: ['there is no such name', 'Check ansible_host, the DNS, or /etc/hosts.'],
  EAI_AGAIN: ['the name could not be looked up', 'The DNS does not answer: check the network of this machine.'],
  ECONNREFUSED: ['nothing listens there', 'Check that sshd runs on it, and the port (ansible_port).'],
  EHOSTUNREACH: ['the host does not answer', 'Check that it is up, and the way to it.'],
  ENETUNREACH: ['there is no route to it', 'Check the network of this machine, or name a jump host (ProxyJump).'],
  ETIMEDOUT: ['it did not answer in time', 'Check that it is up, and that no firewall is in between.'],
  ECONNRESET: ['it closed the connection at once', 'A firewall or fail2ban may have banned this machine.'],
  EACCES: ['this machine forbids it', 'A local firewall rule refuses connections to it.'],
  EPERM: ['this machine forbids it', 'A local firewall rule refuses connections to it.'],
};

export function dialError(host: string, address: string, port: number, error: Error): TransportError {
  const code = codeOf(error);
  const [why, hint] = REASONS[code ?? ''] ?? [error.message, undefined];
  return new TransportError('unreachable', `cannot reach ${placeOf(host, address, port)}: ${why}`, hint);
}

/** Where several addresses were tried (RFC 8305), the last one's reason. */
function codeOf(error: Error): string | undefined {
  const all = error instanceof AggregateError ? error.errors : [error];
  return (all.at(-1) as NodeJS.ErrnoException | undefined)?.code;
}

export function placeOf(host: string, address: string, port: number): string {
  const place = port === 22 ? address : `${address} port ${port}`;
  return host.endsWith(place) ? host : `${host} (${place})`;
}
