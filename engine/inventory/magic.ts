import { dirname } from 'node:path';
import type { ValueMap } from '../language/values.ts';
import { isIpAddress } from './address.ts';
import { findHost } from './find_host.ts';
import type { Inventory } from './inventory.ts';

const groupsOf = new WeakMap<Inventory, ValueMap>();

/**
 * Ansible's magic variables that the inventory tells: `inventory_hostname`, `inventory_hostname_short`,
 * `group_names`, `groups`, `inventory_file` and `inventory_dir` (neither for the implicit localhost).
 */
export function magicVariables(inventory: Inventory, hostName: string): ValueMap {
  const host = findHost(inventory, hostName);
  const name = host?.name ?? hostName;
  const origin: ValueMap =
    host?.file === undefined
      ? {}
      : { inventory_file: host.file, inventory_dir: host.file.startsWith('/') ? dirname(host.file) : null };
  return {
    inventory_hostname: name,
    inventory_hostname_short: isIpAddress(name) ? name : (name.split('.')[0] ?? name),
    group_names: host?.groups ?? [],
    groups: groups(inventory),
    ...origin,
  };
}

/** The same map for every host: made once. */
function groups(inventory: Inventory): ValueMap {
  let map = groupsOf.get(inventory);
  if (map === undefined) {
    map = Object.fromEntries([...inventory.groups.values()].map((group) => [group.name, group.hosts]));
    groupsOf.set(inventory, map);
  }
  return map;
}
