import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, createKeyRing } from '../../engine/transport/connect.ts';
import { type Answer, type Connection, LOGIN, TransportError } from '../../engine/transport/connection.ts';
import { content, sh } from '../../engine/transport/sh.ts';
import { NO_BECOME } from './sshd.ts';

async function using<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connect('here', { kind: 'local' }, NO_BECOME, { keys: createKeyRing() });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

const out = (answer: Answer | null | undefined): string => Buffer.from(answer?.stdout ?? []).toString();

async function fault(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TransportError) return error.fault;
    throw error;
  }
  throw new assert.AssertionError({ message: 'expected a TransportError' });
}

test('this machine answers, as whoever runs the program, where they stand', async () => {
  await using(async (connection) => {
    const shell = await connection.shell(LOGIN);
    const [who, where, environment] = await shell.ask([
      sh`id -un`,
      sh`pwd; cat`,
      sh`echo "$LC_ALL $(umask)"; case :$PATH: in *:/usr/sbin:*) echo sbin ;; esac`,
    ]);
    assert.equal(out(who), `${userInfo().username}\n`);
    assert.equal(out(where), `${process.cwd()}\n`);
    assert.equal(out(environment), 'C 0022\nsbin\n');
    assert.ok((who?.ms ?? -1) >= 0);
  });
});

test('another user by su, from root', async () => {
  assert.equal(userInfo().username, 'root', 'the tests run as root');
  await using(async (connection) => {
    const nobody = await connection.shell({ user: 'nobody', method: 'su' });
    const big = content(Buffer.alloc(70_000, 'x'));
    const [answer] = await nobody.ask([sh`id -un; ${big} | wc -c; stat -c '%U %a' "$RB_STAGE"; echo "$RB_STAGE"`]);
    const [user, size, mode, stage] = out(answer).split('\n');
    assert.deepEqual([user, size, mode], ['nobody', '70000', 'nobody 700']);
    assert.ok(existsSync(stage ?? ''));
    await connection.close();
    assert.equal(existsSync(stage ?? ''), false);
    assert.equal(await fault(connection.shell(LOGIN)), 'lost');
  });
});

test('a user who is not there is asked for again: he may come to be', async () => {
  await using(async (connection) => {
    const shell = await connection.shell({ user: 'no-such-user', method: 'su' });
    const [first, second] = await Promise.allSettled([shell.ask([sh`true`]), shell.ask([sh`true`])]);
    assert.ok(first?.status === 'rejected' && second?.status === 'rejected');
    assert.notEqual(first.reason, second.reason);
    for (const { reason } of [first, second]) assert.equal(reason.message, 'there is no user no-such-user on here');
  });
});

test('time-outs, interrupts and a lost shell, and a new one after each', async () => {
  await using(async (connection) => {
    const shell = await connection.shell(LOGIN);
    assert.equal(await fault(shell.ask([sh`sleep 30`], { timeoutMs: 200 })), 'timeout');
    assert.equal(await fault(shell.ask([sh`sleep 30`], { signal: AbortSignal.timeout(200) })), 'interrupted');
    assert.equal(await fault(shell.ask([sh`kill -9 $$`])), 'lost');
    assert.equal(out((await shell.ask([sh`echo there`]))[0]), 'there\n');
  });
});

test('a mistake in a callback reaches whoever asked', async () => {
  await using(async (connection) => {
    const shell = await connection.shell(LOGIN);
    const asking = shell.ask([sh`true`, sh`true`], {
      onAnswer() {
        throw new RangeError('a bug');
      },
    });
    await assert.rejects(asking, RangeError);
    assert.equal(out((await shell.ask([sh`echo on`]))[0]), 'on\n');
  });
});

test('a program that leaves a child behind with its output open does not hold up the end', async () => {
  const connection = await connect('here', { kind: 'local' }, NO_BECOME, { keys: createKeyRing() });
  const shell = await connection.shell(LOGIN);
  const [answer] = await shell.ask([sh`sleep 20 & echo $!`]);
  const started = performance.now();
  await connection.close();
  assert.ok(performance.now() - started < 5_000);
  await delay(50);
  process.kill(Number(out(answer))); // throws if it is gone: it was let live
});

test('hundreds of questions, and one with a megabyte both ways', async () => {
  await using(async (connection) => {
    const shell = await connection.shell(LOGIN);
    const answers = await shell.ask(Array.from({ length: 300 }, (_, i) => sh`echo ${i}`));
    assert.deepEqual(
      answers.map(out),
      Array.from({ length: 300 }, (_, i) => `${i}\n`),
    );
    const text = "a line with 'quotes' and $signs\n".repeat(33_000);
    const [answer] = await shell.ask([sh`printf %s ${text}`]);
    assert.equal(out(answer), text);
  });
});
