import { modules } from '../../modules/registry.ts';
import { loadPlaybook } from '../language/load_playbook.ts';
import { printDiagnostics } from '../language/print_diagnostics.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { EXIT } from './exit_code.ts';
import { wantsColor } from './terminal.ts';

/** Reads playbooks and tells all their mistakes; contacts nobody. */
export function lint(paths: readonly string[], secrets: Secrets): number {
  const read = paths.map((path) => loadPlaybook(path, modules));
  const diagnostics = read.flatMap((one) => (one.ok ? (one.warnings ?? []) : one.diagnostics));
  if (diagnostics.length > 0) {
    process.stderr.write(printDiagnostics(diagnostics, { color: wantsColor({}, process.stderr), secrets }));
  }
  if (read.some((one) => !one.ok)) return EXIT.wrong;
  process.stdout.write(`${paths.length === 1 ? `${paths[0]} is` : `${paths.length} playbooks are`} in order.\n`);
  return EXIT.done;
}
