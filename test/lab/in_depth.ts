import { type TestContext, type TestOptions, test } from 'node:test';

/** The whole is run: `npm run test:thorough`. */
export const IN_DEPTH = process.env.RUNBOOK_IN_DEPTH === '1';

/** Every third of many cases that each take Ansible seconds; in depth all. */
export function sampled<T>(cases: readonly T[]): readonly T[] {
  return IN_DEPTH ? cases : cases.filter((_, i) => i % 3 === 0);
}

type Body = (context: TestContext) => Promise<void> | void;

/**
 * A test that only the whole runs (`npm run test:thorough`): what others show in less time, or what takes so long that
 * a change would wait for it. Not registered otherwise, so that nothing is skipped.
 */
export function inDepth(name: string, options: TestOptions, body: Body): void {
  if (IN_DEPTH) test(name, options, body);
}
