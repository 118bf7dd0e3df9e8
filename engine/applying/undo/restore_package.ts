import { type Ref, set, type View } from '../../planning/contracts.ts';
import { lines } from '../../resources/answer_text.ts';
import { candidate } from '../../resources/candidate.ts';
import { packageOf, packageType } from '../../resources/package.ts';
import { localNames, packageNames } from '../../resources/package_names.ts';
import { isInstalled, isPackageName, type PackageValue } from '../../resources/package_value.ts';
import { path } from '../../resources/path.ts';
import type { PathValue } from '../../resources/path_value.ts';
import { simulation } from '../../resources/simulation.ts';
import { type Back, eachBack, NOTHING, type Past, type Restorable, together, type Undoing } from './restorable.ts';
import { isFlag, isText, matching, shaped } from './shape.ts';

/** deb-version(7). */
const isVersion = matching(/^[A-Za-z0-9][A-Za-z0-9.+~:-]*$/);

export const restorePackage: Restorable<PackageValue> = {
  type: packageType,
  isId: isPackageName,
  read: (value) =>
    shaped(
      value,
      { state: isText },
      { version: isVersion, auto: isFlag, held: isFlag, keeps: isFlag, providedBy: isText },
    ) as PackageValue | undefined,
  looksAt: (changes, { view }) => [
    ...(changes.map(({ ref }) => ref) as Ref[]),
    ...(changes.filter(isReturn).map(({ ref }) => candidate(ref.id)) as Ref[]),
    ...removals(changes, view),
    ...alongRefs(changes, view),
  ],
  back(changes, undoing) {
    const back = eachBack(
      changes.filter((past) => !isVirtual(past, undoing.view)),
      undoing,
      ({ before }) => before,
      (past, now) => (isReturn(past) ? returned(past, undoing.view) : removed(past, now)),
    );
    return together([back, broken(changes, undoing), along(changes, undoing.view)]);
  },
};

/** It stood in for a package of another name, which has a change of its own. */
function isVirtual({ ref }: Past<PackageValue>, view: View): boolean {
  return view.get(ref)?.providedBy !== undefined;
}

/** Whether a version has to come back that the run removed or replaced. */
function isReturn({ before, after }: Past<PackageValue>): boolean {
  return isInstalled(before) && (!isInstalled(after) || before?.version !== after?.version);
}

function isRemoval({ before, after }: Past<PackageValue>): boolean {
  return !isInstalled(before) && isInstalled(after);
}

/** Asked of apt beforehand: what else would have to go. */
function removals(changes: readonly Past<PackageValue>[], view: View): readonly Ref[] {
  const words = removalWords(changes, view);
  return words === undefined ? [] : [simulation(words) as Ref];
}

function removalWords(changes: readonly Past<PackageValue>[], view: View): readonly string[] | undefined {
  const names = changes
    .filter(isRemoval)
    .filter(({ ref }) => {
      const now = view.peek(ref);
      return now !== undefined && isInstalled(now) && now?.providedBy === undefined;
    })
    .map(({ ref }) => ref.id);
  return names.length === 0 ? undefined : ['purge', ...names];
}

/** Packages that need what is to go, and that the run did not bring. */
function broken(changes: readonly Past<PackageValue>[], { run, force, view }: Undoing): Back {
  const words = removalWords(changes, view);
  if (force || words === undefined) return NOTHING;
  const simulated = view.get(simulation(words));
  const own = new Set(changes.flatMap(({ ref }) => [ref.id, ref.id.split(':')[0] as string]));
  const others = (simulated?.rows ?? [])
    .filter(({ action, name }) => (action === 'remove' || action === 'purge') && !own.has(name))
    .map(({ name }) => name)
    .filter((name) => isInstalled(view.peek(packageOf(name)) ?? null));
  if (simulated?.refused !== undefined) return { ...NOTHING, refused: [simulated.refused] };
  if (others.length === 0) return NOTHING;
  return { ...NOTHING, refused: others.map((name) => `package ${name}: it needs what run ${run} installed`) };
}

/** The list of what there was before, where apt was free to bring more than was foreseen. */
function listOf(changes: readonly Past<PackageValue>[]): Ref<PathValue> | undefined {
  const image = changes.find((past) => isRemoval(past) && past.image !== undefined)?.image;
  return image === undefined ? undefined : path(image, 'whole');
}

const ALL = packageNames('*', 'dpkg');

function alongRefs(changes: readonly Past<PackageValue>[], view: View): readonly Ref[] {
  const list = listOf(changes);
  const words = removalWords(changes, view);
  if (list === undefined || words === undefined) return [];
  const fresh = view.peek(list) === undefined || view.peek(ALL) === undefined ? [] : newSince(list, view);
  return [list, ALL, simulation(withLeftovers(words)), ...fresh.map(packageOf)] as Ref[];
}

/** What came in with the packages beyond what was foreseen, as far as nothing else needs it now. */
function along(changes: readonly Past<PackageValue>[], view: View): Back {
  const list = listOf(changes);
  const words = removalWords(changes, view);
  if (list === undefined || words === undefined) return NOTHING;
  const own = new Set(changes.map(({ ref }) => ref.id));
  const leftovers = new Set(view.get(simulation(withLeftovers(words)))?.rows.map(({ name }) => name));
  const names = newSince(list, view).filter((name) => !own.has(name) && leftovers.has(name));
  const there = names.filter((name) => isInstalled(view.get(packageOf(name))) && view.get(packageOf(name))?.auto);
  return { ...NOTHING, steps: there.map((name) => set(packageOf(name), null) as never) };
}

function withLeftovers([verb, ...names]: readonly string[]): readonly string[] {
  return [verb as string, '--auto-remove', ...names];
}

function newSince(list: Ref<PathValue>, view: View): readonly string[] {
  const kept = view.get(list);
  const content = kept?.kind === 'file' ? kept.content : undefined;
  if (content === undefined || !('text' in content)) return [];
  const before = new Set(localNames(lines(content.text)));
  return (view.get(ALL)?.names ?? []).filter((name) => !before.has(name) && isPackageName(name));
}

function removed({ ref, before }: Past<PackageValue>, now: PackageValue | null): Back {
  if (now !== null) return { ...NOTHING, steps: [set(ref, before) as never] };
  return { ...NOTHING, lost: [`package ${ref.id}: what had stayed of it was purged, and is not kept`] };
}

function returned({ ref, before, after }: Past<PackageValue>, view: View): Back {
  const { version, auto, held } = before as PackageValue;
  const known = view.get(candidate(ref.id))?.versions ?? [];
  if (version === undefined || !known.includes(version)) {
    return { ...NOTHING, lost: [`package ${ref.id}: apt on this host has no version ${version ?? ''} any more`] };
  }
  const to: PackageValue = {
    ...{ version, state: 'installed' },
    ...(auto !== undefined && { auto }),
    ...(held !== undefined && { held }),
  };
  const purged = after === null && before?.keeps === true;
  const lost = purged ? [`package ${ref.id}: its configuration is what the package brings, not what it was`] : [];
  return { ...NOTHING, steps: [set(ref, to) as never], lost };
}
