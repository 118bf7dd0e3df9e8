import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { modules } from '../../modules/registry.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { loadInventory } from '../inventory/load_inventory.ts';
import { ok, type Result } from '../language/diagnostics.ts';
import { loadPlaybook, parseExtraVars } from '../language/load_playbook.ts';
import type { Opener } from '../language/opener.ts';
import type { Playbook } from '../language/syntax.ts';
import type { VarLayer } from '../language/templated.ts';
import type { RunOptions } from './options.ts';

export interface Input {
  readonly playbooks: readonly Playbook[];
  readonly inventory: Inventory;
  readonly extraVars: VarLayer;
}

/** Reads all files at once, so that all mistakes are told at once. `given`: the playbook is not to be read. */
export function readInput(
  paths: readonly string[],
  options: RunOptions,
  opener: Opener,
  given?: Playbook,
): Result<Input> {
  const playbooks = given === undefined ? paths.map((path) => loadPlaybook(path, modules, { opener })) : [ok(given)];
  const extraVars = parseExtraVars(options.extraVars, opener);
  const sources = options.inventory.length > 0 ? options.inventory : [defaultInventory()];
  const playbookDirs = [...new Set(paths.map((path) => dirname(resolve(path))))];
  const inventory = loadInventory(sources, { playbookDirs, opener });
  const all = [...playbooks, extraVars, inventory];
  const diagnostics = all.flatMap((one) => (one.ok ? [] : one.diagnostics));
  if (!inventory.ok || !extraVars.ok || diagnostics.length > 0) return { ok: false, diagnostics };
  return {
    ok: true,
    value: {
      playbooks: playbooks.flatMap((one) => (one.ok ? [one.value] : [])),
      inventory: inventory.value,
      extraVars: extraVars.value,
    },
    warnings: all.flatMap((one) => (one.ok ? (one.warnings ?? []) : [])),
  };
}

/** `inventory/local.yml` where one stands, else the one that comes with the program: this machine. */
export function defaultInventory(): string {
  const own = 'inventory/local.yml';
  if (existsSync(own)) return own;
  // dist/*.js and engine/commands/*.ts both stand below the package's root.
  for (let dir = dirname(fileURLToPath(import.meta.url)); dir !== dirname(dir); dir = dirname(dir)) {
    const shipped = join(dir, 'inventory', 'local.yml');
    if (existsSync(shipped)) return shipped;
  }
  return own;
}
