import type { ValueMap } from '../../engine/language/values.ts';
import { sizeOf } from '../../engine/resources/content.ts';
import type { PathValue } from '../../engine/resources/path_value.ts';

/** What Ansible adds to the result of every module that makes a file: `mode`, `owner`, `size`, ... */
export function pathInfo(value: PathValue | null, before: PathValue | null = value): ValueMap {
  if (value === null) return {};
  const uid = idOf(value.owner, value.owner === before?.owner ? before?.stat?.uid : value.stat?.uid);
  const gid = idOf(value.group, value.group === before?.group ? before?.stat?.gid : value.stat?.gid);
  const size = value.kind === 'file' && value.content !== undefined ? sizeOf(value.content) : value.stat?.size;
  return {
    state: stateOf(value),
    mode: value.kind === 'link' ? '0777' : resultMode(value.mode),
    ...(value.owner !== undefined && { owner: value.owner }),
    ...(value.group !== undefined && { group: value.group }),
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    ...(size !== undefined && { size }),
  };
}

/** As Ansible tells a mode, but for `stat`: a zero, then at least three digits. */
function resultMode(mode: number): string {
  return `0${mode.toString(8).padStart(3, '0')}`;
}

function stateOf(value: PathValue): string {
  if (value.kind === 'file') return (value.stat?.links ?? 1) > 1 || value.hard !== undefined ? 'hard' : 'file';
  return value.kind === 'other' ? 'file' : value.kind;
}

/** The number of a user or group: seen, written as a number, or root's. */
export function idOf(name: string | undefined, seen: number | undefined): number | undefined {
  if (seen !== undefined) return seen;
  if (name === 'root') return 0;
  return name !== undefined && /^\d+$/.test(name) ? Number(name) : undefined;
}

export const PATH_RETURNS: { readonly [name: string]: string } = {
  state: '`file`, `directory`, `link` or `hard`.',
  mode: 'Permissions, such as `0644`.',
  owner: 'Name of the owner.',
  group: 'Name of the group.',
  uid: 'Number of the owner.',
  gid: 'Number of the group.',
  size: 'Size in bytes.',
};
