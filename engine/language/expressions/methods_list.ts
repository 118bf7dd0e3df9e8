import { equal } from './compare.ts';
import { isList } from './operand.ts';
import { reprOf } from './print.ts';
import { Problem } from './problem.ts';
import { deep, type Routines, shallow } from './routine.ts';

/** Methods of Python's list and tuple that leave it as it is. */
export const listMethods: Routines = {
  index: deep('value', (input, args, runtime) => {
    const at = isList(input)
      ? input.findIndex((item) => equal(item, args.value('value'), runtime.budget) === true)
      : -1;
    if (at === -1) throw new Problem(`${reprOf(args.value('value'))} is not in the list`);
    return at;
  }),
  count: deep('value', (input, args, runtime) =>
    isList(input) ? input.filter((item) => equal(item, args.value('value'), runtime.budget) === true).length : 0,
  ),
  copy: shallow('', (input) => input),
};
