#!/usr/bin/env node
import { createSecrets } from './secrets/secrets.ts';
import { VERSION } from './version.ts';

const secrets = createSecrets();

/** The program's one entry and its one exit. What asks for little loads little. */
async function start(args: readonly string[]): Promise<number> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`runbook ${VERSION}\n`);
    return 0;
  }
  const { main } = await import('./commands/main.ts');
  return main(args, secrets);
}

// A reader that went away (`runbook plan | head`) is no mistake.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code === 'EPIPE') process.exit(0);
});

/** A bug, told in a few lines: the bundled source that Node would print with it is no help to anybody. */
function bug(thrown: unknown): number {
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  const lines = secrets
    .mask(stack)
    .split('\n')
    .map((line) => line.slice(0, 200));
  process.stderr.write(
    `runbook ${VERSION} has met a bug of its own. Please report it with these lines:\n${lines.join('\n')}\n`,
  );
  return 70; // EX_SOFTWARE of sysexits.h
}
process.on('uncaughtException', (thrown) => process.exit(bug(thrown)));

void start(process.argv.slice(2))
  .catch(bug)
  // Agents and timers of libraries must not keep a finished run alive; what was printed must be out first.
  .then((code) => process.stdout.write('', () => process.exit(code)));
