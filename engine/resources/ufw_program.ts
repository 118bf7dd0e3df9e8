import type { Change } from '../planning/contracts.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import type { UfwValue } from './ufw.ts';
import { type Entry, entriesOf } from './ufw_entries.ts';
import { type Family, isCounterpart, ruleWords } from './ufw_rule.ts';

/** Makes the firewall so by ufw's own commands: rules before policies, and both before it is loaded. */
export function ufwProgram(changes: readonly Change<UfwValue>[]): Sh {
  return join(changes.map(programOne), ' && ');
}

function programOne({ before, after, options }: Change<UfwValue>): Sh {
  if (before === null || after === null) return sh`{ echo 'ufw comes and goes with its package' >&2; exit 1; }`;
  const reset = options.reset === true;
  const from = reset ? { ...before, enabled: false, active: false, rules: [], rules6: [] } : before;
  const commands = [
    ...(reset ? [['--force', 'reset']] : []),
    ...((from.enabled || from.active) && !after.enabled ? [['--force', 'disable']] : []),
    ...ruleCommands(from, after),
    ...(['incoming', 'outgoing', 'routed'] as const).flatMap((way) =>
      from[way] === after[way] ? [] : [['default', after[way], way]],
    ),
    ...(from.logging === after.logging ? [] : [['logging', after.logging]]),
    ...(after.enabled && !(from.enabled && from.active) ? [['--force', 'enable']] : []),
  ];
  return join([...commands.map((words) => sh`ufw ${words} >/dev/null`), sh`:`], ' && ');
}

type Operation = { readonly entry: Entry } & (
  | { readonly kind: 'delete' | 'append' | 'replace' }
  /** Before the entry that has this index by then. */
  | { readonly kind: 'insert'; readonly at: number }
);

/** Both families go on in step as long as they want the same: one command does it for both then. */
function ruleCommands(before: UfwValue, after: UfwValue): readonly (readonly string[])[] {
  const four = operations(entriesOf(before.rules), entriesOf(after.rules));
  const six = [...operations(entriesOf(before.rules6), entriesOf(after.rules6))];
  const commands: (readonly string[])[] = [];
  let count = entriesOf(before.rules).length;
  const alone = (operation: Operation, family: Family) => {
    commands.push(commandOf(operation, family, family === 'v4' ? 0 : count));
    if (family === 'v4') count += growth(operation);
  };
  for (const operation of four) {
    const twin = six.findIndex((other) => isTwin(operation, other));
    if (twin === -1) {
      alone(operation, 'v4');
      continue;
    }
    for (const other of six.splice(0, twin)) alone(other, 'v6');
    six.shift();
    commands.push(commandOf(operation, 'both', 0));
    count += growth(operation);
  }
  for (const operation of six) alone(operation, 'v6');
  return commands;
}

function growth({ kind }: Operation): number {
  return kind === 'delete' ? -1 : kind === 'replace' ? 0 : 1;
}

function isTwin(a: Operation, b: Operation): boolean {
  if (a.kind !== b.kind || a.kind === 'insert' || a.entry.rules.length !== b.entry.rules.length) return false;
  return a.entry.rules.every((rule, i) => {
    const other = b.entry.rules[i];
    return other !== undefined && isCounterpart(rule, other);
  });
}

/** ufw counts the rules of IPv6 on from those of IPv4, of which there are `offset`. */
function commandOf(operation: Operation, family: Family | 'both', offset: number): readonly string[] {
  const { entry, kind } = operation;
  const [rule] = entry.rules;
  const verb = kind === 'delete' ? ['delete'] : kind === 'insert' ? ['insert', String(offset + operation.at + 1)] : [];
  return [...(rule.routed ? ['route'] : []), ...verb, ...ruleWords(rule, family, kind !== 'delete')];
}

/** What makes one list of the other. ufw replaces a rule by one that differs in action, log or comment. */
function operations(before: readonly Entry[], after: readonly Entry[]): readonly Operation[] {
  const kept = commonKeys(before, after);
  const list: Operation[] = before
    .filter(({ key }) => !kept.has(key))
    .map((entry): Operation => ({ kind: 'delete', entry }));
  const was = new Map(before.map((entry) => [entry.key, entry]));
  let ahead = kept.size;
  for (const [at, entry] of after.entries()) {
    const old = kept.has(entry.key) ? was.get(entry.key) : undefined;
    if (old !== undefined) {
      ahead--;
      if (old.text !== entry.text) list.push({ kind: 'replace', entry });
    } else list.push(ahead === 0 ? { kind: 'append', entry } : { kind: 'insert', entry, at });
  }
  // What ufw calls a position is not certain where one rule stands for several.
  const certain = [...before, ...after].every(({ rules }) => rules.length === 1);
  return certain || list.every(({ kind }) => kind !== 'insert') ? list : rebuilt(before, after);
}

/** All from the first difference on is taken away and put there again. */
function rebuilt(before: readonly Entry[], after: readonly Entry[]): readonly Operation[] {
  const same = before.findIndex((entry, i) => entry.text !== after[i]?.text);
  const first = same === -1 ? before.length : same;
  return [
    ...before.slice(first).map((entry): Operation => ({ kind: 'delete', entry })),
    ...after.slice(first).map((entry): Operation => ({ kind: 'append', entry })),
  ];
}

/** Keys of the longest common subsequence: the rules that stay where they are. */
function commonKeys(before: readonly Entry[], after: readonly Entry[]): ReadonlySet<string> {
  const longest = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  const at = (i: number, j: number) => longest[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const row = longest[i] as number[];
      row[j] = before[i]?.key === after[j]?.key ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const kept = new Set<string>();
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    const entry = before[i] as Entry;
    if (entry.key === after[j]?.key) {
      kept.add(entry.key);
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return kept;
}
