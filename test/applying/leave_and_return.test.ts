import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Execution } from '../../engine/applying/execution.ts';
import { leaveAndReturn } from '../../engine/applying/leave_and_return.ts';
import type { Leaving } from '../../engine/planning/contracts.ts';
import { type Answer, type Connection, LOGIN, type Shell, TransportError } from '../../engine/transport/connection.ts';
import { type Sh, sh } from '../../engine/transport/sh.ts';

const TARGET = { host: 'web1', identity: LOGIN, connection: undefined, remoteUser: undefined };
const LEAVING: Leaving = { sign: sh`sign`, test: sh`test`, timeoutS: 0.05, delayS: 0 };

const bytes = (text: string) => new TextEncoder().encode(text);
const answer = (status: number, stdout = '', stderr = ''): Answer => ({
  ...{ status, stdout: bytes(stdout), stderr: bytes(stderr), parts: new Map(), ms: 0 },
});

function shellThat(answers: (question: Sh) => Answer): Shell {
  return { ask: (questions) => Promise.resolve(questions.map(answers)) };
}

/** A host that shows `before` until it is sent away, and then what `after` gives at each new login. */
function scene(after: (question: Sh, login: number) => Answer, more: { local?: true; aborted?: true } = {}) {
  const told: boolean[] = [];
  let logins = 0;
  const controller = new AbortController();
  if (more.aborted) controller.abort();
  const how = {
    signal: controller.signal,
    absence: {
      isHere: () => more.local === true,
      away: (_: unknown, is: boolean) => told.push(is),
      login: (): Promise<Connection> => {
        logins += 1;
        const login = logins;
        return Promise.resolve({
          shell: () => Promise.resolve(shellThat((question) => after(question, login))),
          close: () => Promise.resolve(),
        });
      },
    },
  } as unknown as Execution;
  const run = (send: () => Promise<readonly (Answer | null)[]>, leaving = LEAVING) =>
    leaveAndReturn(
      leaving,
      TARGET,
      shellThat(() => answer(0, 'before\n')),
      how,
      send,
    );
  return { run, told, logins: () => logins };
}

const stderrOf = (one: Answer | null) => new TextDecoder().decode(one?.stderr);
const gone = () => Promise.reject(new TransportError('lost', 'the connection was closed'));

describe('a host that goes away', () => {
  it('is back once its sign is another one and the test succeeds; a lost connection is how it goes', async () => {
    const { run, told } = scene(() => answer(0, 'after\n'));
    const { sent, last } = await run(gone);
    assert.equal(sent, undefined);
    assert.equal(last?.status, 0);
    assert.deepEqual(told, [true, false]);
  });

  it('may answer before it goes', async () => {
    const { run } = scene(() => answer(0, 'after'));
    const { sent, last } = await run(() => Promise.resolve([answer(0), answer(0)]));
    assert.equal(sent?.length, 2);
    assert.equal(last?.status, 0);
  });

  it('is not back while it shows the same sign', async () => {
    const { run, told } = scene(() => answer(0, 'before'));
    const { last } = await run(gone);
    assert.equal(last?.status, 1);
    assert.match(stderrOf(last), /it was not back within 0\.05 s: it did not go away/);
    assert.deepEqual(told, [true, false]);
  });

  it('is not back while nobody gets in', async () => {
    const { run } = scene(() => {
      throw new TransportError('unreachable', 'no route to web1');
    });
    assert.match(stderrOf((await run(gone)).last), /not back within .*: no route to web1/);
  });

  it('is asked again until it is there', async () => {
    const { run, logins } = scene((_, login) => answer(0, login < 2 ? 'before' : 'after'));
    assert.equal((await run(gone, { ...LEAVING, timeoutS: 3 })).last?.status, 0);
    assert.equal(logins(), 3);
  });

  it('has to pass its test', async () => {
    const { run } = scene(({ text }) => (text === 'sign' ? answer(0, 'after') : answer(1, '', 'no database')));
    assert.match(stderrOf((await run(gone)).last), /its test did not succeed: no database/);
  });

  it('is not waited for where it was not sent away', async () => {
    const { run, logins } = scene(() => answer(0, 'after'));
    const refused = await run(() => Promise.resolve([answer(1, '', 'a session is in the way')]));
    assert.equal(refused.last?.status, 1);
    const skipped = await run(() => Promise.resolve([answer(75), null]));
    assert.equal(skipped.last, null);
    assert.equal(logins(), 0);
  });

  it('is never the machine that all of this runs on', async () => {
    const { run, told } = scene(() => answer(0, 'after'), { local: true });
    const { last } = await run(() => assert.fail('nothing is sent'));
    assert.match(stderrOf(last), /the machine that runbook itself runs on/);
    assert.deepEqual(told, []);
  });

  it('is no longer waited for when the user interrupts', async () => {
    const { run, told } = scene(() => answer(0, 'before'), { aborted: true });
    await assert.rejects(run(gone), { fault: 'interrupted' });
    assert.deepEqual(told, [true, false]);
  });
});
