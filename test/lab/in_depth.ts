import { type TestContext, type TestOptions, test } from 'node:test';

type Body = (context: TestContext) => Promise<void> | void;

/**
 * A test that only the whole runs (`npm run test:thorough`): what others show in less time, or what takes so long that
 * a change would wait for it. Not registered otherwise, so that nothing is skipped.
 */
export function inDepth(name: string, options: TestOptions, body: Body): void {
  if (process.env.RUNBOOK_IN_DEPTH === '1') test(name, options, body);
}
