import { type Diagnostic, error, fail, ok, type Result, warning } from '../language/diagnostics.ts';
import { compilePythonRegex } from '../language/python_regex.ts';
import { didYouMean } from '../language/suggest.ts';
import { parseAddress } from './address.ts';
import { findHost, LOCALHOST } from './find_host.ts';
import { globPattern } from './glob.ts';
import type { Inventory, SelectHosts } from './inventory.ts';

/**
 * The hosts that a pattern names, each once, in Ansible's order: pattern by pattern, in each the order of the
 * inventory (Ansible: "Patterns: targeting hosts and groups"). A name that nothing has is an error, also behind `!`
 * and `&`, where Ansible goes on with more hosts than were meant; a glob or regex that matches nothing is a warning.
 */
export const selectHosts: SelectHosts = (inventory, pattern) => {
  const parts = splitPattern(pattern);
  if (parts.length === 0) {
    return fail(error('inventory', 'the host pattern is empty', undefined, 'Name a host, a group or `all`.'));
  }
  return selectParts(inventory, parts);
};

/** As `selectHosts`, for patterns that are taken apart already. */
export function selectParts(inventory: Inventory, parts: readonly string[]): Result<readonly string[]> {
  const excludes = parts.filter((part) => part.startsWith('!'));
  const intersections = parts.filter((part) => part.startsWith('&'));
  const plain = parts.filter((part) => !/^[!&]/.test(part));
  const diagnostics: Diagnostic[] = [];
  let hosts = new Set<string>();
  for (const part of plain.length > 0 ? plain : ['all']) {
    for (const host of matchOne(inventory, part, diagnostics)) hosts.add(host);
  }
  for (const part of intersections) {
    const other = new Set(matchOne(inventory, part.slice(1), diagnostics));
    hosts = new Set([...hosts].filter((host) => other.has(host)));
  }
  for (const part of excludes) {
    for (const host of matchOne(inventory, part.slice(1), diagnostics)) hosts.delete(host);
  }
  const failed = diagnostics.some(({ severity }) => severity === 'error');
  return failed ? fail(...diagnostics) : ok([...hosts], diagnostics);
}

/**
 * Commas part patterns, and colons where the whole is not an address or a range by itself: `web:&prod`, but
 * `2001:db8::1`, `web[1:3]` (Ansible's split_host_pattern).
 */
export function splitPattern(pattern: string): readonly string[] {
  return pattern.split(',').flatMap((part) => {
    const trimmed = part.trim();
    if (trimmed === '') return [];
    if (parseAddress(trimmed) !== undefined) return [trimmed];
    return trimmed.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? [trimmed];
  });
}

const SUBSCRIPT = /^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$/s;

function matchOne(inventory: Inventory, part: string, diagnostics: Diagnostic[]): readonly string[] {
  if (inventory.hosts.has(part)) return [part];
  const subscript = part.startsWith('~') ? null : SUBSCRIPT.exec(part);
  const hosts = enumerate(inventory, subscript?.[1] ?? part, diagnostics);
  if (subscript === null || hosts.length === 0) return hosts;
  const [, , single, from, to] = subscript;
  if (single === undefined) return hosts.slice(Number(from), to === '' ? undefined : Number(to) + 1);
  const host = hosts.at(Number(single));
  if (host !== undefined) return [host];
  const message = `\`${part}\` names no host: \`${subscript[1]}\` has ${hosts.length}, counted from 0`;
  diagnostics.push(error('inventory', message));
  return [];
}

function enumerate(inventory: Inventory, name: string, diagnostics: Diagnostic[]): readonly string[] {
  const matches = matcher(name, diagnostics);
  if (matches === undefined) return [];
  const groups = [...inventory.groups.values()].filter((group) => matches(group.name));
  const found = new Set(groups.flatMap((group) => group.hosts));
  if (groups.length === 0 || /^~|[.?*[]/.test(name)) {
    for (const host of inventory.hosts.keys()) if (matches(host)) found.add(host);
  }
  if (found.size > 0) return [...found];
  if (LOCALHOST.includes(name)) return [findHost(inventory, name)?.name ?? name];
  if (name === 'all' || name === '*') diagnostics.push(error('inventory', 'the inventory holds no hosts'));
  else if (groups.length === 0) diagnostics.push(unmatched(inventory, name));
  return [];
}

type Matcher = (candidate: string) => boolean;

function matcher(name: string, diagnostics: Diagnostic[]): Matcher | undefined {
  if (name.startsWith('~')) return regexMatcher(name.slice(1), diagnostics);
  const pattern = globPattern(name);
  if (pattern !== undefined) return (candidate) => pattern.test(candidate);
  diagnostics.push(error('inventory', `\`${name}\` is not a valid pattern`));
  return undefined;
}

/** Python's `re.match`: from the start of the name, to wherever it reaches. */
function regexMatcher(text: string, diagnostics: Diagnostic[]): Matcher | undefined {
  const compiled = compilePythonRegex(text);
  if (!compiled.ok) {
    diagnostics.push(error('inventory', `\`~${text}\` is not a valid regular expression: ${compiled.problem}`));
    return undefined;
  }
  const { js } = compiled.regex;
  return (candidate) => {
    js.lastIndex = 0;
    return js.exec(candidate)?.index === 0;
  };
}

function unmatched(inventory: Inventory, name: string): Diagnostic {
  if (/^~|[?*[]/.test(name)) return warning('inventory', `no host or group matches \`${name}\``);
  const names = [...inventory.groups.keys(), ...inventory.hosts.keys(), 'localhost'];
  const hint = didYouMean(name, names) ?? 'List what there is: `runbook inventory`.';
  return error('inventory', `there is no host or group \`${name}\` in the inventory`, undefined, hint);
}
