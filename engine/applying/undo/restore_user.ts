import { type Ref, set, type View } from '../../planning/contracts.ts';
import { path } from '../../resources/path.ts';
import { asFound, type PathValue } from '../../resources/path_value.ts';
import { type UserValue, userType } from '../../resources/user.ts';
import { inside, leftInside } from './inside.ts';
import { type Back, eachBack, NOTHING, type Past, type Restorable, type Undoing } from './restorable.ts';
import { isCount, isFlag, isText, isTextList, orNull, shaped } from './shape.ts';

const days = orNull(isCount);

export const restoreUser: Restorable<UserValue> = {
  type: userType,
  isId: isText,
  read: (value) =>
    shaped(
      value,
      { name: isText },
      {
        ...{ uid: isCount, gid: isCount, group: isText, groups: isTextList, comment: isText, home: isText },
        ...{ homeExists: isFlag, shell: isText, local: isFlag, password: isText, locked: isFlag },
        ...{ expires: days, minDays: days, maxDays: days, warnDays: days, inactiveDays: days },
      },
    ) as UserValue | undefined,
  looksAt: (changes, { view }) =>
    changes.flatMap((past) => [past.ref as Ref, ...(homeRefs(past, view) as Ref[]), ...keptRefs(past)]),
  back: (changes, undoing) =>
    eachBack(
      changes,
      undoing,
      ({ before }) => before,
      (past, now) => backOne(past, now, undoing),
    ),
};

/** The home that was made with the user: nothing may be in it that nobody put there. */
function homeRefs(past: Past<UserValue>, view: View): ReturnType<typeof inside>[] {
  const { before, after, ref } = past;
  const home = view.peek(ref)?.home;
  return before === null && after?.homeExists === true && home !== undefined
    ? [inside(home), inside(skeleton(past))]
    : [];
}

function skeleton({ options }: Past<UserValue>): string {
  return typeof options.skeleton === 'string' ? options.skeleton : '/etc/skel';
}

function keptRefs({ before, image }: Past<UserValue>): readonly Ref[] {
  if (image === undefined || before?.home === undefined) return [];
  return [path(image), inside(image), path(before.home)] as Ref[];
}

function backOne(past: Past<UserValue>, now: UserValue | null, undoing: Undoing): Back {
  const { ref, before, after, options } = past;
  if (before === null) return removed(past, now, undoing);
  if (after === null) return returned(past, before, undoing);
  const { moveHome, nonUnique, skeleton: from } = options;
  const back = set(ref, before, {
    ...(typeof moveHome === 'boolean' && { moveHome }),
    ...(typeof nonUnique === 'boolean' && { nonUnique }),
    ...(typeof from === 'string' && { skeleton: from }),
  });
  return { ...NOTHING, steps: [back as never] };
}

/** A user whom the run removed. Their home is copied back as a whole, and not made anew before. */
function returned(past: Past<UserValue>, before: UserValue, { view }: Undoing): Back {
  const { ref, image } = past;
  const secret = before.password === undefined ? [`user ${ref.id}: the password is not kept`] : [];
  const { homeExists, ...rest } = before;
  const kept = image === undefined ? null : view.get(path(image));
  const home = before.home === undefined || kept?.kind !== 'directory' ? undefined : path(before.home);
  if (home === undefined || view.get(home) !== null) {
    const went = homeExists === true && past.options.removeHome === true && home === undefined;
    const lost = went ? [`user ${ref.id}: what was in ${before.home} is not kept`] : [];
    return { ...NOTHING, steps: [set(ref, went ? before : rest) as never], lost: [...secret, ...lost] };
  }
  const { entries = [], unnamed = [] } = view.get(inside(image as string)) ?? {};
  const copy = { image: image as string, entries: entries.length + unnamed.length };
  const steps = [set(ref, rest) as never, set(home, asFound(kept as PathValue), copy) as never];
  return { ...NOTHING, steps, lost: secret };
}

function removed(past: Past<UserValue>, now: UserValue | null, { run, force, view }: Undoing): Back {
  const { ref, after } = past;
  const home = now?.home;
  if (after?.homeExists !== true || home === undefined) return { ...NOTHING, steps: [set(ref, null) as never] };
  const own = new Set(view.get(inside(skeleton(past)))?.entries);
  const others = leftInside(home, view).filter((name) => !own.has(name));
  if (others.length === 0) return { ...NOTHING, steps: [set(ref, null, { removeHome: true }) as never] };
  const what = `${home} holds what run ${run} did not make: ${others.slice(0, 5).join(', ')}`;
  if (!force) return { ...NOTHING, refused: [`user ${ref.id}: ${what}`] };
  return { ...NOTHING, steps: [set(ref, null) as never], lost: [`${what}: it stays`] };
}
