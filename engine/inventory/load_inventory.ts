import { resolve } from 'node:path';
import { fail, ok, type Result, warning } from '../language/diagnostics.ts';
import { loadVars } from '../language/load_playbook.ts';
import type { Opener } from '../language/opener.ts';
import { shownPath } from '../language/source.ts';
import { assemble } from './assemble.ts';
import { createDraft } from './draft.ts';
import type { Inventory } from './inventory.ts';
import { readInventorySource } from './read_sources.ts';
import { openVarsFiles } from './vars_files.ts';

/**
 * Reads what `-i` names (files in YAML or INI, directories of them, lists of hosts with a comma), one after the
 * other, with the group_vars/ and host_vars/ beside them and beside the playbooks. All mistakes are told at once;
 * a value that may be secret is in none of them.
 */
export function loadInventory(
  sources: readonly string[],
  options: { readonly playbookDirs: readonly string[]; readonly opener?: Opener | undefined },
): Result<Inventory> {
  const draft = createDraft(options.opener);
  const besideInventory: string[] = [];
  for (const source of sources) {
    const hosts = draft.hosts.size;
    const mistakes = draft.diagnostics.length;
    const directory = readInventorySource(draft, source);
    if (directory !== undefined) besideInventory.push(directory);
    if (draft.hosts.size === hosts && draft.diagnostics.length === mistakes && hosts === 0) {
      draft.diagnostics.push(warning('inventory', `the inventory ${shownPath(source)} names no hosts`));
    }
  }
  const files = openVarsFiles(
    (path, origin) => loadVars(path, origin, options.opener),
    draft.diagnostics,
    options.opener,
  );
  const besidePlaybook = lastOfEach(options.playbookDirs.map((path) => resolve(path)));
  const inventory = assemble(
    draft,
    files,
    // A directory named twice counts where it is named last.
    {
      besideInventory: lastOfEach(besideInventory).filter((path) => !besidePlaybook.includes(path)),
      besidePlaybook,
    },
    sources,
  );
  const errors = draft.diagnostics.filter(({ severity }) => severity === 'error');
  return errors.length > 0 ? fail(...draft.diagnostics) : ok(inventory, draft.diagnostics);
}

function lastOfEach(paths: readonly string[]): readonly string[] {
  return paths.filter((path, i) => paths.lastIndexOf(path) === i);
}
