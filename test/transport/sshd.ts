import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Become, Route } from '../../engine/inventory/inventory.ts';

type SshRoute = Extract<Route, { kind: 'ssh' }>;

export const NO_BECOME: Become = { enabled: false, user: 'root', method: 'sudo', password: undefined };

/** A throwaway folder with the keys of a test. */
export interface Keys {
  readonly dir: string;
  /** Path of a private key; the public one stands beside it. Made when first asked for. */
  key(name: string, type?: 'ed25519' | 'ecdsa' | 'rsa', passphrase?: string): string;
  remove(): void;
}

export function makeKeys(): Keys {
  const dir = mkdtempSync(join(tmpdir(), 'runbook-sshd-'));
  const made = new Set<string>();
  return {
    dir,
    key(name, type = 'ed25519', passphrase = '') {
      const path = join(dir, name);
      const size = type === 'rsa' ? ['-b', '2048'] : [];
      if (!made.has(name)) {
        execFileSync('ssh-keygen', ['-q', '-t', type, ...size, '-N', passphrase, '-C', name, '-f', path]);
      }
      made.add(name);
      return path;
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

export interface Sshd {
  readonly port: number;
  readonly user: string;
  /** Lines for known_hosts, under the name that the route is looked up by. */
  readonly known: (name: string) => string;
  readonly log: () => string;
  /** The way to it, all given: nothing of the machine's own settings is read. */
  route(over?: Partial<SshRoute>): SshRoute;
  /** The listener and all its connections, at once. */
  kill(): void;
  stop(): Promise<void>;
}

export interface SshdOptions {
  /** Private keys whose public halves may log in. */
  readonly authorized?: readonly string[];
  readonly hostKeys?: readonly string[];
  /** Set in every session. */
  readonly env?: Readonly<Record<string, string>>;
  /** Lines of sshd_config. */
  readonly config?: readonly string[];
  /** Options before the authorized keys: `restrict`, `command="..."`. */
  readonly options?: string;
}

let count = 0;

/** A real sshd on a port of loopback, for the user who runs the tests. Debian: openssh-server. */
export async function startSshd(keys: Keys, options: SshdOptions = {}): Promise<Sshd> {
  const name = `sshd${++count}`;
  const hostKeys = options.hostKeys ?? [keys.key('host_ed25519'), keys.key('host_rsa', 'rsa')];
  const authorized = join(keys.dir, `${name}.authorized`);
  const publics = (options.authorized ?? [keys.key('user')]).map((path) => readFileSync(`${path}.pub`, 'utf8'));
  const prefix = options.options === undefined ? '' : `${options.options} `;
  writeFileSync(authorized, publics.map((line) => prefix + line).join(''), { mode: 0o600 });
  const port = await freePort();
  const config = join(keys.dir, `${name}.conf`);
  // The first value counts, so a test's own lines come first.
  writeFileSync(
    config,
    [
      ...(options.config ?? []),
      `ListenAddress 127.0.0.1:${port}`,
      ...hostKeys.map((path) => `HostKey ${path}`),
      `AuthorizedKeysFile ${authorized}`,
      'PidFile none',
      // Not the user's own shell start-up files, which may do anything and take seconds.
      `SetEnv ${Object.entries({ HOME: keys.dir, ...options.env })
        .map(([k, v]) => `${k}=${v}`)
        .join(' ')}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'LogLevel VERBOSE',
      'MaxStartups 100',
      '',
    ].join('\n'),
  );
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true }); // sshd(8): privilege separation
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  process.once('exit', () => signalTree(child, 'SIGKILL')); // also when the tests are interrupted
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.once('error', (error) => {
    log += `/usr/sbin/sshd: ${error.message}; it is in Debian's openssh-server\n`;
  });
  for (let i = 0; !log.includes('Server listening'); i++) {
    if (i > 200 || child.exitCode !== null) throw new Error(`sshd did not start: ${log}`);
    await delay(25);
  }
  const { username } = userInfo();
  return {
    port,
    user: username,
    known: (hostName) =>
      hostKeys
        .map((path) => `${hostName} ${readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')}\n`)
        .join(''),
    log: () => log,
    route(over = {}) {
      const knownHosts = join(keys.dir, `${name}.known_hosts`);
      writeFileSync(
        knownHosts,
        hostKeys.map((path) => `[127.0.0.1]:${port} ${readFileSync(`${path}.pub`, 'utf8')}`).join(''),
      );
      return {
        kind: 'ssh',
        address: '127.0.0.1',
        port,
        user: username,
        keyFiles: [keys.key('user')],
        identitiesOnly: true,
        agent: undefined,
        password: undefined,
        hostKeys: { files: [knownHosts], alias: undefined, unknown: 'ask' },
        jumps: [],
        proxyCommand: undefined,
        connectTimeoutMs: 10_000,
        keepAliveMs: 0,
        keepAliveMax: 3,
        compression: false,
        ...over,
      };
    },
    kill: () => signalTree(child, 'SIGKILL'),
    async stop() {
      signalTree(child, 'SIGTERM');
      await exited;
    },
  };
}

/** sshd puts each connection's processes into sessions of their own: they are found by their parents. */
function signalTree(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  for (const pid of [child.pid, ...below(child.pid)]) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has just gone.
    }
  }
}

/** All processes below one, as `ps` sees them now. */
export function below(pid: number): readonly number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='])
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const found = [pid];
  for (const parent of found) found.push(...rows.filter(([, ppid]) => ppid === parent).map(([own]) => own));
  return found.slice(1);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
