import type { Change, Diff, Ref, ResourceType, Seen } from '../planning/contracts.ts';
import { join, type Sh, sh, tidy } from '../transport/sh.ts';
import { complaint, count, partLines } from './answer_text.ts';

export interface GroupValue {
  readonly name: string;
  /** Missing where a group is yet to be made and the host chooses. */
  readonly gid?: number;
  /** Whether it stands in /etc/group and not only in a directory service. Aspect `local`. */
  readonly local?: boolean;
}

/** Options of a change: `system` (groupadd -r), `nonUnique` (-o), `force` (groupdel -f). */
export const groupType: ResourceType<GroupValue> = {
  name: 'group',
  collect,
  parse,
  transition,
  describe,
  affects,
  access,
};

/**
 * A group by name, or by number where `id` is all digits (as getent(1) takes it).
 * The aspect `local` also asks whether /etc/group has it.
 */
export function group(id: string, ...aspects: readonly 'local'[]): Ref<GroupValue> {
  return { type: groupType, id, aspects };
}

function collect(refs: readonly Ref<GroupValue>[]): Sh {
  const local = refs.filter((ref) => ref.aspects.includes('local'));
  const parts = [
    sh`rb_part all\ngetent group -- ${refs.map((ref) => ref.id)}\nrb_status=$?\nrb_part status\necho "$rb_status"`,
  ];
  if (local.length > 0) parts.push(sh`rb_part files\ngetent -s files group -- ${local.map((ref) => ref.id)} || :`);
  return tidy(join(parts));
}

function parse(
  answer: Parameters<ResourceType<GroupValue>['parse']>[0],
  refs: readonly Ref<GroupValue>[],
): readonly Seen[] {
  // getent(1): 0 all found, 2 one or more not found.
  const status = partLines(answer, 'status')[0];
  if (status !== '0' && status !== '2') return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const all = parseGroups(partLines(answer, 'all'));
  const files = parseGroups(partLines(answer, 'files'));
  return refs.map((ref) => {
    const found = findGroup(all, ref.id);
    if (found === undefined || found.gid === undefined) return { ref, value: null };
    const local = ref.aspects.includes('local') ? { local: findGroup(files, ref.id) !== undefined } : {};
    return { ref, value: { name: found.name, gid: found.gid, ...local } };
  });
}

/** A line of group(5). */
export interface GroupLine {
  readonly name: string;
  readonly gid: number | undefined;
  readonly members: readonly string[];
}

export function parseGroups(text: readonly string[]): readonly GroupLine[] {
  return text.flatMap((line) => {
    const [name, , gid, members, ...more] = line.split(':');
    if (name === undefined || name === '' || members === undefined || more.length > 0) return [];
    return [{ name, gid: count(gid), members: members.split(',').filter((m) => m !== '') }];
  });
}

function findGroup(groups: readonly GroupLine[], id: string): GroupLine | undefined {
  return groups.find((g) => g.name === id) ?? groups.find((g) => g.gid !== undefined && String(g.gid) === id);
}

function transition(changes: readonly Change<GroupValue>[]): Sh {
  return join(changes.map(transitionOne), ' && ');
}

function transitionOne({ before, after, ref, options }: Change<GroupValue>): Sh {
  if (after === null) return sh`groupdel ${options.force === true ? ['-f'] : []} ${before?.name ?? ref.id}`;
  const gid = after.gid === undefined ? [] : ['-g', String(after.gid), ...(options.nonUnique === true ? ['-o'] : [])];
  if (before === null) return sh`groupadd ${gid} ${options.system === true ? ['-r'] : []} ${after.name}`;
  return sh`groupmod ${gid} ${before.name}`;
}

function describe({ ref, before, after, options }: Change<GroupValue>): Diff {
  const title = `group ${after?.name ?? before?.name ?? ref.id}`;
  const shown = (value: GroupValue | null) =>
    value === null ? undefined : String(value.gid ?? nextFree(options.system));
  return {
    title,
    action: before === null ? 'create' : after === null ? 'remove' : 'change',
    attributes: [{ name: 'gid', before: shown(before), after: shown(after) }],
  };
}

function nextFree(system: unknown): string {
  return system === true ? 'next free system gid' : 'next free';
}

const FILES = new Set(['/etc/group', '/etc/gshadow']);

function affects({ before, after }: Change<GroupValue>, other: Ref, value: unknown): boolean {
  if (other.type.name === 'path') return FILES.has(other.id);
  if (other.type.name !== 'user' || after !== null) return false;
  const name = before?.name;
  const user = value as { group?: unknown; groups?: unknown } | null;
  return user !== null && (user.group === name || (Array.isArray(user.groups) && user.groups.includes(name)));
}

/** sudoers and sshd's AllowGroups name groups: nobody can tell from here which of them let us in. */
function access(): boolean {
  return true;
}
