import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { beforeEach, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Become, Route } from '../../engine/inventory/inventory.ts';
import { connect, createKeyRing } from '../../engine/transport/connect.ts';
import {
  type Answer,
  type Connection,
  type Identity,
  LOGIN,
  TransportError,
} from '../../engine/transport/connection.ts';
import { content, type Sh, sh } from '../../engine/transport/sh.ts';
import { PASSWORDS } from '../lab/base.ts';
import { useHosts } from '../lab/hosts.ts';

type SshRoute = Extract<Route, { kind: 'ssh' }>;

const lab = useHosts({ bare: 1 });
const host = () => lab.host('bare1');

function route(user: string, over: Partial<SshRoute> = {}): SshRoute {
  const inventory = readFileSync(lab.inventory(), 'utf8');
  const find = (pattern: RegExp) => pattern.exec(inventory)?.[1] ?? '';
  return {
    kind: 'ssh',
    address: host().address,
    port: 22,
    user,
    keyFiles: [find(/private_key_file: (\S+)/)],
    identitiesOnly: true,
    agent: undefined,
    password: undefined,
    hostKeys: { files: [find(/UserKnownHostsFile=(\S+)/)], alias: undefined, unknown: 'ask' },
    jumps: [],
    proxyCommand: undefined,
    connectTimeoutMs: 20_000,
    keepAliveMs: 0,
    keepAliveMax: 3,
    compression: false,
    ...over,
  };
}

interface As {
  readonly password?: string;
  readonly over?: Partial<SshRoute>;
}

/** Logs in, and closes in the end whatever happens. */
async function using<T>(
  user: string,
  use: (connection: Connection) => Promise<T>,
  { password, over }: As = {},
): Promise<T> {
  const become: Become = { enabled: true, user: 'root', method: 'sudo', password };
  const connection = await connect('bare1', route(user, over), become, { keys: createKeyRing() });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

const sudo = (user: string): Identity => ({ user, method: 'sudo' });
const su = (user: string): Identity => ({ user, method: 'su' });

async function ask(
  connection: Connection,
  identity: Identity,
  ...questions: Sh[]
): Promise<readonly (Answer | null)[]> {
  return await (await connection.shell(identity)).ask(questions);
}

async function say(connection: Connection, identity: Identity, question: Sh): Promise<string> {
  const [answer] = await ask(connection, identity, question);
  assert.equal(answer?.status, 0, Buffer.from(answer?.stderr ?? []).toString());
  return Buffer.from(answer.stdout).toString();
}

async function refusal(promise: Promise<unknown>): Promise<TransportError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TransportError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'expected a TransportError' });
}

async function inside(command: string): Promise<string> {
  const { code, stdout, stderr } = await host().inside(command);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** How often a password was refused on the host since the mark was set, as its log has it. */
async function failures(): Promise<number> {
  return Number(
    await inside("journalctl -q -o cat --since=@$(cat /run/since) | grep -c 'authentication failure;' || true"),
  );
}

// Not in a `before` of the file's top level: those do not wait for the one that brings the hosts.
let users: Promise<unknown> | undefined;
const makeUsers = () =>
  inside(`
useradd --create-home --shell /bin/bash --password "$(openssl passwd -6 plain)" plain
useradd --create-home --shell /bin/bash --password "$(openssl passwd -6 expired)" --expiredate 2000-01-01 expired
useradd --create-home --shell /usr/sbin/nologin --password "$(openssl passwd -6 shellless)" shellless
for user in plain shellless; do
  install -d -m 0700 -o $user -g $user /home/$user/.ssh
  install -m 0600 -o $user -g $user /home/admin/.ssh/authorized_keys /home/$user/.ssh
done`);
beforeEach(async () => {
  users ??= makeUsers();
  await users;
  await inside('rm -f /etc/sudoers.d/test; date +%s >/run/since; sleep 1');
});

suite('sudo', () => {
  test('without a password: one exec, and everything as the other user', async () => {
    await using('admin', async (connection) => {
      assert.equal(
        await say(connection, sudo('root'), sh`id -un; echo "$HOME $(umask) $LC_ALL"; pwd`),
        'root\n/root 0022 C\n/home/admin\n',
      );
      // A directory that the other user may not enter is left.
      await inside('chmod 0700 /home/admin');
      assert.equal(await say(connection, sudo('www-data'), sh`id -un; pwd`), 'www-data\n/\n');
      const owner = sh`${content(Buffer.alloc(70_000, 'x'))} | wc -c; stat -c '%U %a' "$RB_STAGE"`;
      assert.equal(await say(connection, sudo('root'), owner), '70000\nroot 700\n');
      assert.equal(await say(connection, sudo('www-data'), owner), '70000\nwww-data 700\n');
      assert.equal(await say(connection, LOGIN, owner), '70000\nadmin 700\n');
    });
    assert.equal(await inside('ls -d /tmp/runbook-* 2>/dev/null | wc -l'), '0\n');
  });

  test('with a password: given once per program, on stdin only, and bytes come through as they are', async () => {
    await using(
      'ops',
      async (connection) => {
        const search = sh`cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\000' '\\n' | grep -c ${`${PASSWORDS.ops.slice(0, 5)}[-]${PASSWORDS.ops.slice(6)}`} || true`;
        assert.equal(await say(connection, sudo('root'), sh`id -un; ${search}`), 'root\n0\n');
        const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) & 0xff));
        const [answer] = await ask(connection, sudo('root'), sh`cat ${'/dev/null'}; ${content(bytes)}`);
        assert.deepEqual(Buffer.from(answer?.stdout ?? []), bytes);
        const timeout = await refusal((await connection.shell(sudo('root'))).ask([sh`sleep 4731`], { timeoutMs: 300 }));
        assert.match(timeout.message, /it was stopped$/);
        assert.equal(await inside("pgrep -fc '^sleep 4731$' || true"), '0\n');
        assert.equal(await say(connection, sudo('root'), sh`echo again`), 'again\n');
      },
      { password: PASSWORDS.ops },
    );
    assert.equal(await failures(), 0);
  });

  test('a password that is not asked for', async () => {
    await using('admin', async (c) => assert.equal(await say(c, sudo('root'), sh`id -un; cat`), 'root\n'), {
      password: 'unused',
    });
  });

  test('a lecture, and a policy that puts everything through a terminal and logs it', async () => {
    await inside("printf 'Defaults lecture=always, use_pty, log_output\\n' >/etc/sudoers.d/test");
    await using(
      'ops',
      async (connection) => {
        assert.equal(await say(connection, sudo('root'), sh`printf 'a\\nb\\r\\n\\001\\000'`), 'a\nb\r\n\x01\0');
        assert.equal(await say(connection, sudo('root'), sh`${content(Buffer.alloc(70_000, 'x'))} | wc -c`), '70000\n');
      },
      { password: PASSWORDS.ops },
    );
  });

  test('a wrong password is sent once, whoever is asked for and how often', async () => {
    await using(
      'ops',
      async (connection) => {
        const asked = [sudo('root'), sudo('www-data'), sudo('root')].map((who) =>
          refusal(ask(connection, who, sh`true`)),
        );
        for (const error of await Promise.all(asked)) {
          assert.equal(error.fault, 'become');
          assert.equal(error.message, 'sudo on bare1 refuses the password of ops');
        }
        assert.equal((await refusal(ask(connection, sudo('root'), sh`true`))).fault, 'become');
        assert.equal(await say(connection, LOGIN, sh`id -un`), 'ops\n');
      },
      { password: 'wrong' },
    );
    assert.equal(await failures(), 1);
  });

  test('what else sudo may say', async () => {
    const of = async (user: string, who: string, as: As = {}) =>
      await using(user, (connection) => refusal(ask(connection, sudo(who), sh`touch /tmp/ran`)), as);
    const wanted = await of('ops', 'root');
    assert.equal(wanted.message, 'sudo on bare1 asks ops for a password');
    assert.match(wanted.hint ?? '', /--ask-become-pass \(-K\)/);
    const files = sh`${content(Buffer.alloc(70_000, 'x'))} >/tmp/ran`;
    const withFiles = await using('ops', (connection) => refusal(ask(connection, sudo('root'), files)));
    assert.equal(withFiles.message, wanted.message);
    assert.equal(
      (await of('plain', 'root', { password: 'plain' })).message,
      'plain may not become root by sudo on bare1',
    );
    assert.equal((await of('admin', 'nosuch')).message, 'there is no user nosuch on bare1');
    await inside("printf 'Defaults requiretty\\n' >/etc/sudoers.d/test");
    const terminal = await of('admin', 'root');
    assert.equal(terminal.message, 'sudo on bare1 wants a terminal');
    assert.match(terminal.hint ?? '', /requiretty/);
    await inside(
      "printf 'admin ALL=(www-data) NOPASSWD: ALL\\nDefaults:admin !requiretty\\n' >/etc/sudoers.d/test; mv /etc/sudoers.d/admin /root",
    );
    try {
      const denied = await of('admin', 'root', { password: 'any' });
      assert.match(denied.message, /^(admin may not become root by sudo|sudo on bare1 refuses the password of admin)/);
    } finally {
      await inside('mv /root/admin /etc/sudoers.d');
    }
    await inside("printf 'nonsense here\\n' >/etc/sudoers.d/test; mv /usr/bin/sudo /usr/bin/sudo.away");
    try {
      const missing = await of('admin', 'root');
      assert.equal(missing.message, 'there is no sudo on bare1');
      assert.match(missing.hint ?? '', /become_method to su/);
    } finally {
      await inside('mv /usr/bin/sudo.away /usr/bin/sudo');
    }
    const { code } = await host().inside('test -e /tmp/ran');
    assert.equal(code, 1, 'nothing was run');
  });
});

suite('su', () => {
  test('with the password of root, on stdin and without a terminal', async () => {
    await using(
      'plain',
      async (connection) => {
        assert.equal(await say(connection, su('root'), sh`id -un; echo "$HOME"`), 'root\n/root\n');
        assert.equal(await say(connection, su('root'), sh`${content(Buffer.alloc(70_000, 'x'))} | wc -c`), '70000\n');
      },
      { password: PASSWORDS.root },
    );
    assert.equal(await failures(), 0);
  });

  test('as root to anybody, also to users without a shell', async () => {
    await using('root', async (connection) => {
      for (const user of ['www-data', 'shellless', 'plain']) {
        assert.equal(await say(connection, su(user), sh`id -un`), `${user}\n`);
      }
      assert.match(
        (await refusal(ask(connection, su('expired'), sh`true`))).message,
        /su on bare1 refuses expired: .+ expired/,
      );
      assert.equal(
        (await refusal(ask(connection, su('nosuch'), sh`true`))).message,
        'there is no user nosuch on bare1',
      );
    });
  });

  test('a wrong password is sent once; none at all is told', async () => {
    const of = (password?: string) =>
      using('plain', (c) => refusal(ask(c, su('root'), sh`true`)), password === undefined ? {} : { password });
    const wrong = await of('wrong');
    assert.equal(wrong.message, 'su on bare1 refuses the password of root');
    assert.equal(await failures(), 1);
    const none = await of();
    assert.equal(none.message, 'su on bare1 asks for the password of root');
    assert.equal(
      (await refusal(using('plain', (c) => ask(c, su('root'), sh`true`), { password: 'two\nlines' }))).fault,
      'become',
    );
  });
});

suite('passwords to log in with', () => {
  const noKeys = { keyFiles: ['/nonexistent'] };

  test('the right one, the wrong one, none', async () => {
    await using('ops', async (c) => assert.equal(await say(c, LOGIN, sh`id -un`), 'ops\n'), {
      over: { ...noKeys, password: PASSWORDS.ops },
    });
    assert.equal(await failures(), 0);
    const wrong = await refusal(using('ops', async () => {}, { over: { ...noKeys, password: 'wrong' } }));
    assert.equal(wrong.fault, 'auth');
    assert.match(wrong.message, /^bare1 does not let ops in: tried the password$/);
    assert.equal(await failures(), 1);
    const none = await refusal(using('ops', async () => {}, { over: noKeys }));
    assert.match(none.message, /there was nothing to try/);
    assert.match(none.hint ?? '', /It takes: publickey,.*password/);
  });

  test('keyboard-interactive only, and a key and a password together', async () => {
    await inside(
      "printf 'PasswordAuthentication no\\nKbdInteractiveAuthentication yes\\n' >/etc/ssh/sshd_config.d/test.conf; systemctl restart ssh",
    );
    try {
      await using('ops', async (c) => assert.equal(await say(c, LOGIN, sh`id -un`), 'ops\n'), {
        over: { ...noKeys, password: PASSWORDS.ops },
      });
      const wrong = await refusal(using('ops', async () => {}, { over: { ...noKeys, password: 'wrong' } }));
      assert.match(wrong.message, /tried the password \(keyboard-interactive\)$/);
      assert.equal(await failures(), 1);
      await inside(
        "printf 'AuthenticationMethods publickey,password\\n' >/etc/ssh/sshd_config.d/test.conf; systemctl restart ssh",
      );
      await using('ops', async (c) => assert.equal(await say(c, LOGIN, sh`id -un`), 'ops\n'), {
        over: { password: PASSWORDS.ops },
      });
      const half = await refusal(using('ops', async () => {}));
      assert.match(half.hint ?? '', /It takes: password\.$/);
    } finally {
      await inside('rm /etc/ssh/sshd_config.d/test.conf');
      await inside('systemctl restart ssh');
    }
  });

  test('an account without a shell, an expired password', async () => {
    const shellless = await using('shellless', (c) => refusal(ask(c, LOGIN, sh`true`)));
    assert.equal(shellless.fault, 'auth');
    assert.match(shellless.message, /has a login shell that lets nobody in/);
    await inside('chage -d 0 plain');
    try {
      const expired = await refusal(using('plain', (c) => ask(c, LOGIN, sh`true`)));
      assert.equal(expired.fault, 'auth');
      assert.match(expired.message, /the password of plain on bare1 has expired/);
    } finally {
      await inside('chage -d 2020-01-01 plain');
    }
  });
});

suite('trouble on the way', () => {
  test('a host that freezes, before and in the middle', async () => {
    const quick = { keepAliveMs: 1_000, keepAliveMax: 3, connectTimeoutMs: 5_000 };
    await using(
      'root',
      async (connection) => {
        await say(connection, LOGIN, sh`true`);
        const asking = refusal(ask(connection, LOGIN, sh`sleep 20`));
        await delay(500);
        host().freeze();
        try {
          assert.equal((await asking).message, 'bare1 does not answer any more');
          const late = await refusal(using('root', async () => {}, { over: quick }));
          assert.equal(late.fault, 'unreachable');
          assert.match(late.message, /within 5 s$/);
        } finally {
          host().thaw();
        }
      },
      { over: quick },
    );
  });

  test('a host that is not there', async () => {
    await host().cut();
    try {
      const error = await refusal(using('root', async () => {}, { over: { connectTimeoutMs: 1_500 } }));
      assert.equal(error.fault, 'unreachable');
      assert.match(error.message, /within 1\.5 s$|does not answer$/);
    } finally {
      await host().reconnect();
    }
  });

  test('nothing stays behind on the host', async () => {
    await using('admin', async (connection) => {
      await ask(connection, sudo('root'), sh`${content(Buffer.alloc(70_000, 'x'))} | wc -c`);
      void (await connection.shell(LOGIN)).ask([sh`sleep 4732`]).catch(() => {});
      await delay(500);
    });
    await delay(500);
    assert.equal(
      await inside("ls -d /tmp/runbook-* 2>/dev/null; pgrep -af '[s]leep 4732|^sudo'; pgrep -u admin -x sh || true"),
      '',
    );
  });
});
