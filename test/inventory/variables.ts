import type { Host } from '../../engine/inventory/inventory.ts';
import type { Templated } from '../../engine/language/templated.ts';
import { plain, type Value, type ValueMap } from '../../engine/language/values.ts';

/** What a host's layers come to: templates as they are written, floats as numbers. */
export function variablesOf(host: Host | undefined): ValueMap {
  const merged: Record<string, Value> = {};
  for (const layer of host?.layers ?? []) {
    for (const [name, node] of layer.entries) merged[name] = written(node);
  }
  return merged;
}

function written(node: Templated): Value {
  if (node.kind === 'literal') return plain(node.value);
  if (node.kind === 'template') return node.text;
  if (node.kind === 'list') return node.items.map(written);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, written(value)]));
}
