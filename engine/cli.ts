#!/usr/bin/env node
import { VERSION } from './version.ts';

/** The program's one entry and its one exit. What asks for little loads little. */
async function start(args: readonly string[]): Promise<number> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`runbook ${VERSION}\n`);
    return 0;
  }
  const { main } = await import('./commands/main.ts');
  return main(args);
}

// A reader that went away (`runbook plan | head`) is no mistake.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code === 'EPIPE') process.exit(0);
});

const code = await start(process.argv.slice(2));
// Agents and timers of libraries must not keep a finished run alive; what was printed must be out first.
process.stdout.write('', () => process.exit(code));
