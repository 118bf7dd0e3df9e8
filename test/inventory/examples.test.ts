import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findHost } from '../../engine/inventory/find_host.ts';
import type { Inventory } from '../../engine/inventory/inventory.ts';
import { loadInventory } from '../../engine/inventory/load_inventory.ts';
import { selectHosts } from '../../engine/inventory/patterns.ts';
import { resolveRoute } from '../../engine/inventory/route.ts';
import { ok } from '../../engine/language/diagnostics.ts';
import type { Value } from '../../engine/language/values.ts';
import { testController } from './controller.ts';
import { told } from './diagnostics.ts';
import { variablesOf } from './variables.ts';

const root = join(import.meta.dirname, '../..');

/** With the variables that stand beside the playbooks, or without. */
function load(name: string, playbookDirs = [join(root, 'playbooks')]): Inventory {
  const loaded = loadInventory([join(root, 'inventory', name)], { playbookDirs });
  assert.ok(loaded.ok, told(loaded).join('\n'));
  assert.deepEqual(told(loaded), []);
  return loaded.value;
}

async function routeOf(inventory: Inventory, name: string) {
  const host = findHost(inventory, name);
  assert.ok(host, name);
  const variables = variablesOf(host);
  const lookUp = (variable: string) =>
    Object.hasOwn(variables, variable) ? ok(variables[variable] as Value) : undefined;
  const resolved = await resolveRoute(host, lookUp, {}, testController().controller);
  assert.ok(resolved.ok, told(resolved).join('\n'));
  return resolved.value.route;
}

describe('the example inventories', () => {
  it('local.yml is this machine and nothing else', async () => {
    const inventory = load('local.yml', []);
    assert.deepEqual(selectHosts(inventory, 'all'), ok(['localhost']));
    assert.deepEqual(variablesOf(inventory.hosts.get('localhost')), { ansible_connection: 'local' });
    assert.deepEqual(await routeOf(inventory, 'localhost'), { kind: 'local' });
  });
  it('production.yml has groups, ranges, group_vars and a jump', async () => {
    const inventory = load('production.yml');
    assert.deepEqual(
      selectHosts(inventory, 'web:db'),
      ok(['web01.example.com', 'web02.example.com', 'db-a.example.com', 'db-b.example.com']),
    );
    const route = await routeOf(inventory, 'db-b.example.com');
    assert.ok(route.kind === 'ssh', 'over ssh');
    assert.equal(route.address, '2001:db8:0:3::32');
    assert.equal(route.user, 'deploy');
    assert.deepEqual(
      route.jumps.map(({ address, user }) => [address, user]),
      [['203.0.113.10', 'deploy']],
    );
  });
});
