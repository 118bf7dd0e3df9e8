import type { UnitValue } from '../../engine/resources/unit_value.ts';

/** A service that runs and is enabled, but for what the case says. */
export function fillUnit(id: string, short: Record<string, unknown>, partial: boolean): unknown {
  if (partial) return short;
  const usual: UnitValue = {
    name: id.slice(id.indexOf('/') + 1),
    load: 'loaded',
    active: 'active',
    sub: 'running',
    enabled: true,
    file: 'enabled',
    masked: false,
    canReload: false,
    type: 'simple',
    once: false,
    stale: false,
  };
  return { ...usual, ...short };
}
