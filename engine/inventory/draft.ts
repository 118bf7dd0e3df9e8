import { type Diagnostic, error, type Span } from '../language/diagnostics.ts';
import type { Opener } from '../language/opener.ts';
import type { Templated, VarLayer } from '../language/templated.ts';

/** An inventory while its files are being read: hosts and groups in the order in which they are first named. */
export interface Draft {
  readonly groups: Map<string, GroupDraft>;
  readonly hosts: Map<string, HostDraft>;
  readonly diagnostics: Diagnostic[];
  /** Opens what is encrypted. */
  readonly opener: Opener | undefined;
}

export interface GroupDraft {
  readonly name: string;
  /** Its own hosts, not its children's. */
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly parents: Set<string>;
  readonly layers: DraftLayer[];
  /** `ansible_group_priority`. */
  priority: number;
}

export interface HostDraft {
  readonly name: string;
  readonly file: string;
  readonly span: Span | undefined;
  readonly layers: DraftLayer[];
}

export interface DraftLayer extends VarLayer {
  readonly entries: Map<string, Templated>;
}

/** Ansible's two groups that always are. */
export function createDraft(opener?: Opener): Draft {
  const draft: Draft = { groups: new Map(), hosts: new Map(), diagnostics: [], opener };
  addGroup(draft, 'all');
  addGroup(draft, 'ungrouped');
  link(draft, 'all', 'ungrouped');
  return draft;
}

export function addGroup(draft: Draft, name: string): GroupDraft {
  const known = draft.groups.get(name);
  if (known !== undefined) return known;
  const group = { name, hosts: new Set<string>(), children: new Set<string>(), parents: new Set<string>() };
  const added: GroupDraft = { ...group, layers: [], priority: 1 };
  draft.groups.set(name, added);
  return added;
}

export interface HostPlace {
  /** The inventory file, absolute, or a host list as given. */
  readonly file: string;
  readonly span: Span | undefined;
}

/** `isNew` where no line before this one named the host. */
export function addHost(
  draft: Draft,
  name: string,
  group: string,
  place: HostPlace,
): { readonly host: HostDraft; readonly isNew: boolean } {
  addGroup(draft, group).hosts.add(name);
  const known = draft.hosts.get(name);
  if (known !== undefined) return { host: known, isNew: false };
  const host: HostDraft = { name, ...place, layers: [] };
  draft.hosts.set(name, host);
  return { host, isNew: true };
}

/** Makes one group the child of another. A loop is a diagnostic at `span`, and the link is not made. */
export function addChild(draft: Draft, parent: string, child: string, span: Span): void {
  if (child === 'all') {
    draft.diagnostics.push(error('inventory', '`all` cannot be the child of a group: it holds every group', span));
    return;
  }
  const path = pathDown(draft, child, parent);
  if (path !== undefined) {
    const loop = [parent, ...path].map((name) => `\`${name}\``).join(' > ');
    draft.diagnostics.push(error('inventory', `the group \`${parent}\` would contain itself: ${loop}`, span));
    return;
  }
  link(draft, parent, child);
}

export function link(draft: Draft, parent: string, child: string): void {
  addGroup(draft, parent).children.add(child);
  addGroup(draft, child).parents.add(parent);
}

/** The way from a group down to one of its descendants, both named. */
function pathDown(draft: Draft, from: string, to: string): readonly string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  for (const name of cameFrom.keys()) {
    if (name === to) return trace(cameFrom, to);
    for (const child of draft.groups.get(name)?.children ?? []) {
      if (!cameFrom.has(child)) cameFrom.set(child, name);
    }
  }
  return undefined;
}

function trace(cameFrom: ReadonlyMap<string, string | undefined>, to: string): readonly string[] {
  const path: string[] = [];
  for (let name: string | undefined = to; name !== undefined; name = cameFrom.get(name)) path.unshift(name);
  return path;
}

/** Within one source the last value of a variable counts; each source is a layer of its own. */
export function setVariable(owner: GroupDraft | HostDraft, origin: string, name: string, value: Templated): void {
  let layer = owner.layers.at(-1);
  if (layer?.origin !== origin) {
    layer = { origin, entries: new Map() };
    owner.layers.push(layer);
  }
  layer.entries.set(name, value);
}

/** As `setVariable`; `ansible_group_priority` sets the group's rank among groups of equal depth instead. */
export function setGroupVariable(
  draft: Draft,
  group: GroupDraft,
  origin: string,
  name: string,
  value: Templated,
): void {
  if (name !== 'ansible_group_priority') {
    setVariable(group, origin, name, value);
    return;
  }
  const priority = value.kind === 'literal' ? Number(value.value ?? Number.NaN) : Number.NaN;
  if (Number.isSafeInteger(priority)) {
    group.priority = priority;
  } else {
    draft.diagnostics.push(error('inventory', '`ansible_group_priority` must be a whole number', value.span));
  }
}
