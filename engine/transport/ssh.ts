import type { SshRoute } from '../inventory/inventory.ts';
import type { Clock } from './clock.ts';
import type { ConnectOptions } from './connect.ts';
import type { TransportError } from './connection.ts';
import { type Dialled, placeOf } from './dial.ts';
import { gatherWrites } from './gather_writes.ts';
import { type HostKeyCheck, prepareHostKeyCheck } from './host_key_check.ts';
import type { KeyFile } from './key_file.ts';
import type { AskPassphrase } from './key_ring.ts';
import { createLogin, defaultKeyFiles, type Login } from './login.ts';
import { type Disconnect, explain } from './ssh_errors.ts';
import { agentKeys, agentSigner, fileSigner, OneKeyAgent, parseKeyFile, type Signer } from './ssh_keys.ts';
import { createLink, type SshLink } from './ssh_link.ts';
import { type AnyAuthMethod, Client, type ConnectConfig } from './ssh2.ts';
import { spareServer } from './ssh2_inside.ts';

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

/** Proves the host's key and logs in. Throws a TransportError. */
export async function speakSsh(
  host: string,
  route: SshRoute,
  dialling: Promise<Dialled>,
  clock: Clock,
  options: ConnectOptions,
): Promise<SshLink> {
  const prepared = Promise.all([
    dialling,
    prepareHostKeyCheck(host, route, options.keys.hostKeys, options.onNewHostKey),
    Promise.all(keyFilesOf(route).map((path) => options.keys.file(path, parseKeyFile))),
    agentKeys(route.agent),
  ]);
  const [dialled, check, files, agent] = await Promise.race([prepared, clock.expired]);
  const login = createLogin(host, route, files, agent);
  return await logIn(host, route, { dialled, check, login, clock, options });
}

function keyFilesOf(route: SshRoute): readonly string[] {
  return route.keyFiles.length > 0 ? route.keyFiles : defaultKeyFiles();
}

interface Attempting {
  readonly dialled: Dialled;
  readonly check: HostKeyCheck;
  readonly login: Login;
  readonly clock: Clock;
  readonly options: ConnectOptions;
}

/** The handshake and the authentication over a stream. */
async function logIn(host: string, route: SshRoute, attempting: Attempting): Promise<SshLink> {
  const { dialled, check, login, clock } = attempting;
  const place = placeOf(host, route.address, route.port);
  const client = new Client();
  gatherWrites(dialled.stream);
  const seen: Disconnect = { phase: 'greeting', algorithms: new Map(), heard: false, said: dialled.said };
  clock.at(`${place} accepts the connection but does not answer as an SSH server`);
  let recording: Promise<void> = Promise.resolve();
  let signs = false;

  await new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      reject(check.problem() ?? explain(host, place, error, seen, login));
      client.destroy();
      dialled.destroy();
    };
    const expire = () => fail(clock.signal.reason);
    if (clock.signal.aborted) return expire();
    if (dialled.stream.destroyed) return fail(undefined); // a ProxyCommand that has ended already
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
        ...settings(route, attempting),
        authHandler: (methods: readonly string[] | null, _partial: unknown, next: (attempt: AnyAuthMethod) => void) => {
          if (!seen.heard && methods !== null) login.offered(methods);
          void nextAttempt(route, attempting, fail).then((attempt) => {
            if (attempt === undefined) return fail(login.refusal());
            signs = attempt.type === 'agent' && attempt.agent instanceof OneKeyAgent && attempt.agent.free;
            next(attempt);
          });
        },
        debug: (message: string) => overhear(message, seen, login),
      } as ConnectConfig);
    spareServer(client, () => signs);
  });
  return createLink(host, route, client, dialled);
}

function settings(route: SshRoute, { dialled, check }: Attempting): ConnectConfig {
  return {
    sock: dialled.stream,
    username: route.user,
    readyTimeout: 0, // the clock's business
    keepaliveInterval: route.keepAliveMs,
    keepaliveCountMax: route.keepAliveMax,
    algorithms: {
      ...ALGORITHMS,
      serverHostKey: check.algorithms as NonNullable<NonNullable<ConnectConfig['algorithms']>['serverHostKey']>,
      compress: route.compression ? ['zlib@openssh.com', 'none'] : ['none'],
    },
    // Must answer synchronously: a promise would count as yes, and so would anything but `false`.
    hostVerifier: (key: Buffer) => check.verify(key) === true,
  };
}

/**
 * The library tells the lists of algorithms, and what a host takes while an agent's keys are tried, in its debugging
 * output only.
 */
function overhear(message: string, seen: Disconnect, login: Login): void {
  const lists = /^Handshake: \((local|remote)\) ([^:]+): (.*)$/.exec(message);
  if (lists !== null) {
    seen.phase = seen.phase === 'login' ? 'login' : 'handshake';
    seen.algorithms.set(`${lists[1]} ${lists[2]}`, lists[3] ?? '');
  }
  const methods = /^Inbound: Received USERAUTH_FAILURE \((.*)\)$/.exec(message);
  if (methods === null) return;
  seen.heard = true;
  login.offered((methods[1] ?? '').split(',').filter((method) => method !== ''));
}

/** What the library is to try next. */
async function nextAttempt(
  route: SshRoute,
  { login, clock, options }: Attempting,
  fail: (error: TransportError) => void,
): Promise<AnyAuthMethod | undefined> {
  const username = route.user;
  const ask: AskPassphrase = (path) => options.keys.inTurn(async () => await options.askPassphrase?.(path));
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
    const file = candidate.file as KeyFile;
    try {
      const key = candidate.key ?? (await clock.during(() => file.unlock(ask)));
      const sign = candidate.agent ? agentSigner(route.agent as string, key) : fileSigner(file, ask);
      const report = (why: string) => login.failed(candidate, why);
      const open = !candidate.agent && file.open;
      // Signing may wait for a person: a passphrase, which all hosts then wait for, or the agent's confirmation.
      const signer: Signer = (data, hash) => clock.during(() => sign(data, hash));
      return { type: 'agent', username, agent: new OneKeyAgent(key, signer, report, open) };
    } catch (error) {
      login.failed(candidate, (error as Error).message);
    }
  }
}
