import type { Duplex } from 'node:stream';
import ssh2, { type AnyAuthMethod, type Client, type ClientChannel, type ConnectConfig, type ParsedKey } from 'ssh2';
import type { Route } from '../inventory/inventory.ts';
import { excerpt } from './become_refusal.ts';
import { type Clock, startClock } from './clock.ts';
import { TransportError } from './connection.ts';
import { type Dialled, dialCommand, dialTcp, placeOf } from './dial.ts';
import { type HostKeyCheck, type OnNewHostKey, prepareHostKeyCheck } from './host_key_check.ts';
import type { KeyFile, KeyParser, PrivateKey, PublicKey } from './key_file.ts';
import type { AskPassphrase, KeyRing } from './key_ring.ts';
import { ChannelRefused, type Link, type RemoteProcess } from './link.ts';
import { type AgentKey, type Candidate, createLogin, defaultKeyFiles, type Login } from './login.ts';
import { settled } from './settled.ts';
import { type Disconnect, explain } from './ssh_errors.ts';

type SshRoute = Extract<Route, { kind: 'ssh' }>;

export interface SshOptions {
  readonly keys: KeyRing;
  readonly askPassphrase?: AskPassphrase | undefined;
  readonly onNewHostKey?: OnNewHostKey | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An SSH connection: programs run on it, and others can be reached through it. */
export interface SshLink extends Link {
  forward(address: string, port: number): Promise<Dialled>;
}

/**
 * Fast ones first, nothing weak: no SHA-1, no CBC, no finite field below 2048 bits. `aes128-gcm` is three times
 * as fast as chacha20 here, where the processor has AES.
 */
const ALGORITHMS = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
} satisfies ConnectConfig['algorithms'];

/** Logs in, over TCP, a ProxyCommand, or a connection that is already there. Throws a TransportError. */
export async function openSsh(
  host: string,
  route: SshRoute,
  through: SshLink | undefined,
  options: SshOptions,
): Promise<SshLink> {
  const clock = startClock(route.connectTimeoutMs, options.signal, placeOf(host, route.address, route.port));
  const dialling = dial(host, route, through, clock);
  try {
    const [dialled, check, files, agent] = await Promise.all([
      dialling,
      prepareHostKeyCheck(host, route, options.keys.hostKeys, options.onNewHostKey),
      Promise.all(keyFilesOf(route).map((path) => options.keys.file(path, parseKeyFile))),
      agentKeys(route.agent),
    ]);
    const login = createLogin(host, route, files, agent);
    return await logIn(host, route, { dialled, check, login, clock, options });
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

function keyFilesOf(route: SshRoute): readonly string[] {
  return route.keyFiles.length > 0 ? route.keyFiles : defaultKeyFiles();
}

interface Attempting {
  readonly dialled: Dialled;
  readonly check: HostKeyCheck;
  readonly login: Login;
  readonly clock: Clock;
  readonly options: SshOptions;
}

/** The handshake and the authentication over a stream. */
async function logIn(host: string, route: SshRoute, attempting: Attempting): Promise<SshLink> {
  const { dialled, check, login, clock } = attempting;
  const place = placeOf(host, route.address, route.port);
  const client: Client = new ssh2.Client();
  const seen: Disconnect = { phase: 'greeting', algorithms: new Map(), said: dialled.said };
  clock.at(`${place} accepts the connection but does not answer as an SSH server`);
  let recording: Promise<void> = Promise.resolve();
  let heard = false;

  await new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      reject(check.problem() ?? explain(host, place, error, seen, login));
      client.destroy();
      dialled.destroy();
    };
    const expire = () => fail(clock.signal.reason);
    if (clock.signal.aborted) return expire();
    clock.signal.addEventListener('abort', expire, { once: true });
    client
      .on('error', (error: Error & { level?: string }) => {
        if (error.level !== 'agent') fail(error); // one key that could not sign: the next one is tried
      })
      .on('close', () => fail(undefined))
      .on('change password', () => fail(login.refusal('the password has expired')))
      .on('handshake', () => {
        seen.phase = 'login';
        clock.at(`${place} did not let ${route.user} in`);
        recording = check.proved();
        recording.catch(fail);
      })
      .on('ready', () => {
        clock.signal.removeEventListener('abort', expire);
        recording.then(resolve, fail);
      })
      .connect({
        sock: dialled.stream,
        username: route.user,
        readyTimeout: 0,
        keepaliveInterval: route.keepAliveMs,
        keepaliveCountMax: route.keepAliveMax,
        algorithms: {
          ...ALGORITHMS,
          serverHostKey: check.algorithms as NonNullable<NonNullable<ConnectConfig['algorithms']>['serverHostKey']>,
          compress: route.compression ? ['zlib@openssh.com', 'none'] : ['none'],
        },
        // Must answer synchronously: a promise would count as yes, and so would anything but `false`.
        hostVerifier: (key: Buffer) => check.verify(key) === true,
        authHandler: (methods: readonly string[] | null, _partial: unknown, next: (attempt: AnyAuthMethod) => void) => {
          // Not kept up to date by the library while keys are tried; `debug` below is.
          if (!heard && methods !== null) login.offered(methods);
          void nextAttempt(route, attempting, fail).then((attempt) => {
            if (attempt === undefined) fail(login.refusal());
            else next(attempt);
          });
        },
        debug(message: string) {
          const lists = /^Handshake: \((local|remote)\) ([^:]+): (.*)$/.exec(message);
          if (lists !== null) {
            seen.phase = 'handshake';
            seen.algorithms.set(`${lists[1]} ${lists[2]}`, lists[3] ?? '');
          }
          const methods = /^Inbound: Received USERAUTH_FAILURE \((.*)\)$/.exec(message);
          if (methods === null) return;
          heard = true;
          login.offered((methods[1] ?? '').split(',').filter((method) => method !== ''));
        },
      } as ConnectConfig);
  });
  return createLink(host, route, client, dialled);
}

/** What the library is to try next. */
async function nextAttempt(
  route: SshRoute,
  attempting: Attempting,
  fail: (error: TransportError) => void,
): Promise<AnyAuthMethod | undefined> {
  const { login, clock, options } = attempting;
  const username = route.user;
  const ask: AskPassphrase = async (path) => {
    clock.pause();
    try {
      return await options.askPassphrase?.(path);
    } finally {
      clock.resume();
    }
  };
  for (;;) {
    const attempt = login.next();
    if (attempt === undefined) return undefined;
    if (attempt.kind === 'none') return { type: 'none', username };
    if (attempt.kind === 'password') return { type: 'password', username, password: attempt.password };
    if (attempt.kind === 'keyboard-interactive') {
      return {
        type: 'keyboard-interactive',
        username,
        prompt(_name, _instructions, _lang, prompts, finish) {
          const answers = login.answer(prompts);
          if (answers === undefined) fail(login.refusal());
          else finish([...answers]);
        },
      };
    }
    const { candidate } = attempt;
    try {
      const key = candidate.key ?? (await (candidate.file as KeyFile).unlock(ask));
      const signer = candidate.agent ? agentSigner(route, key) : fileSigner(candidate, ask);
      const report = (why: string) => login.failed(candidate, why);
      return { type: 'agent', username, agent: new OneKeyAgent(key, signer, report) };
    } catch (error) {
      login.failed(candidate, (error as Error).message);
    }
  }
}

type Signer = (data: Buffer, hash: string | undefined) => Promise<Buffer>;

/**
 * One key, shown as an agent would: the host is asked first whether it takes the key, and only then something has
 * to be signed. So a passphrase is asked for only where it is needed, and the library can wait for it.
 */
class OneKeyAgent extends ssh2.BaseAgent<Buffer> {
  readonly #key: PublicKey;
  readonly #sign: Signer;
  readonly #report: (why: string) => void;

  constructor(key: PublicKey, sign: Signer, report: (why: string) => void) {
    super();
    this.#key = key;
    this.#sign = sign;
    this.#report = report;
  }

  override getIdentities(callback: (error?: Error | null, keys?: Buffer[]) => void): void {
    callback(null, [this.#key.blob]);
  }

  override sign(
    _key: unknown,
    data: Buffer,
    options: { hash?: string } | ((error?: Error | null, signature?: Buffer) => void),
    callback?: (error?: Error | null, signature?: Buffer) => void,
  ): void {
    const done = typeof options === 'function' ? options : callback;
    const hash = typeof options === 'function' ? undefined : options?.hash;
    this.#signed(data, hash).then(
      (signature) => done?.(null, signature),
      (error: Error) => {
        this.#report(error.message);
        done?.(error);
      },
    );
  }

  async #signed(data: Buffer, hash: string | undefined): Promise<Buffer> {
    if (this.#key.type === 'ssh-rsa' && hash !== 'sha256' && hash !== 'sha512') {
      throw new Error('the host takes RSA keys with SHA-1 signatures only, which are broken');
    }
    return await this.#sign(data, hash);
  }
}

function fileSigner(candidate: Candidate, ask: AskPassphrase): Signer {
  return async (data, hash) => (await (candidate.file as KeyFile).unlock(ask)).sign(data, hash);
}

function agentSigner(route: SshRoute, key: PublicKey): Signer {
  return (data, hash) =>
    new Promise((resolve, reject) => {
      const agent = ssh2.createAgent(route.agent as string);
      const options = hash === undefined ? {} : { hash: hash as 'sha256' | 'sha512' };
      agent.sign(key.blob, data, options, (error, signature) => {
        if (error || signature === undefined) reject(new Error('the agent does not sign with it'));
        else resolve(signature as Buffer);
      });
    });
}

/** The agent's keys; none if it does not answer. */
function agentKeys(socket: string | undefined): Promise<readonly AgentKey[]> {
  if (socket === undefined) return Promise.resolve([]);
  return new Promise((resolve) => {
    ssh2.createAgent(socket).getIdentities((error, keys) => {
      const parsed = (error ? [] : (keys ?? [])).map((key) => ssh2.utils.parseKey(key as Buffer | ParsedKey));
      resolve(
        parsed.flatMap((key) => (key instanceof Error ? [] : [{ ...publicKey(key), comment: key.comment ?? '' }])),
      );
    });
  });
}

function publicKey(key: ParsedKey): PublicKey {
  return { type: key.type, blob: key.getPublicSSH() };
}

const parseKeyFile: KeyParser = (bytes, passphrase) => {
  const result = ssh2.utils.parseKey(bytes, passphrase) as ParsedKey | ParsedKey[] | Error;
  if (result instanceof Error) {
    if (!/no passphrase given/i.test(result.message)) return { kind: 'unusable', problem: 'it is not a private key' };
    return { kind: 'encrypted', key: outerPublicKey(bytes) };
  }
  const key = Array.isArray(result) ? result[0] : result;
  if (key === undefined) return { kind: 'unusable', problem: 'it holds no key' };
  if (!key.isPrivateKey()) return { kind: 'public', key: publicKey(key) };
  return { kind: 'private', key: privateKey(key) };
};

function privateKey(key: ParsedKey): PrivateKey {
  return {
    ...publicKey(key),
    sign(data, hash) {
      const signature = key.sign(data, hash) as Buffer | Error;
      if (signature instanceof Error) throw signature;
      return signature;
    },
  };
}

/** The public key that stands in the open in an encrypted `openssh-key-v1` file (PROTOCOL.key of OpenSSH). */
function outerPublicKey(bytes: Buffer): PublicKey | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+)-----END/.exec(bytes.toString('latin1'))?.[1];
  if (body === undefined) return undefined;
  const data = Buffer.from(body, 'base64');
  let at = 'openssh-key-v1\0'.length;
  const take = (): Buffer => {
    const length = at + 4 <= data.length ? data.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    if (at + 4 + length > data.length) return Buffer.alloc(0);
    at += 4 + length;
    return data.subarray(at - length, at);
  };
  for (let i = 0; i < 3; i++) take(); // cipher, key derivation and its options
  at += 4; // number of keys, always 1
  const key = ssh2.utils.parseKey(take());
  return key instanceof Error ? undefined : publicKey(key);
}

function createLink(host: string, route: SshRoute, client: Client, dialled: Dialled): SshLink {
  let gone: string | undefined;
  client.removeAllListeners('error').removeAllListeners('close');
  client.on('error', (error: Error) => {
    gone ??= /keepalive/i.test(error.message)
      ? `${host} does not answer any more`
      : `the connection to ${host} broke: ${excerpt(error.message)}`;
  });
  const closed = new Promise<void>((resolve) => {
    client.on('close', () => {
      gone ??= `${host} closed the connection`;
      dialled.destroy();
      resolve();
    });
  });

  function open<T>(what: string, start: (done: (error: Error | undefined, value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = new TransportError('lost', `${host} did not ${what} within ${route.connectTimeoutMs / 1000} s`);
      const timer = route.connectTimeoutMs === 0 ? undefined : setTimeout(() => reject(late), route.connectTimeoutMs);
      const done = (error: Error | undefined, value: T) => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve(value);
      };
      try {
        start(done);
      } catch (error) {
        done(error as Error, undefined as T);
      }
    });
  }

  return {
    host,
    user: route.user,
    failure: () => gone,
    async exec(command) {
      try {
        return remoteProcess(await open<ClientChannel>('start a program', (done) => client.exec(command, done)));
      } catch (error) {
        throw gone !== undefined ? new TransportError('lost', gone) : execError(host, error);
      }
    },
    async forward(address, port) {
      try {
        const stream = await open<Duplex>('open a way', (done) =>
          client.forwardOut('127.0.0.1', 0, address, port, done),
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
      client.end();
      const timer = setTimeout(() => dialled.destroy(), CLOSE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** How long the other side may take to close its end of a connection. */
const CLOSE_MS = 500;

function execError(host: string, error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const message = (error as Error).message;
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
