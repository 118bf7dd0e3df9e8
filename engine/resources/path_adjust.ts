import type { Change } from '../planning/contracts.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import { chunks } from './chunks.ts';
import type { LinkValue, PathValue } from './path_value.ts';

type PathChange = Change<PathValue>;
type Permitted = Exclude<PathValue, LinkValue>;

/**
 * What has to be done to a path for its owner and mode. What is taken away from the mode goes first and what is
 * given comes last, so that nobody has more in between than before or after. chown(2) clears set-id bits, hence
 * the mode comes again after it.
 */
interface Adjustment {
  readonly path: string;
  /** Five octal digits. */
  readonly narrow?: string;
  /** As chown(1) takes it. */
  readonly owner?: string;
  readonly mode?: string;
}

function adjustmentOf(path: string, before: PathValue, after: PathValue): Adjustment {
  const owner = ownerSpec({
    ...(after.owner !== undefined && after.owner !== before.owner && { owner: after.owner }),
    ...(after.group !== undefined && after.group !== before.group && { group: after.group }),
  });
  const owned = { path, ...(owner !== undefined && { owner }) };
  return before.kind === 'link' || after.kind === 'link'
    ? owned
    : { ...owned, ...modesOf(before, after, owner !== undefined) };
}

function modesOf(before: Permitted, after: Permitted, moves: boolean): Pick<Adjustment, 'narrow' | 'mode'> {
  const shared = before.mode & after.mode & 0o1777;
  const narrow = moves && shared !== (before.mode & 0o1777);
  const mode = narrow || before.mode !== after.mode || (moves && (after.mode & 0o6000) !== 0);
  return { ...(narrow && { narrow: bits(shared) }), ...(mode && { mode: bits(after.mode) }) };
}

/** Owner and mode of paths that stay what they are: one chown for all that get the same owner, one chmod a mode. */
export function adjustAll(changes: readonly PathChange[]): Sh {
  const all = changes.flatMap(({ ref, before, after }) =>
    before === null || after === null ? [] : [adjustmentOf(ref.id, before, after)],
  );
  return join([
    ...guardLinks(all.filter((one) => one.mode !== undefined)),
    ...grouped(all, 'narrow').map(([mode, paths]) => sh`chmod ${mode} -- ${paths} || exit`),
    ...grouped(all, 'owner').map(([owner, paths]) => sh`chown -h -- ${owner} ${paths} || exit`),
    ...grouped(all, 'mode').map(([mode, paths]) => sh`chmod ${mode} -- ${paths} || exit`),
    sh`:`,
  ]);
}

/** chmod follows links: nobody may have put one there since. */
function guardLinks(all: readonly Adjustment[]): readonly Sh[] {
  if (all.length === 0) return [];
  const paths = all.map((one) => one.path);
  return [
    sh`rb_guard() { for rb_f; do if [ -L "$rb_f" ]; then printf '%s has become a link\\n' "$rb_f" >&2; exit 1; fi; done; }`,
    sh`rb_guard ${paths}`,
  ];
}

function grouped(
  all: readonly Adjustment[],
  key: 'narrow' | 'owner' | 'mode',
): readonly (readonly [string, readonly string[]])[] {
  const groups = new Map<string, string[]>();
  for (const one of all) {
    const value = one[key];
    if (value === undefined) continue;
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [one.path]);
    else group.push(one.path);
  }
  return [...groups].flatMap(([value, members]) => chunks(members).map((paths) => [value, paths] as const));
}

/** `+1000` is a number to chown(1), whatever the users are called. */
export function ownerSpec(wanted: { readonly owner?: string; readonly group?: string }): string | undefined {
  const name = (text: string) => (/^\d+$/.test(text) ? `+${text}` : text);
  const { owner, group } = wanted;
  if (owner === undefined && group === undefined) return undefined;
  return `${owner === undefined ? '' : name(owner)}${group === undefined ? '' : `:${name(group)}`}`;
}

/** Five digits: with fewer, chmod(1) leaves the set-id bits of a directory as they are. */
export function bits(mode: number): string {
  return mode.toString(8).padStart(5, '0');
}
