import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observe } from '../../engine/planning/observe.ts';
import { group } from '../../engine/resources/group.ts';
import { path } from '../../engine/resources/path.ts';
import { unit } from '../../engine/resources/unit.ts';
import { type Shell, TransportError } from '../../engine/transport/connection.ts';

/** A host that does not answer the question of this index in time. */
function hangingAt(question: number | undefined): Shell {
  return {
    ask: async () => {
      const error = new TransportError('timeout', 'no answer from web1 within 120 s; it was stopped', 'what to do');
      error.question = question;
      throw error;
    },
  };
}

test('a look that hangs tells what it was looking at', async () => {
  const refs = [unit('ssh.service'), ...Array.from({ length: 7 }, (_, i) => path(`/mnt/${i}`))];
  const message = 'no answer from web1 within 120 s; it was stopped';
  await assert.rejects(observe(hangingAt(1), refs, {}), {
    fault: 'timeout',
    message: `${message}; it was looking at path /mnt/0, /mnt/1, /mnt/2, /mnt/3, /mnt/4 and 2 more`,
    hint: 'what to do',
  });
  await assert.rejects(observe(hangingAt(0), refs, {}), { message: `${message}; it was looking at unit ssh.service` });
  await assert.rejects(observe(hangingAt(undefined), refs, {}), { message });
});

test('answers are told as they come, and once more together', async () => {
  const refs = [group('a'), unit('ssh.service'), group('b')];
  const told: string[][] = [];
  const answer = { status: 0, stdout: new Uint8Array(), stderr: new Uint8Array(), parts: new Map(), ms: 0 };
  const shell: Shell = {
    async ask(questions, options) {
      for (const index of questions.keys()) {
        options?.onAnswer?.(index, answer);
        assert.equal(told.length, index + 1);
      }
      return [];
    },
  };
  const all = await observe(shell, refs, {}, (seen) => told.push(seen.map(({ ref }) => ref.id)));
  assert.deepEqual(told, [['a', 'b'], ['ssh.service']]);
  assert.deepEqual(all.map(({ ref }) => ref.id), ['a', 'b', 'ssh.service']); // biome-ignore format: one line
});
