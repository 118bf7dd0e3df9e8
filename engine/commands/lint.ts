import { modules } from '../../modules/registry.ts';
import { loadPlaybook } from '../language/load_playbook.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { EXIT } from './exit_code.ts';
import { refuse } from './refuse.ts';
import { openerFor, type VaultOptions } from './vault_options.ts';

/** Reads playbooks and tells all their mistakes; contacts nobody. */
export async function lint(paths: readonly string[], options: VaultOptions, secrets: Secrets): Promise<number> {
  const opener = await openerFor(options, secrets);
  const read = opener.ok ? paths.map((path) => loadPlaybook(path, modules, { opener: opener.value })) : [opener];
  const diagnostics = read.flatMap((one) => (one.ok ? (one.warnings ?? []) : one.diagnostics));
  if (diagnostics.length > 0) refuse(diagnostics, secrets);
  if (read.some((one) => !one.ok)) return EXIT.wrong;
  process.stdout.write(`${paths.length === 1 ? `${paths[0]} is` : `${paths.length} playbooks are`} in order.\n`);
  return EXIT.done;
}
