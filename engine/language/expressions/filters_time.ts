import { inputText } from './arguments.ts';
import { parseFloating } from './convert.ts';
import { numeric } from './operand.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import { deep, type Routines } from './routine.ts';
import { dateThing, formatTime, parseTime, partsOf, utcParts } from './time.ts';

/** Ansible's filters on dates. */
export const timeFilters: Routines = {
  to_datetime: deep('format?', (input, args) =>
    dateThing(parseTime(inputText(input, args), args.text('format', '%Y-%m-%d %H:%M:%S'))),
  ),
  strftime: deep('second? utc?', (input, args) => {
    const given = args.value('second');
    if (given === null) {
      throw new Problem('the filter `strftime` needs a time', {
        hint: "A plan must not hang on the clock. Use a fact: `'%Y' | strftime(ansible_facts.date_time.epoch)`.",
      });
    }
    const second = typeof given === 'string' ? parseFloating(given) : numeric(given);
    if (second === undefined) throw new Problem(`\`${textOf(given)}\` is no number of seconds`);
    return formatTime(inputText(input, args), args.flag('utc') ? utcParts(second * 1000) : partsOf(second * 1000));
  }),
};
