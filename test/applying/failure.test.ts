import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../engine/applying/failure.ts';
import type { Piece } from '../../engine/applying/program.ts';
import type { Change } from '../../engine/planning/contracts.ts';
import type { Instance } from '../../engine/planning/instance.ts';
import type { PlannedStep } from '../../engine/planning/plan.ts';
import { sh } from '../../engine/transport/sh.ts';
import { action, change, task } from '../reporting/fake_plan.ts';

const answer = { status: 1, stdout: Buffer.from(''), stderr: Buffer.from('why'), parts: new Map(), ms: 1 };

const changeOf = (title: string): Change => {
  const step = change({ title });
  assert.ok(step.kind === 'change');
  return step.change;
};

/** What is told to be left, where each list is made together and the last one fails. */
function left(steps: readonly PlannedStep[], ...groups: readonly (readonly Change[])[]): string | undefined {
  const instance = task('web1', 'x', { steps }) as Instance;
  const pieces = groups.map(
    (changes): Piece => ({
      kind: 'transition',
      instance,
      sh: sh`:`,
      changes: changes.map((change, n) => ({ n, change })),
    }),
  );
  return failureOf(pieces.at(-1) as Piece, answer, 'no', pieces.slice(0, -1)).left;
}

test('what a failed step leaves: nothing, what was before it, and what nobody knows', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(changeOf) as [Change, Change, Change];
  const steps = [a, b, c].map((one): PlannedStep => ({ kind: 'change', change: one }));
  assert.equal(left(steps.slice(0, 1), [a]), 'Nothing of it was changed, as far as the failed step tells.');
  assert.equal(left(steps, [a, b, c]), 'Nothing was done before it; some of this may be done: a, b, c.');
  assert.equal(left([...steps, action('run')], [a, b, c]), `${left(steps, [a, b, c])?.slice(0, -1)}; not done: run.`);
  assert.equal(left(steps, [a, b], [c]), 'Done before it: a, b; not done: c.');
  assert.equal(left(steps, [a], [b, c]), 'Done before it: a; some of this may be done: b, c.');
});

test('thousands of steps are not all named', () => {
  const changes = Array.from({ length: 1000 }, (_, i) => changeOf(`f${i}`));
  const steps = changes.map((one): PlannedStep => ({ kind: 'change', change: one }));
  assert.match(left(steps, changes) ?? '', /f8, f9 and 990 more\.$/);
});
