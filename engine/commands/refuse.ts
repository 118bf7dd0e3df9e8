import type { Diagnostic } from '../language/diagnostics.ts';
import { printDiagnostics } from '../language/print_diagnostics.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { EXIT } from './exit_code.ts';
import { wantsColor } from './terminal.ts';

/** Tells what is wrong with the input, and gives the exit code for it. */
export function refuse(
  diagnostics: readonly Diagnostic[],
  secrets: Secrets,
  options: Parameters<typeof wantsColor>[0] = {},
): number {
  process.stderr.write(printDiagnostics(diagnostics, { color: wantsColor(options, process.stderr), secrets }));
  return EXIT.wrong;
}
