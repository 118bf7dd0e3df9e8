import { type Ref, set, type View } from '../../planning/contracts.ts';
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
    changes.flatMap((past) => [past.ref as Ref, ...homeRefs(past, view).map((ref) => ref as Ref)]),
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

function backOne(past: Past<UserValue>, now: UserValue | null, undoing: Undoing): Back {
  const { ref, before, after, options } = past;
  if (before === null) return removed(past, now, undoing);
  const { moveHome, nonUnique, skeleton: from } = options;
  const lost =
    after === null && before.password === undefined
      ? [`user ${ref.id}: its password is not kept; it comes back without one`]
      : [];
  const home = after === null && options.removeHome === true && before.homeExists === true;
  return {
    ...NOTHING,
    steps: [
      set(ref, before, {
        ...(typeof moveHome === 'boolean' && { moveHome }),
        ...(typeof nonUnique === 'boolean' && { nonUnique }),
        ...(typeof from === 'string' && { skeleton: from }),
      }) as never,
    ],
    lost: home ? [...lost, `user ${ref.id}: what was in ${before.home} is not kept; it comes back as a new one`] : lost,
  };
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
