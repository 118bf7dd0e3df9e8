import { type Ref, set } from '../../planning/contracts.ts';
import { type DatabaseValue, databaseContent, databaseType } from '../../resources/postgresql/database.ts';
import { type RoleValue, roleType } from '../../resources/postgresql/role.ts';
import { eachBack, NOTHING, type Past, type Restorable, type Undoing } from './restorable.ts';
import { plain } from './restore_plain.ts';
import { type Check, isText, isTextList, orNull, shaped } from './shape.ts';

/** -1: no limit. */
const isLimit: Check = (value) => Number.isSafeInteger(value) && (value as number) >= -1;

export const restoreRole = plain<RoleValue>(
  roleType,
  isText,
  {
    ...{ flags: isTextList, connLimit: isLimit, validUntil: orNull(isText), memberOf: isTextList },
    ...{ comment: orNull(isText) },
  },
  { password: orNull(isText) },
);

/** A database comes back empty, and one that holds something is not removed. */
export const restoreDatabase: Restorable<DatabaseValue> = {
  type: databaseType,
  isId: isText,
  read: (value) =>
    shaped(
      value,
      { connLimit: isLimit },
      {
        ...{ owner: isText, encoding: isText, collate: isText, ctype: isText, tablespace: isText },
        comment: orNull(isText),
      },
    ) as DatabaseValue | undefined,
  looksAt: (changes) =>
    changes.flatMap((past) => [past.ref as Ref, ...(past.before === null ? [databaseContent(past.ref) as Ref] : [])]),
  back: (changes, undoing) =>
    eachBack(
      changes,
      undoing,
      ({ before }) => before,
      (past) => (past.before === null ? removed(past, undoing) : returned(past)),
    ),
};

function removed({ ref }: Past<DatabaseValue>, { run, view, force }: Undoing) {
  const relations = view.get(databaseContent(ref))?.relations ?? 0;
  if (relations > 0 && !force)
    return {
      ...NOTHING,
      refused: [`database ${ref.id}: it holds what run ${run} did not make: ${relations} tables, views and the like`],
    };
  return { ...NOTHING, steps: [set(ref, null) as never] };
}

function returned({ ref, before, after }: Past<DatabaseValue>) {
  // Its encoding and order of text may be others than those of the usual template.
  const options = after === null ? { template: 'template0' } : {};
  const lost = after === null ? [`database ${ref.id}: what was in it is not kept`] : [];
  return { ...NOTHING, steps: [set(ref, before, options) as never], lost };
}
