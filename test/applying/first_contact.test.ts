import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistently } from '../../engine/applying/first_contact.ts';
import { TransportError, type TransportFault } from '../../engine/transport/connection.ts';

/** Fails so often with this, then succeeds. Gives how often it was tried, and the pauses. */
async function tried(fault: TransportFault, failures: number, retries: number, budgetMs = 0) {
  const pauses: number[] = [];
  let tries = 0;
  const reach = async () => {
    tries += 1;
    if (tries <= failures) throw new TransportError(fault, `failure ${tries}`);
    return 'reached';
  };
  const pause = async (ms: number) => void pauses.push(ms);
  const end = await persistently(reach, { retries, budgetMs, signal: undefined }, pause).catch(
    (error: Error) => error.message,
  );
  return { end, tries, pauses };
}

test('what may pass is tried again, so often and no more', async () => {
  assert.equal((await tried('unreachable', 2, 2)).end, 'reached');
  assert.equal((await tried('lost', 1, 1)).end, 'reached');
  const given = await tried('unreachable', 9, 2);
  assert.deepEqual([given.end, given.tries], ['failure 3', 3]);
  assert.equal((await tried('unreachable', 1, 0)).tries, 1);
});

test('what is final is tried once: a password is not sent twice, an account is not locked', async () => {
  for (const fault of ['auth', 'host-key', 'become', 'interrupted', 'timeout', 'no room'] as const) {
    assert.equal((await tried(fault, 1, 5)).tries, 1, fault);
  }
});

test('pauses double, and differ from host to host', async () => {
  const { pauses } = await tried('unreachable', 6, 6);
  for (const [i, ms] of pauses.entries()) assert.ok(ms >= 250 * 2 ** i && ms <= 750 * 2 ** i, `${ms} at ${i}`);
  const other = await tried('unreachable', 6, 6);
  assert.notDeepEqual(pauses, other.pauses);
});

test('the budget ends it, whatever tries are left', async () => {
  const { tries } = await tried('unreachable', 9, 9, 200);
  assert.equal(tries, 1);
});

test('an interrupt ends the pause, and what went wrong is told', async () => {
  const controller = new AbortController();
  const reach = () => Promise.reject(new TransportError('unreachable', 'nobody listens'));
  const trying = persistently(reach, { retries: 9, budgetMs: 0, signal: controller.signal });
  setImmediate(() => controller.abort());
  await assert.rejects(trying, /nobody listens/);
});
