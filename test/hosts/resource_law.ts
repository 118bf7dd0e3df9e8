import assert from 'node:assert/strict';
import type { Change, ChangeOptions, Ref } from '../../engine/planning/contracts.ts';
import { sameValue } from '../../engine/planning/state.ts';
import type { Answer } from '../../engine/transport/connection.ts';
import type { Sh } from '../../engine/transport/sh.ts';
import type { TestHost } from '../lab/host.ts';
import { answerOf, PRELUDE } from '../resources/programs.ts';

/** Runs a resource's program on a host as root, without a login and without the engine. */
export async function runInside(host: TestHost, program: Sh): Promise<Answer> {
  const { code, stdout, stderr } = await host.inside('sh -s', { input: PRELUDE + program.text });
  return answerOf(Buffer.from(stdout), Buffer.from(stderr), code);
}

export async function look<V>(host: TestHost, ref: Ref<V>): Promise<V | null> {
  const [seen] = ref.type.parse(await runInside(host, ref.type.collect([ref])), [ref]);
  assert.ok(seen !== undefined && 'value' in seen, `cannot see ${ref.id}: ${JSON.stringify(seen)}`);
  return seen.value as V | null;
}

/** Makes one change and gives what the program said. */
export async function make<V>(host: TestHost, ref: Ref<V>, to: V | null, options: ChangeOptions = {}): Promise<Answer> {
  const change: Change<V> = { ref, before: await look(host, ref), after: to, options };
  return runInside(host, ref.type.transition([change]));
}

/** What is wished is what is then seen; gives what was seen before. */
export async function becomes<V>(
  host: TestHost,
  ref: Ref<V>,
  to: V | null,
  options: ChangeOptions = {},
): Promise<V | null> {
  const before = await look(host, ref);
  const answer = await make(host, ref, to, options);
  assert.equal(answer.status, 0, Buffer.from(answer.stderr).toString());
  const seen = await look(host, ref);
  assert.ok(
    to === null ? seen === null : sameValue(ref as Ref, seen, to),
    `${JSON.stringify(seen)} is not what was wished`,
  );
  return before;
}

/** As `becomes`, and taken back it is what it was. */
export async function becomesAndBack<V>(
  host: TestHost,
  ref: Ref<V>,
  to: V | null,
  options: ChangeOptions = {},
): Promise<void> {
  const before = await becomes(host, ref, to, options);
  await becomes(host, ref, before);
  assert.deepEqual(await look(host, ref), before);
}
