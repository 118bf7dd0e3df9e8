import type { UfwValue } from '../../engine/resources/ufw.ts';
import { type Entry, entriesOf, linesOf } from '../../engine/resources/ufw_entries.ts';
import { isCounterpart } from '../../engine/resources/ufw_rule.ts';
import type { WantedRule, Wrong } from './ufw_wanted.ts';

/** Where a new rule goes: before the rule that has this number, from 1 on; `undefined`: after all others. */
export type Position = number | undefined;

export interface InsertParams {
  readonly insert?: number;
  readonly insert_relative_to: 'zero' | 'first-ipv4' | 'last-ipv4' | 'first-ipv6' | 'last-ipv6';
}

/** The rules with a new one in them, as ufw would put it there. */
export function withRule(found: UfwValue, wanted: WantedRule, params: InsertParams): UfwValue | Wrong {
  const [v4, v6] = [entriesOf(found.rules), entriesOf(found.rules6)];
  if (wanted.v6 !== undefined && wanted.v4 === undefined && !found.ipv6) {
    return { failed: 'a rule for IPv6 needs `IPV6=yes` in /etc/default/ufw', parameter: 'from_ip' };
  }
  const position = positionOf(params, v4.length, v6.length);
  if (typeof position === 'object') return position;
  const at = placesOf(position, v4, v6, wanted);
  if ('failed' in at) return at;
  const rules6 = found.ipv6 ? added(v6, wanted.v6, at.v6) : v6;
  return { ...found, rules: linesOf(added(v4, wanted.v4, at.v4)), rules6: linesOf(rules6) };
}

/** The rules without one. A comment has to match only where one is given, as for ufw. */
export function withoutRule(found: UfwValue, wanted: WantedRule): UfwValue {
  const left = (lines: readonly string[], entry: Entry | undefined) =>
    linesOf(entriesOf(lines).filter((one) => entry === undefined || !isMeant(one, entry)));
  return { ...found, rules: left(found.rules, wanted.v4), rules6: left(found.rules6, wanted.v6) };
}

function isMeant(there: Entry, entry: Entry): boolean {
  const [a, b] = [there.rules[0], entry.rules[0]];
  const comment = b.comment === '' || a.comment === b.comment;
  return there.key === entry.key && a.action === b.action && a.log === b.log && comment;
}

/** As Ansible's module works it out. */
function positionOf({ insert, insert_relative_to: from }: InsertParams, v4: number, v6: number): Position | Wrong {
  if (insert === undefined) return undefined;
  const last = v4 + v6;
  const bases = {
    zero: 0,
    'first-ipv4': 1,
    'last-ipv4': v4 || 1,
    'first-ipv6': v4 + 1,
    'last-ipv6': v6 > 0 ? last : last + 1,
  };
  const position = insert + bases[from];
  if (position < 1)
    return { failed: `there is no position ${position}: rules are numbered from 1 on`, parameter: 'insert' };
  if (position <= last) return position;
  if (from !== 'zero' || position === last + 1) return undefined;
  return { failed: `there is no position ${position}: the firewall has ${last} rules`, parameter: 'insert' };
}

/** The index in each list; a number is that of one family, and the other goes before the same rule there. */
function placesOf(
  position: Position,
  v4: readonly Entry[],
  v6: readonly Entry[],
  wanted: WantedRule,
): { readonly v4: Position; readonly v6: Position } | Wrong {
  if (position === undefined) return { v4: undefined, v6: undefined };
  const four = position <= v4.length;
  if (!four && wanted.v6 === undefined) {
    return { failed: `position ${position} is one of the IPv6 rules, and this one is for IPv4`, parameter: 'insert' };
  }
  if (four && wanted.v4 === undefined) {
    return { failed: `position ${position} is one of the IPv4 rules, and this one is for IPv6`, parameter: 'insert' };
  }
  if (four) return { v4: position - 1, v6: counterpart(v4[position - 1], v6) };
  const index = position - v4.length - 1;
  return { v4: counterpart(v6[index], v4), v6: index };
}

function counterpart(entry: Entry | undefined, others: readonly Entry[]): Position {
  const index = entry === undefined ? -1 : others.findIndex(({ rules }) => isCounterpart(rules[0], entry.rules[0]));
  return index === -1 ? undefined : index;
}

/** One that is there but for action, log and comment is replaced where it stands; inserted, it is left as it is. */
function added(list: readonly Entry[], entry: Entry | undefined, index: Position): readonly Entry[] {
  if (entry === undefined) return list;
  if (!list.some(({ key }) => key === entry.key)) return list.toSpliced(index ?? list.length, 0, entry);
  return index === undefined ? list.map((one) => (one.key === entry.key ? entry : one)) : list;
}
