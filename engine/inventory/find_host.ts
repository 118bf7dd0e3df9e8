import type { Host, Inventory } from './inventory.ts';

/** Names that mean this machine even where the inventory does not hold them. */
export const LOCALHOST: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/**
 * The host of that name. A name for this machine that the inventory does not hold means the host that the inventory
 * calls by another of them, and if there is none the implicit localhost (Ansible: "Implicit localhost").
 */
export function findHost(inventory: Inventory, name: string): Host | undefined {
  const host = inventory.hosts.get(name);
  if (host !== undefined || !LOCALHOST.includes(name)) return host;
  for (const other of inventory.hosts.values()) if (LOCALHOST.includes(other.name)) return other;
  return inventory.localhost.name === name ? inventory.localhost : { ...inventory.localhost, name };
}
