import { type Diagnostic, warning } from '../language/diagnostics.ts';
import type { Templated, VarLayer } from '../language/templated.ts';
import { type Draft, type GroupDraft, type HostDraft, link } from './draft.ts';
import type { Group, Host, Inventory } from './inventory.ts';
import type { VarsFiles } from './vars_files.ts';

/** Directories with group_vars/ and host_vars/, in rising precedence. */
export interface VarsDirectories {
  readonly besideInventory: readonly string[];
  readonly besidePlaybook: readonly string[];
}

/** Applies Ansible's rules for `all` and `ungrouped`, ranks the groups and gives every host its variables. */
export function assemble(
  draft: Draft,
  files: VarsFiles,
  directories: VarsDirectories,
  sources: readonly string[],
): Inventory {
  reconcile(draft);
  draft.diagnostics.push(...nameClashes(draft));
  const lineage = readLineage(draft);
  const layersOf = hostLayers(draft, files, directories);
  const hosts = new Map<string, Host>();
  for (const host of draft.hosts.values()) {
    const groups = lineage.groupsOf(host.name);
    const names = groups.map(({ name }) => name).sort();
    const layers = layersOf(host.name, groups, host.layers);
    hosts.set(host.name, { name: host.name, groups: names, layers, file: host.file, span: host.span });
  }
  const groups = new Map<string, Group>();
  for (const group of draft.groups.values()) {
    const { name, children } = group;
    groups.set(name, { name, hosts: hostsBelow(draft, group), children: [...children] });
  }
  const localhost: Host = {
    name: 'localhost',
    groups: [],
    layers: layersOf('localhost', [], [implicitConnection()]),
    file: undefined,
  };
  return { hosts, groups, sources, localhost };
}

/** Without a place in a file: nobody wrote it. */
function implicitConnection(): VarLayer {
  const span = { source: { path: 'implicit localhost', text: '' }, start: 0, end: 0 };
  const local: Templated = { kind: 'literal', value: 'local', span };
  return { origin: 'implicit localhost', entries: new Map([['ansible_connection', local]]) };
}

/** Every group belongs to `all`; a host belongs to `ungrouped` if and only if it has no other group. */
function reconcile(draft: Draft): void {
  for (const { name, parents } of draft.groups.values()) {
    if (name !== 'all' && parents.size === 0) link(draft, 'all', name);
  }
  const grouped = new Set<string>();
  for (const group of draft.groups.values()) {
    if (group.name !== 'all' && group.name !== 'ungrouped') for (const host of group.hosts) grouped.add(host);
  }
  const ungrouped = draft.groups.get('ungrouped');
  for (const name of draft.hosts.keys()) {
    if (grouped.has(name)) ungrouped?.hosts.delete(name);
    else ungrouped?.hosts.add(name);
  }
}

function nameClashes(draft: Draft): readonly Diagnostic[] {
  const clashes = [...draft.hosts.values()].filter((host) => draft.groups.has(host.name));
  return clashes.map(({ name, span }) => {
    return warning('inventory', `\`${name}\` is the name of a host and of a group`, span, 'Rename one of the two.');
  });
}

interface Lineage {
  /** All groups of a host but `all`, in rising precedence: by depth, priority and name. */
  groupsOf(host: string): readonly GroupDraft[];
}

function readLineage(draft: Draft): Lineage {
  const rank = rankGroups(draft);
  const direct = new Map<string, GroupDraft[]>();
  for (const group of draft.groups.values()) {
    for (const host of group.hosts) {
      const groups = direct.get(host);
      if (groups === undefined) direct.set(host, [group]);
      else groups.push(group);
    }
  }
  const byMembership = new Map<string, readonly GroupDraft[]>();
  return {
    groupsOf(host) {
      const own = direct.get(host) ?? [];
      const key = own.map(({ name }) => name).join('\n');
      const known = byMembership.get(key);
      if (known !== undefined) return known;
      const groups = withAncestors(draft, own).filter(({ name }) => name !== 'all');
      groups.sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
      byMembership.set(key, groups);
      return groups;
    },
  };
}

function withAncestors(draft: Draft, own: readonly GroupDraft[]): GroupDraft[] {
  const found = new Set(own);
  for (const group of found) {
    for (const parent of group.parents) {
      const above = draft.groups.get(parent);
      if (above !== undefined) found.add(above);
    }
  }
  return [...found];
}

/** The place of each group in the order of precedence. Depth is the length of the longest way down from `all`. */
function rankGroups(draft: Draft): ReadonlyMap<GroupDraft, number> {
  const depth = new Map<string, number>();
  const waiting = new Map([...draft.groups.values()].map((group) => [group.name, group.parents.size]));
  const ready = [...draft.groups.values()].filter((group) => group.parents.size === 0);
  for (const group of ready) {
    for (const child of group.children) {
      depth.set(child, Math.max(depth.get(child) ?? 0, (depth.get(group.name) ?? 0) + 1));
      const left = (waiting.get(child) ?? 0) - 1;
      waiting.set(child, left);
      const next = draft.groups.get(child);
      if (left === 0 && next !== undefined) ready.push(next);
    }
  }
  const sorted = [...draft.groups.values()].sort((a, b) => {
    const deeper = (depth.get(a.name) ?? 0) - (depth.get(b.name) ?? 0);
    return deeper || a.priority - b.priority || (a.name < b.name ? -1 : 1);
  });
  return new Map(sorted.map((group, rank) => [group, rank]));
}

/** The group's own hosts, then its children's, then theirs. */
function hostsBelow(draft: Draft, group: GroupDraft): readonly string[] {
  const hosts = new Set<string>();
  const groups = new Set([group]);
  for (const each of groups) {
    for (const host of each.hosts) hosts.add(host);
    for (const child of each.children) {
      const below = draft.groups.get(child);
      if (below !== undefined) groups.add(below);
    }
  }
  return [...hosts];
}

function hostLayers(draft: Draft, files: VarsFiles, directories: VarsDirectories) {
  const { besideInventory, besidePlaybook } = directories;
  const all = draft.groups.get('all')?.layers ?? [];
  const beside = (paths: readonly string[], kind: 'group_vars' | 'host_vars', names: readonly string[]) =>
    paths.flatMap((path) => names.flatMap((name) => files.layers(path, kind, name)));
  const byGroups = new Map<readonly GroupDraft[], readonly VarLayer[]>();

  function ofGroups(groups: readonly GroupDraft[]): readonly VarLayer[] {
    const names = groups.map(({ name }) => name);
    return [
      ...all,
      ...groups.flatMap((group) => group.layers),
      ...beside(besideInventory, 'group_vars', ['all']),
      ...beside(besidePlaybook, 'group_vars', ['all']),
      ...beside(besideInventory, 'group_vars', names),
      ...beside(besidePlaybook, 'group_vars', names),
    ];
  }

  return (host: string, groups: readonly GroupDraft[], own: HostDraft['layers'] | readonly VarLayer[]) => {
    const shared = byGroups.get(groups) ?? ofGroups(groups);
    byGroups.set(groups, shared);
    return [
      ...shared,
      ...own,
      ...beside(besideInventory, 'host_vars', [host]),
      ...beside(besidePlaybook, 'host_vars', [host]),
    ];
  };
}
