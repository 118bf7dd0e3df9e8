import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { findHost } from '../../engine/inventory/find_host.ts';
import type { Inventory } from '../../engine/inventory/inventory.ts';
import { loadInventory } from '../../engine/inventory/load_inventory.ts';
import { magicVariables } from '../../engine/inventory/magic.ts';
import { selectHosts } from '../../engine/inventory/patterns.ts';
import { writeFiles } from '../inventory/files.ts';
import { variablesOf } from '../inventory/variables.ts';
import { INVENTORY_CASES, type InventoryCase } from './inventory_cases.ts';

/** What inventory.py says of a case. */
interface Ansible {
  readonly hosts: readonly string[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly children: Readonly<Record<string, readonly string[]>>;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly patterns: Readonly<Record<string, readonly string[] | string>>;
}

const program = (process.env.PATH ?? '')
  .split(delimiter)
  .map((directory) => join(directory, 'ansible-inventory'))
  .find((path) => existsSync(path));
const skip = program === undefined && process.env.CI !== 'true' ? 'ansible-inventory is not installed' : false;

function located(test: InventoryCase, root: string) {
  const sources = test.sources.map((source) => (source.includes(',') ? source : join(root, source)));
  return { sources, playbookDir: test.playbookDir && join(root, test.playbookDir), patterns: test.patterns ?? [] };
}

function askAnsible(cases: readonly ReturnType<typeof located>[]): readonly Ansible[] {
  assert.ok(program, 'ansible-inventory must be installed in CI');
  // The interpreter that ansible-inventory itself runs on has Ansible's modules.
  const python =
    readFileSync(program, 'utf8')
      .split('\n')[0]
      ?.replace(/^#!\s*/, '') ?? '';
  const input = JSON.stringify(cases);
  const script = join(import.meta.dirname, 'inventory.py');
  const output = execFileSync(python, [script], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
  return JSON.parse(output) as Ansible[];
}

function load({ sources, playbookDir }: ReturnType<typeof located>): Inventory {
  const loaded = loadInventory(sources, { playbookDirs: playbookDir === undefined ? [] : [playbookDir] });
  assert.ok(loaded.ok, JSON.stringify(loaded, ['diagnostics', 'message', 'hint']));
  return loaded.value;
}

describe('inventories are read as Ansible reads them', { skip }, () => {
  const places = INVENTORY_CASES.map((test) => located(test, writeFiles(test.files)));
  let answers: readonly Ansible[] = [];
  before(() => {
    answers = askAnsible(places);
  });

  INVENTORY_CASES.forEach((test, index) => {
    it(test.name, () => {
      const inventory = load(places[index] as ReturnType<typeof located>);
      const ansible = answers[index] as Ansible;
      assert.deepEqual([...inventory.hosts.keys()], ansible.hosts);
      const groups = [...inventory.groups.values()];
      assert.deepEqual(Object.fromEntries(groups.map((group) => [group.name, group.hosts])), ansible.groups);
      assert.deepEqual(Object.fromEntries(groups.map((group) => [group.name, group.children])), ansible.children);
      for (const [name, variables] of Object.entries(ansible.variables)) {
        const ours = { ...variablesOf(findHost(inventory, name)), ...magicVariables(inventory, name) };
        // Ansible tells the implicit localhost where its own Python is.
        const { ansible_python_interpreter: _, ...theirs } = variables as Record<string, unknown>;
        assert.deepEqual({ [name]: ours }, { [name]: theirs });
      }
      for (const [pattern, expected] of Object.entries(ansible.patterns)) {
        const selected = selectHosts(inventory, pattern);
        const ours = selected.ok ? selected.value : `error: ${selected.diagnostics[0]?.message}`;
        assert.deepEqual({ [pattern]: ours }, { [pattern]: expected });
      }
    });
  });

  it('ansible-inventory --list gives the same hosts, groups and variables', () => {
    const place = located(INVENTORY_CASES[0] as InventoryCase, writeFiles(INVENTORY_CASES[0]?.files ?? {}));
    const inventory = load(place);
    assert.ok(program, 'ansible-inventory');
    const args = [...place.sources.flatMap((source) => ['-i', source]), '--list'];
    type Listed = Record<string, { children?: readonly string[] }>;
    const { _meta, ...groups } = JSON.parse(execFileSync(program, args, { encoding: 'utf8' })) as Listed & {
      _meta: { hostvars?: Record<string, unknown> };
    };
    for (const host of inventory.hosts.values()) {
      assert.deepEqual(variablesOf(host), _meta.hostvars?.[host.name] ?? {});
    }
    for (const group of inventory.groups.values()) {
      assert.deepEqual(groups[group.name]?.children ?? [], group.children);
    }
  });
});
