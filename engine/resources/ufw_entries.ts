import { readRule, ruleKey, ruleLine, type UfwRule } from './ufw_rule.ts';

/** What ufw counts as one rule: one line, or all lines that an application profile has given. */
export interface Entry {
  readonly rules: readonly [UfwRule, ...UfwRule[]];
  /** ufw keeps one entry of a key. */
  readonly key: string;
  /** All of it. */
  readonly text: string;
}

/** Lines that ufw itself would not read are passed over, as it does. */
export function entriesOf(lines: readonly string[]): readonly Entry[] {
  const groups: [UfwRule, ...UfwRule[]][] = [];
  for (const line of lines) {
    const rule = readRule(line);
    if (rule === undefined) continue;
    const last = groups.at(-1);
    if (last !== undefined && isApp(rule) && appKey(last[0]) === appKey(rule)) last.push(rule);
    else groups.push([rule]);
  }
  return groups.map(entryOf);
}

export function entryOf(rules: readonly [UfwRule, ...UfwRule[]]): Entry {
  const [rule] = rules;
  const key = isApp(rule) ? appKey(rule) : ruleKey(rule);
  return { rules, key, text: rules.map(ruleLine).join('\n') };
}

export function linesOf(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ rules }) => rules.map(ruleLine));
}

function isApp({ toApp, fromApp }: UfwRule): boolean {
  return toApp !== '' || fromApp !== '';
}

/** The ports of a profile are its own business. */
function appKey(rule: UfwRule): string {
  const { toApp, fromApp } = rule;
  const ports = { ...(toApp !== '' && { toPort: 'any' }), ...(fromApp !== '' && { fromPort: 'any' }) };
  return ruleKey({ ...rule, protocol: 'any', ...ports });
}
