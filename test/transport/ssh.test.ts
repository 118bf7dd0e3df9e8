import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Route } from '../../engine/inventory/inventory.ts';
import { type ConnectOptions, connect, createKeyRing } from '../../engine/transport/connect.ts';
import { type Answer, type Connection, LOGIN, TransportError } from '../../engine/transport/connection.ts';
import { fingerprint } from '../../engine/transport/host_key_check.ts';
import { content, type Sh, sh } from '../../engine/transport/sh.ts';
import { freePort, makeKeys, NO_BECOME, type Sshd, startSshd } from './sshd.ts';

const keys = makeKeys();
let sshd: Sshd;

before(async () => {
  // A directory for temporary files of its own: other tests stage files too.
  sshd = await startSshd(keys, { env: { TMPDIR: keys.dir } });
});
after(async () => {
  await sshd.stop();
  keys.remove();
});

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

async function open(route: Route, options: Partial<ConnectOptions> = {}): Promise<Connection> {
  return await connect('web1', route, NO_BECOME, { keys: createKeyRing(), ...options });
}

async function using<T>(route: Route, use: (connection: Connection) => Promise<T>, options?: Partial<ConnectOptions>) {
  const connection = await open(route, options);
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

async function ask(connection: Connection, ...questions: Sh[]): Promise<readonly (Answer | null)[]> {
  return await (await connection.shell(LOGIN)).ask(questions);
}

/** What went wrong; it is a failure of the test if nothing did. */
async function refusal(promise: Promise<unknown>): Promise<TransportError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TransportError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'expected a TransportError' });
}

function staged(): readonly string[] {
  return readdirSync(keys.dir).filter((name) => /^runbook-[0-9a-f]{32}$/.test(name));
}

/** A command that sleeps, told from those of another run of these tests, which may be under way beside it. */
const asleep = (seconds: number): string => `sleep ${seconds}.${process.pid}`;

/** Whether a process with this in its command line is still there, after a moment for it to go. */
async function lives(mark: string): Promise<boolean> {
  for (let i = 0; i < 40; i++) {
    const lines = execFileSync('ps', ['-A', '-o', 'args=']).toString();
    if (!lines.includes(mark)) return false;
    await delay(50);
  }
  return true;
}

test('logs in with a key file and answers', async () => {
  await using(sshd.route(), async (connection) => {
    const [first, second] = await ask(connection, sh`echo ${'hello world'}; echo err >&2`, sh`rb_part a; exit 5`);
    assert.equal(text(first?.stdout), 'hello world\n');
    assert.equal(text(first?.stderr), 'err\n');
    assert.equal(second?.status, 5);
    const shell = await connection.shell(LOGIN);
    assert.equal(await connection.shell({ user: sshd.user, method: 'sudo' }), shell, 'no sudo to oneself');
    const order: number[] = [];
    const both = await Promise.all([
      shell.ask([sh`sleep 0.2; echo a`], { onAnswer: () => order.push(1) }),
      shell.ask([sh`echo b`], { onAnswer: () => order.push(2) }),
    ]);
    assert.deepEqual(both.map(([answer]) => text(answer?.stdout)), ['a\n', 'b\n']); // biome-ignore format: one line
    assert.deepEqual(order, [1, 2]);
    assert.deepEqual(await shell.ask([]), []);
  });
});

for (const type of ['ecdsa', 'rsa'] as const) {
  test(`logs in with an ${type} key, from a file and from an agent`, async () => {
    const key = keys.key(`user_${type}`, type);
    const server = await startSshd(keys, { authorized: [key] });
    const agent = await startAgent([key]);
    try {
      await using(server.route({ keyFiles: [key] }), (c) => ask(c, sh`true`));
      await using(server.route({ keyFiles: [], agent: agent.socket, identitiesOnly: false }), (c) => ask(c, sh`true`));
    } finally {
      agent.stop();
      await server.stop();
    }
  });
}

test('what costs the server time for nothing is not asked of it', async () => {
  const config = ['LogLevel DEBUG2'];
  for (const [type, signature] of [
    ['ed25519', true],
    ['rsa', false],
  ] as const) {
    const key = keys.key(`spared_${type}`, type);
    const server = await startSshd(keys, { authorized: [key], config });
    try {
      await using(server.route({ keyFiles: [key] }), (c) => ask(c, sh`true`));
      const log = server.log();
      assert.match(log, /Accepted publickey/);
      assert.doesNotMatch(log, /hostkeys-prove/);
      // RFC 4252, section 7: "Postponed" is what a key gets that is only asked about.
      assert.equal(/Postponed publickey/.test(log), !signature);
    } finally {
      await server.stop();
    }
  }
});

test('an encrypted key: its passphrase is asked once for ten hosts, and only when the host takes the key', async () => {
  const locked = keys.key('locked', 'ed25519', 'secret');
  const other = keys.key('other_locked', 'ed25519', 'secret too');
  const server = await startSshd(keys, { authorized: [locked] });
  try {
    const asked: string[] = [];
    const options = {
      keys: createKeyRing(),
      askPassphrase: async (path: string) => {
        asked.push(path);
        await delay(asked.length === 1 ? 4_500 : 0); // a person may take longer than a host
        return asked.length === 1 ? 'wrong' : 'secret';
      },
    };
    const route = server.route({ keyFiles: [other, locked], connectTimeoutMs: 4_000 });
    await Promise.all(Array.from({ length: 10 }, () => using(route, (c) => ask(c, sh`true`), options)));
    assert.deepEqual(asked, [locked, locked]); // the wrong one, and the right one
  } finally {
    await server.stop();
  }
});

test('an encrypted key without its passphrase is told so', async () => {
  const locked = keys.key('locked', 'ed25519', 'secret');
  const server = await startSshd(keys, { authorized: [locked] });
  try {
    const route = server.route({ keyFiles: [locked] });
    const silent = await refusal(open(route));
    assert.equal(silent.fault, 'auth');
    assert.match(silent.hint ?? '', /locked: its passphrase was not given/);
    const wrong = await refusal(open(route, { askPassphrase: async () => 'wrong' }));
    assert.match(wrong.hint ?? '', /locked: its passphrase was wrong/);
  } finally {
    await server.stop();
  }
});

async function startAgent(paths: readonly string[]): Promise<{ socket: string; stop(): void }> {
  const socket = join(keys.dir, `agent-${Math.random().toString(36).slice(2)}`);
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  for (let i = 0; !existsSync(socket) && i < 200; i++) await delay(10);
  for (const path of paths) execFileSync('ssh-add', ['-q', path], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  return { socket, stop: () => child.kill() };
}

test('the agent: its keys in the order of the key files, and no others with IdentitiesOnly', async () => {
  const strangers = [1, 2, 3].map((i) => keys.key(`stranger${i}`));
  const user = keys.key('user');
  const agent = await startAgent([...strangers, user]);
  const few = await startSshd(keys, { config: ['MaxAuthTries 2'] });
  try {
    // Only the public half is there: the agent has the key.
    const named = join(keys.dir, 'named');
    copyFileSync(`${user}.pub`, `${named}.pub`);
    const route = few.route({ agent: agent.socket, keyFiles: [named] });
    await using({ ...route, identitiesOnly: true }, (c) => ask(c, sh`true`));
    await using({ ...route, identitiesOnly: false }, (c) => ask(c, sh`true`));
    const many = await refusal(
      open(few.route({ agent: agent.socket, keyFiles: ['/nonexistent'], identitiesOnly: false })),
    );
    assert.equal(many.fault, 'auth');
    assert.match(many.message, /Too many authentication failures; tried stranger1 \(agent\), stranger2 \(agent\)/);
    assert.match(many.hint ?? '', /no such file|IdentitiesOnly/);
    const dead = await refusal(open(few.route({ agent: '/nonexistent', keyFiles: [strangers[0] as string] })));
    assert.equal(dead.fault, 'auth');
  } finally {
    agent.stop();
    await few.stop();
  }
});

test('a refused key: which keys were tried, and what the host takes', async () => {
  const error = await refusal(open(sshd.route({ keyFiles: [keys.key('stranger1'), '/nonexistent/key'] })));
  assert.equal(error.fault, 'auth');
  assert.match(error.message, /^web1 does not let \S+ in: tried \S+\/stranger1$/);
  assert.match(error.hint ?? '', /\/nonexistent\/key: there is no such file\. It takes: publickey\.$/);
});

test('a key file that cannot be used is told with its reason', async () => {
  const open_ = join(keys.dir, 'open_key');
  copyFileSync(keys.key('user'), open_);
  chmodSync(open_, 0o644);
  const noKey = join(keys.dir, 'no_key');
  writeFileSync(noKey, 'not a key\n', { mode: 0o600 });
  for (const [path, reason] of [
    [open_, /open_key: its permissions 0644 are too open: chmod 600/],
    [noKey, /no_key: it is not a private key/],
    [keys.dir, /it is a directory/],
  ] as const) {
    const error = await refusal(open(sshd.route({ keyFiles: [path] })));
    assert.equal(error.fault, 'auth');
    assert.match(error.message, /there was nothing to try/);
    assert.match(error.hint ?? '', reason);
  }
});

test('two keys are wanted and given', async () => {
  const second = keys.key('second');
  const server = await startSshd(keys, {
    authorized: [keys.key('user'), second],
    config: ['AuthenticationMethods publickey,publickey'],
  });
  try {
    await using(server.route({ keyFiles: [keys.key('user'), second] }), (c) => ask(c, sh`true`));
    const error = await refusal(open(server.route({ keyFiles: [second] })));
    assert.match(error.message, /tried \S+second$/);
  } finally {
    await server.stop();
  }
});

test('an unknown host key is refused with its fingerprint, and accepted once when told so', async () => {
  const knownHosts = join(keys.dir, 'new', 'known_hosts');
  const hostKeys = { files: [knownHosts], alias: undefined, unknown: 'ask' } as const;
  const print = execFileSync('ssh-keygen', ['-lf', `${keys.key('host_ed25519')}.pub`])
    .toString()
    .split(' ')[1];
  const error = await refusal(open(sshd.route({ hostKeys })));
  assert.equal(error.fault, 'host-key');
  assert.equal(error.message, `the host key of web1 ([127.0.0.1]:${sshd.port}) is not known: ED25519 ${print}`);
  assert.match(error.hint ?? '', new RegExp(`--accept-new-host-keys, or: ssh-keyscan -p ${sshd.port} 127.0.0.1 >> `));
  assert.equal(existsSync(knownHosts), false);

  const told: string[][] = [];
  const options = { keys: createKeyRing(), onNewHostKey: (...all: string[]) => told.push(all) };
  const accepting = sshd.route({ hostKeys: { ...hostKeys, unknown: 'accept-new' } });
  await Promise.all(Array.from({ length: 8 }, () => using(accepting, (c) => ask(c, sh`true`), options)));
  assert.deepEqual(told, [['web1', `ED25519 ${print}`, knownHosts]]);
  assert.equal(statSync(knownHosts).mode & 0o777, 0o600);
  assert.equal(statSync(join(keys.dir, 'new')).mode & 0o777, 0o700);
  const written = readFileSync(knownHosts, 'utf8');
  assert.equal(written.trim().split('\n').length, 1);
  assert.ok(written.startsWith(`[127.0.0.1]:${sshd.port} ssh-ed25519 `));
  // Known now, also to ssh itself.
  await using(sshd.route({ hostKeys }), (c) => ask(c, sh`true`));
  execFileSync('ssh', [
    ...['-F', 'none', '-i', keys.key('user'), '-p', String(sshd.port), '-o', `UserKnownHostsFile=${knownHosts}`],
    ...['-o', 'StrictHostKeyChecking=yes', '-o', 'BatchMode=yes', '127.0.0.1', 'true'],
  ]);
});

test('a changed or revoked host key is refused always, with the place of the old one', async () => {
  const knownHosts = join(keys.dir, 'changed');
  const [, blob] = readFileSync(`${keys.key('stranger1')}.pub`, 'utf8').split(' ');
  writeFileSync(knownHosts, `# a comment\n[127.0.0.1]:${sshd.port} ssh-ed25519 ${blob}\n`);
  const hostKeys = { files: [knownHosts], alias: undefined, unknown: 'accept-new' } as const;
  const changed = await refusal(open(sshd.route({ hostKeys })));
  assert.equal(changed.fault, 'host-key');
  assert.match(changed.message, /has changed: it shows ED25519 SHA256:\S+, but \S+\/changed:2 has ssh-ed25519 SHA256:/);
  assert.ok(changed.message.includes(fingerprint(Buffer.from(blob ?? '', 'base64'))));
  assert.match(changed.hint ?? '', /ssh-keygen -R '\[127\.0\.0\.1\]:\d+' -f \S+changed/);
  assert.equal(readFileSync(knownHosts, 'utf8').split('\n').length, 3);

  writeFileSync(knownHosts, `${sshd.known('*')}@revoked ${sshd.known('*').split('\n')[0]}\n`);
  const revoked = await refusal(open(sshd.route({ hostKeys })));
  assert.match(revoked.message, /which is revoked \(\S+changed:3\)$/);
});

test('a host known by one of its keys is asked for that one', async () => {
  const knownHosts = join(keys.dir, 'rsa_only');
  const rsa = sshd
    .known(`[127.0.0.1]:${sshd.port}`)
    .split('\n')
    .filter((line) => line.includes('ssh-rsa'));
  writeFileSync(knownHosts, rsa.join('\n'));
  await using(sshd.route({ hostKeys: { files: [knownHosts], alias: undefined, unknown: 'ask' } }), (c) =>
    ask(c, sh`true`),
  );
  // By alias, and hashed.
  writeFileSync(knownHosts, sshd.known('production-web'));
  execFileSync('ssh-keygen', ['-q', '-H', '-f', knownHosts], { stdio: 'ignore' });
  assert.match(readFileSync(knownHosts, 'utf8'), /^\|1\|/);
  const hostKeys = { files: ['/nonexistent', knownHosts], alias: 'Production-Web', unknown: 'ask' } as const;
  await using(sshd.route({ hostKeys }), (c) => ask(c, sh`true`));
});

test('a known_hosts file that cannot be read or written stops the login', async () => {
  const unreadable = await refusal(
    open(sshd.route({ hostKeys: { files: [keys.dir], alias: undefined, unknown: 'accept-new' } })),
  );
  assert.equal(unreadable.fault, 'host-key');
  assert.match(unreadable.message, /cannot read the known hosts/);
  const hostKeys = { files: ['/proc/nowhere/known_hosts'], alias: undefined, unknown: 'accept-new' } as const;
  const unwritable = await refusal(open(sshd.route({ hostKeys })));
  assert.equal(unwritable.fault, 'host-key');
  assert.match(unwritable.message, /cannot write down the new host key/);
});

test('jumps: each hop is a login of its own, with its own host key', async () => {
  const bastion = await startSshd(keys, { hostKeys: [keys.key('bastion_host')] });
  try {
    const jump = bastion.route();
    await using(sshd.route({ jumps: [jump] }), async (connection) => {
      const [answer] = await ask(connection, sh`echo "$SSH_CONNECTION"`);
      assert.match(text(answer?.stdout), new RegExp(` ${sshd.port}\n$`));
    });
    await using(sshd.route({ jumps: [jump, jump] }), (c) => ask(c, sh`true`));
    const hostKeys = { files: ['/dev/null'], alias: undefined, unknown: 'ask' } as const;
    const stranger = await refusal(open(sshd.route({ jumps: [{ ...jump, hostKeys }] })));
    assert.equal(stranger.fault, 'host-key');
    assert.match(stranger.message, /cannot reach web1: the host key of jump host 127\.0\.0\.1 /);
    const nowhere = await refusal(open(sshd.route({ jumps: [jump], port: await freePort() })));
    assert.equal(nowhere.fault, 'unreachable');
    assert.match(nowhere.message, /jump host 127\.0\.0\.1 cannot reach 127\.0\.0\.1 port \d+: Connection refused/);
    const closed = await startSshd(keys, { config: ['AllowTcpForwarding no'] });
    const forbidden = await refusal(open(sshd.route({ jumps: [closed.route()] })));
    await closed.stop();
    assert.match(forbidden.hint ?? '', /AllowTcpForwarding/);
  } finally {
    await bastion.stop();
  }
});

test('a ProxyCommand: spoken through, heard when it fails, and gone afterwards', async () => {
  const relay = join(keys.dir, 'relay.mjs');
  writeFileSync(
    relay,
    "import{connect}from'node:net';const s=connect(+process.argv[2],'127.0.0.1');process.stdin.pipe(s).pipe(process.stdout)",
  );
  await using(sshd.route({ proxyCommand: `${process.execPath} ${relay} ${sshd.port}` }), async (connection) => {
    const big = Buffer.alloc(300_000, 'z');
    const [answer] = await ask(connection, sh`${content(big)} | wc -c`);
    assert.equal(text(answer?.stdout).trim(), '300000');
  });
  assert.equal(await lives(relay), false);
  const error = await refusal(open(sshd.route({ proxyCommand: 'echo no way through >&2; exit 1' })));
  assert.equal(error.fault, 'unreachable');
  assert.match(error.message, /its ProxyCommand says: no way through/);
  const hanging = await refusal(open(sshd.route({ proxyCommand: asleep(4711), connectTimeoutMs: 300 })));
  assert.match(hanging.message, /within 0\.3 s/);
  assert.equal(await lives(asleep(4711)), false);
});

test('unreachable: no such name, nothing there, nobody answers, not SSH', async () => {
  const of = async (over: Partial<Extract<Route, { kind: 'ssh' }>>) => {
    const error = await refusal(open(sshd.route({ connectTimeoutMs: 700, ...over })));
    assert.equal(error.fault, 'unreachable');
    return error.message;
  };
  assert.match(
    await of({ address: 'no-such-host.invalid' }),
    /^cannot reach web1 \(no-such-host\.invalid port \d+\): (there is no such name|the name could not be looked up|no answer)|within 0\.7 s/,
  );
  assert.match(
    await of({ port: await freePort() }),
    /^cannot reach web1 \(127\.0\.0\.1 port \d+\): nothing listens there$/,
  );
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    if (greeting !== undefined) socket.end(greeting);
  }).listen(0, '127.0.0.1');
  let greeting: string | undefined;
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const started = performance.now();
  assert.match(await of({ port }), /accepts the connection but does not answer as an SSH server within 0\.7 s$/);
  assert.ok(performance.now() - started < 3000);
  greeting = 'HTTP/1.1 400 Bad Request\r\n\r\n';
  assert.match(await of({ port }), /does not speak SSH|closed the connection before anything was negotiated/);
  greeting = '';
  assert.match(await of({ port }), /it closed the connection before anything was negotiated/);
  greeting = 'SSH-2.0-OpenSSH_9.2p1\r\n';
  assert.match(await of({ port }), /it closed the connection before anything was negotiated/);
  greeting = 'SSH-1.5-old\r\n';
  assert.match(await of({ port }), /does not speak SSH/);
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('no algorithm in common: both lists are told', async () => {
  for (const [line, name, theirs] of [
    ['KexAlgorithms sntrup761x25519-sha512@openssh.com', 'key exchange', 'sntrup761x25519-sha512@openssh.com'],
    ['Ciphers aes128-cbc', 'cipher', 'aes128-cbc'],
    ['MACs hmac-sha1\nCiphers aes256-cbc', 'cipher', 'aes256-cbc'],
    ['HostKeyAlgorithms ssh-rsa', 'host key', 'ssh-rsa'],
  ] as const) {
    const server = await startSshd(keys, { config: [line] });
    const error = await refusal(open(server.route()));
    await server.stop();
    assert.equal(error.fault, 'unreachable');
    assert.match(
      error.message,
      new RegExp(`have no ${name} algorithm in common: it has ${theirs}\\S*; here there are \\S+,`),
    );
  }
});

test('an interrupt while connecting ends it', async () => {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const interrupt = new AbortController();
  setTimeout(() => interrupt.abort(), 100);
  const started = performance.now();
  assert.equal((await refusal(open(sshd.route({ port }), { signal: interrupt.signal }))).fault, 'interrupted');
  assert.ok(performance.now() - started < 2000);
  server.close();
  assert.equal((await refusal(open(sshd.route(), { signal: AbortSignal.abort() }))).fault, 'interrupted');
});

test('a question that takes too long is stopped on the host, the others are answered', async () => {
  await using(sshd.route(), async (connection) => {
    const shell = await connection.shell(LOGIN);
    const answered: number[] = [];
    const error = await refusal(
      shell.ask([sh`echo 1`, { text: `${asleep(4712)} & ${asleep(4712)}`, attachments: [] }, sh`echo 3`], {
        timeoutMs: 600,
        onAnswer: (index) => answered.push(index),
      }),
    );
    assert.equal(error.fault, 'timeout');
    assert.equal(error.question, 1);
    assert.match(error.message, /no answer from web1 within 0\.6 s \(question 2 of 3\); it was stopped/);
    assert.deepEqual(answered, [0, 2]);
    assert.equal(await lives(asleep(4712)), false);
    const [again] = await shell.ask([sh`echo again`]);
    assert.equal(text(again?.stdout), 'again\n');
    // One that ends well when told to end does not let the next one start, where a failure stops the batch.
    const marker = join(keys.dir, 'must_not_exist');
    const polite = sh`trap 'exit 0' TERM; sleep 4713`;
    await refusal(shell.ask([polite, sh`touch ${marker}`], { timeoutMs: 300, stopOnFailure: true }));
    assert.equal(existsSync(marker), false);
    assert.equal(text((await shell.ask([sh`echo new`]))[0]?.stdout), 'new\n');
  });
});

test('an interrupt stops the question and all after it, also one that ignores TERM', async () => {
  await using(sshd.route(), async (connection) => {
    const shell = await connection.shell(LOGIN);
    const marker = join(keys.dir, 'never');
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 400);
    const error = await refusal(
      shell.ask([sh`trap '' TERM; ${{ text: asleep(4714), attachments: [] }}`, sh`touch ${marker}`], {
        signal: interrupt.signal,
      }),
    );
    assert.equal(error.fault, 'interrupted');
    assert.equal(await lives(asleep(4714)), false);
    assert.equal(existsSync(marker), false);
    assert.equal((await refusal(shell.ask([sh`true`], { signal: interrupt.signal }))).fault, 'interrupted');
    assert.equal((await shell.ask([sh`true`]))[0]?.status, 0);
  });
});

test('stopOnFailure: what follows is null', async () => {
  await using(sshd.route(), async (connection) => {
    const shell = await connection.shell(LOGIN);
    const answers = await shell.ask([sh`true`, sh`exit 9`, sh`true`], { stopOnFailure: true });
    assert.deepEqual(answers.map((answer) => answer?.status), [0, 9, undefined]); // biome-ignore format: one line
    assert.equal(answers[2], null);
  });
});

test('a question that kills its own shell is told so; the next one gets a new shell', async () => {
  await using(sshd.route(), async (connection) => {
    const error = await refusal(ask(connection, sh`true`, sh`kill -9 $$; sleep 5`));
    assert.equal(error.fault, 'lost');
    assert.match(error.message, /the shell on web1 was ended .+ while it ran question 2/);
    assert.equal(text((await ask(connection, sh`echo back`))[0]?.stdout), 'back\n');
  });
});

for (const compression of [false, true]) {
  test(`a server that dies in the middle of a batch${compression ? ', with compression' : ''}`, async () => {
    const server = await startSshd(keys);
    const connection = await open(server.route({ compression }));
    const asking = refusal(ask(connection, sh`sleep 4715`));
    setTimeout(() => server.kill(), 500);
    const error = await asking;
    assert.equal(error.fault, 'lost');
    assert.match(error.message, /web1/);
    assert.equal((await refusal(ask(connection, sh`true`))).fault, 'lost');
    await connection.close();
  });
}

test('keep-alive finds out that a host has gone silent', async () => {
  let silent = false;
  const relay = createServer((socket) => {
    const upstream = new (socket.constructor as new () => Socket)().connect(sshd.port, '127.0.0.1');
    socket
      .on('data', (chunk) => silent || upstream.write(chunk))
      .on('error', () => {})
      .on('close', () => upstream.destroy());
    upstream.on('data', (chunk) => silent || socket.write(chunk)).on('error', () => {});
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => relay.once('listening', resolve));
  const { port } = relay.address() as { port: number };
  const hostKeys = { files: [join(keys.dir, 'relayed')], alias: 'relayed', unknown: 'accept-new' } as const;
  const connection = await open(sshd.route({ port, hostKeys, keepAliveMs: 150, keepAliveMax: 2 }));
  const asking = refusal(ask(connection, sh`sleep 2`));
  setTimeout(() => {
    silent = true;
  }, 300);
  const error = await asking;
  assert.equal(error.fault, 'lost');
  assert.equal(error.message, 'web1 does not answer any more');
  await connection.close();
  relay.close();
});

test('more than 64 MiB of output is refused and the connection closed', async () => {
  const connection = await open(sshd.route());
  const error = await refusal(ask(connection, sh`head -c 100000000 /dev/zero`));
  assert.equal(error.fault, 'lost');
  assert.match(error.message, /the answer of web1 cannot be used: it sent more than 64 MiB/);
  assert.equal((await refusal(ask(connection, sh`true`))).fault, 'lost');
  await connection.close();
});

test('attachments: 20 MB arrive whole, once, and leave no trace', async () => {
  const before = staged();
  await using(sshd.route(), async (connection) => {
    const big = Buffer.alloc(20_000_000);
    for (let i = 0; i < big.length; i += 4) big.writeUInt32LE((i * 2654435761) >>> 0, i);
    const other = Buffer.alloc(70_000, 'y');
    const [first, second] = await ask(
      connection,
      sh`${content(big)} | sha256sum`,
      sh`${content(other)} | wc -c; ${content(big)} | wc -c`,
    );
    assert.equal(text(first?.stdout).slice(0, 64), content(big).attachments[0]?.name);
    assert.deepEqual(text(second?.stdout).split(/\s+/), ['70000', '20000000', '']);
    const [look] = await ask(connection, sh`stat -c '%a %s' "$RB_STAGE" "$RB_STAGE"/*; sh -c 'echo "[$RB_STAGE]"'`);
    assert.match(text(look?.stdout), /^700 \d+\n600 \d+\n600 \d+\n\[\]\n$/);
    const third = Buffer.alloc(70_000, 'z');
    assert.equal(
      text((await ask(connection, sh`${content(third)} | tail -c 1; ls "$RB_STAGE" | wc -l`))[0]?.stdout).trim(),
      'z3',
    );
    assert.equal(staged().length, before.length + 1);
  });
  assert.deepEqual(staged(), before);
});

test('attachments are removed when the controller dies', async () => {
  const before = staged();
  const connection = await open(sshd.route());
  const [answer] = await ask(connection, sh`${content(Buffer.alloc(70_000, 'q'))} | wc -c; echo $$`);
  const [, pid] = text(answer?.stdout).split('\n').map(Number);
  assert.equal(staged().length, before.length + 1);
  // The process that holds the connection on the host goes: all its pipes close, as if the network were gone.
  const sshdPid = Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)]).toString());
  process.kill(sshdPid, 'SIGKILL');
  for (let i = 0; staged().length > before.length && i < 100; i++) await delay(50);
  assert.deepEqual(staged(), before);
  await connection.close();
});

test('a full disk or a read-only directory for temporary files is told', async () => {
  const server = await startSshd(keys, { env: { TMPDIR: '/proc' } });
  try {
    await using(server.route(), async (connection) => {
      const error = await refusal(ask(connection, sh`${content(Buffer.alloc(70_000, 'q'))}`));
      assert.match(error.message, /1 file could not be brought to web1: mkdir: .+/);
      assert.equal((await ask(connection, sh`true`))[0]?.status, 0);
    });
  } finally {
    await server.stop();
  }
});

test('MaxSessions: shells give way to each other, and where nothing helps it is told', async () => {
  const two = await startSshd(keys, { config: ['MaxSessions 2'] });
  const one = await startSshd(keys, { config: ['MaxSessions 1'] });
  try {
    await using(two.route(), async (connection) => {
      for (const user of ['nobody', 'daemon', 'nobody', sshd.user]) {
        const shell = await connection.shell({ user, method: 'su' });
        const [answer] = await shell.ask([sh`${content(Buffer.alloc(70_000, 'q'))} | wc -c; id -un`]);
        assert.equal(text(answer?.stdout), `70000\n${user}\n`);
      }
    });
    await using(one.route(), async (connection) => {
      const error = await refusal(ask(connection, sh`${content(Buffer.alloc(70_000, 'q'))} | wc -c`));
      assert.match(error.message, /web1 refuses another session/);
      assert.match(error.hint ?? '', /MaxSessions/);
    });
  } finally {
    await two.stop();
    await one.stop();
  }
});

test('closing ends what still runs, and leaves a daemon alone', async () => {
  const connection = await open(sshd.route());
  const shell = await connection.shell(LOGIN);
  const pidFile = join(keys.dir, 'daemon.pid');
  await shell.ask([sh`sleep 4716 & echo $! > ${pidFile}`]);
  const asking = refusal(shell.ask([{ text: asleep(4717), attachments: [] }]));
  await delay(300);
  const started = performance.now();
  await connection.close();
  assert.ok(performance.now() - started < 5000);
  assert.equal((await asking).fault, 'lost');
  assert.equal(await lives(asleep(4717)), false);
  process.kill(Number(readFileSync(pidFile, 'utf8')), 0); // throws if it is gone
  process.kill(Number(readFileSync(pidFile, 'utf8')));
  assert.equal((await refusal(connection.shell(LOGIN))).fault, 'lost');
  assert.equal((await refusal(shell.ask([sh`true`]))).fault, 'lost');
});

test('a login that gives no shell', async () => {
  const user = keys.key('user');
  const forced = await startSshd(keys, {
    options: 'command="echo This account is for backups only; exit 1"',
    authorized: [user],
  });
  try {
    await using(forced.route(), async (connection) => {
      const error = await refusal(ask(connection, sh`true`));
      assert.equal(error.fault, 'auth');
      assert.match(
        error.message,
        /(exited with 1|was ended) instead of running a program: This account is for backups only/,
      );
    });
  } finally {
    await forced.stop();
  }
});

test('compression, and output that is larger than any window', async () => {
  await using(sshd.route({ compression: true }), async (connection) => {
    const [answer] = await ask(connection, sh`head -c 30000000 /dev/zero; head -c 10000000 /dev/zero >&2`);
    assert.equal(answer?.stdout.length, 30_000_000);
    assert.equal(answer?.stderr.length, 10_000_000);
  });
});

test('a server that asks for new session keys all the time', async () => {
  const server = await startSshd(keys, { config: ['RekeyLimit 1M'] });
  try {
    await using(server.route(), async (connection) => {
      const [answer] = await ask(connection, sh`head -c 6000000 /dev/zero`);
      assert.equal(answer?.stdout.length, 6_000_000);
    });
  } finally {
    await server.stop();
  }
});
