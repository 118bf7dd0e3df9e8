import type { ParamProperty } from '../../engine/language/module_spec.ts';
import type { PathAspect } from '../../engine/resources/path_look.ts';
import { asFound, type PathValue, sameName } from '../../engine/resources/path_value.ts';
import type { Failure } from './failure.ts';
import { resolveMode } from './mode.ts';

/** Parameters that all modules that make files share. */
export interface AttributeParams {
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly attributes?: string;
  readonly seuser?: string;
  readonly serole?: string;
  readonly setype?: string;
  readonly selevel?: string;
  readonly unsafe_writes: boolean;
}

const SELINUX = 'Accepted for the sake of playbooks that are shared with other systems; ignored with a warning.';

export const ATTRIBUTES: { readonly [name: string]: ParamProperty } = {
  mode: {
    type: 'string',
    format: 'mode',
    description:
      'Permissions: octal in quotes ("0644") or symbolic (`u=rwX,g=rX,o=`). Default: those it has; of a new file 0644, of a new directory 0755.',
  },
  owner: { type: 'string', description: 'User who owns it: a name or a number.' },
  group: { type: 'string', description: 'Group that owns it: a name or a number.' },
  attributes: {
    type: 'string',
    aliases: ['attr'],
    pattern: '^[-+=]?[AacCdDijmPsStTuxF]*$',
    description: 'Letters of chattr(1), such as `+i`; without an operator they are the whole set.',
  },
  unsafe_writes: {
    type: 'boolean',
    default: false,
    description: 'Where the file cannot be replaced at once (a mount point, as in containers), write into it instead.',
  },
  seuser: { type: 'string', description: SELINUX },
  serole: { type: 'string', description: SELINUX },
  setype: { type: 'string', description: SELINUX },
  selevel: { type: 'string', description: SELINUX },
};

/** What has to be seen of a path so that its attributes can be set. */
export function attributeAspects(params: AttributeParams): readonly PathAspect[] {
  return params.attributes === undefined ? [] : ['attributes'];
}

export function asksForAttributes(params: AttributeParams): boolean {
  return (
    params.mode !== undefined ||
    params.owner !== undefined ||
    params.group !== undefined ||
    params.attributes !== undefined
  );
}

/** The value as a wish, with the owner, group, mode and chattr letters that are asked for. */
export function withAttributes<V extends PathValue>(value: V, params: AttributeParams): V | Failure {
  const owner = params.owner !== undefined && !sameName(value.owner, value.stat?.uid, params.owner);
  const group = params.group !== undefined && !sameName(value.group, value.stat?.gid, params.group);
  const owned: V = {
    ...asFound(value),
    ...(owner && { owner: params.owner }),
    ...(group && { group: params.group }),
  };
  // A link has no permissions of its own (symlink(7)).
  if (owned.kind === 'link') return owned;
  const flagged =
    params.attributes === undefined ? owned : { ...owned, flags: flags(owned.flags ?? '', params.attributes) };
  if (params.mode === undefined) {
    const clears = (owner || group) && owned.kind === 'file';
    return clears ? { ...flagged, mode: withoutSetId(owned.mode) } : flagged;
  }
  const mode = resolveMode(params.mode, owned.mode, owned.kind === 'directory');
  return mode.ok ? { ...flagged, mode: mode.mode } : { failed: mode.problem, parameter: 'mode' };
}

/** chown(2) takes the set-id bits from a file; who wants them back says so with `mode`. */
function withoutSetId(mode: number): number {
  return mode & ~((mode & 0o010) === 0 ? 0o4000 : 0o6000);
}

function flags(current: string, wanted: string): string {
  const [, operator, letters] = /^([-+=]?)(.*)$/s.exec(wanted) as unknown as [string, string, string];
  const given = new Set(letters);
  const kept = [...current].filter((letter) => (operator === '-' ? !given.has(letter) : operator === '+'));
  return [...new Set([...kept, ...(operator === '-' ? [] : given)])].sort().join('');
}

export function attributeWarnings(params: AttributeParams): readonly string[] {
  const given = (['seuser', 'serole', 'setype', 'selevel'] as const).filter((name) => params[name] !== undefined);
  return given.length === 0 ? [] : [`SELinux labels are not managed: ${given.join(', ')} ignored`];
}
