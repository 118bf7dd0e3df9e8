import type { UfwValue } from '../../engine/resources/ufw.ts';

/** The firewall as its package brings it, but for what the case says. `both` is short for the same rule in each family. */
export function fillUfw(_id: string, short: Record<string, unknown>, partial: boolean): unknown {
  const { both, ...said } = short as { both?: readonly string[] };
  const rules = both && { rules: both, rules6: both.map((rule) => rule.replaceAll('0.0.0.0/0', '::/0')) };
  if (partial) return { ...said, ...rules };
  const usual: UfwValue = {
    ...{ enabled: false, active: false, logging: 'low', ipv6: true, rules: [], rules6: [] },
    ...{ incoming: 'deny', outgoing: 'allow', routed: 'deny' },
  };
  return { ...usual, ...said, ...rules };
}
