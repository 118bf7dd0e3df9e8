import { type Bound, inputText } from './arguments.ts';
import type { Truth } from './compare.ts';
import { flagsOf } from './filters_regex.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import { regex } from './regex.ts';
import { deep, type Routine, type Routines } from './routine.ts';
import { compareVersions, VERSION_TYPES } from './version.ts';

type MatchType = 'match' | 'search' | 'fullmatch';

/** The leftmost match begins at the start if any does. */
function holds(text: string, pattern: string, args: Bound, type: MatchType): boolean {
  const [, flags = '', rest = ''] = /^(\(\?[aimsux]+\))?([\s\S]*)$/.exec(pattern) ?? [];
  const whole = type === 'fullmatch' ? `${flags}(?:${rest})\\Z` : pattern;
  const [found] = regex(whole, flagsOf(args)).matches(text, true);
  return found !== undefined && (type === 'search' || found.index === 0);
}

function matching(type: MatchType): Routine<Truth> {
  return deep('pattern? ignorecase? multiline?', (input, args) =>
    holds(textOf(input), args.text('pattern'), args, type),
  );
}

const version: Routine<Truth> = deep('version operator? strict? version_type?', (input, args) => {
  const [mine, other] = [textOf(input), args.text('version')];
  if (mine === '' || other === '') throw new Problem('a version to compare is empty');
  const type = args.string('version_type');
  if (args.value('strict') !== null && type !== undefined) {
    throw new Problem('the test `version` takes `strict` or `version_type`, not both');
  }
  const known = type ?? (args.flag('strict') ? 'strict' : 'loose');
  if (!VERSION_TYPES.includes(known)) {
    throw new Problem(`\`${known}\` is no type of versions`, { hint: `There are ${VERSION_TYPES.join(', ')}.` });
  }
  return operatorOf(args.text('operator', 'eq'))(compareVersions(mine, other, known));
});

const OPERATORS: ReadonlyMap<string, (order: number) => boolean> = new Map(
  (
    [
      [['==', '=', 'eq'], (order: number) => order === 0],
      [['!=', '<>', 'ne'], (order: number) => order !== 0],
      [['<', 'lt'], (order: number) => order < 0],
      [['<=', 'le'], (order: number) => order <= 0],
      [['>', 'gt'], (order: number) => order > 0],
      [['>=', 'ge'], (order: number) => order >= 0],
    ] as const
  ).flatMap(([names, holds]) => names.map((name) => [name, holds] as const)),
);

function operatorOf(name: string): (order: number) => boolean {
  const found = OPERATORS.get(name);
  if (found === undefined) {
    throw new Problem(`\`${name}\` does not compare versions`, {
      hint: `Use one of ${[...OPERATORS.keys()].join(' ')}.`,
    });
  }
  return found;
}

const absolute: Routine<Truth> = deep('', (input, args) => inputText(input, args).startsWith('/'));

/** Tests of texts. */
export const textTests: Routines<Truth> = {
  match: matching('match'),
  search: matching('search'),
  regex: deep('pattern? ignorecase? multiline? match_type?', (input, args) => {
    const type = args.text('match_type', 'search');
    // As in Ansible, whatever is no method of a pattern searches.
    const known = type === 'match' || type === 'fullmatch' ? type : 'search';
    return holds(textOf(input), args.text('pattern'), args, known);
  }),
  version,
  version_compare: version,
  abs: absolute,
  is_abs: absolute,
};
