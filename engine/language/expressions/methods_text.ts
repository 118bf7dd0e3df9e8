import { formatBraces } from './format_braces.ts';
import { checkList, checkText } from './limits.ts';
import { isList, type Operand, tuple } from './operand.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import { deep, type Routines } from './routine.ts';
import { itemsOf, slice } from './sequence.ts';
import {
  capitalize,
  characters,
  countIn,
  isSpace,
  lengthOf,
  lines,
  replaceTimes,
  spaceIn,
  strip,
  stripEnd,
  stripStart,
  title,
  words,
} from './text.ts';

type TextRun = (text: string) => Operand;

function plain(run: TextRun) {
  return deep('', (input) => run(textOf(input)));
}

function cased(is: (character: string) => boolean) {
  return plain((text) => text !== '' && characters(text).every(is));
}

function trimming(run: (text: string, set?: string) => string) {
  return deep('chars?', (input, args) => run(textOf(input), args.string('chars')));
}

function padding(run: (text: string, missing: number, fill: string) => string) {
  return deep('width fillchar?', (input, args) => {
    const text = textOf(input);
    const width = args.integer('width', 0);
    checkText(width);
    return run(text, Math.max(0, width - lengthOf(text)), args.text('fillchar', ' '));
  });
}

/** Where a text stands in another, in characters from its start; -1: nowhere. */
function finding(last: boolean, what?: string) {
  return deep('sub start? end?', (input, args) => {
    const text = characters(textOf(input));
    const start = args.integer('start', 0);
    const from = start < 0 ? Math.max(0, text.length + start) : start;
    const part = slice(text, { start, stop: args.value('end'), step: null }).join('');
    const at = last ? part.lastIndexOf(args.text('sub')) : part.indexOf(args.text('sub'));
    if (at === -1 && what !== undefined) throw new Problem('the text does not hold what it is searched for');
    return at === -1 ? -1 : from + lengthOf(part.slice(0, at));
  });
}

function affix(test: (text: string, affix: string) => boolean) {
  return deep('affix', (input, args) => {
    const wanted = args.value('affix');
    const all = isList(wanted) ? wanted : [wanted];
    return all.some((each) => test(textOf(input), textOf(each)));
  });
}

function parting(last: boolean) {
  return deep('sep', (input, args) => {
    const text = textOf(input);
    const separator = args.text('sep');
    if (separator === '') throw new Problem('the separator is empty');
    const at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at === -1) return last ? tuple('', '', text) : tuple(text, '', '');
    return tuple(text.slice(0, at), separator, text.slice(at + separator.length));
  });
}

/** str.split: without a separator by runs of white space; `most`: how often at most, -1 without end. */
export function splitText(text: string, separator: string | undefined, most = -1): string[] {
  if (separator === '') throw new Problem('the separator is empty');
  if (separator === undefined) return most < 0 ? words(text) : splitWords(text, most);
  checkList(countIn(text, separator));
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  return [...parts.slice(0, most), parts.slice(most).join(separator)];
}

function splitWords(text: string, most: number): string[] {
  const found: string[] = [];
  let rest = stripStart(text);
  while (rest !== '') {
    const end = found.length === most ? -1 : spaceIn(rest);
    if (end === -1) return [...found, rest];
    found.push(rest.slice(0, end));
    rest = stripStart(rest.slice(end));
  }
  return found;
}

function splitFromEnd(text: string, separator: string | undefined, most: number): string[] {
  const turn = (each: string) => characters(each).reverse().join('');
  return splitText(turn(text), separator === undefined ? undefined : turn(separator), most)
    .map(turn)
    .reverse();
}

/** str.join */
export function joinTexts(items: readonly Operand[], separator: string): string {
  const texts = items.map(textOf);
  checkText(texts.reduce((sum, text) => sum + text.length + separator.length, 0));
  return texts.join(separator);
}

const isLetter = (character: string) => /^\p{L}$/u.test(character);
const isUpper = (text: string) => text === text.toUpperCase() && text !== text.toLowerCase();
const isLower = (text: string) => text === text.toLowerCase() && text !== text.toUpperCase();

/** Methods of Python's str. */
export const textMethods: Routines = {
  capitalize: plain(capitalize),
  casefold: plain((text) => text.replaceAll('ß', 'ss').toLowerCase()),
  center: padding((text, missing, fill) => {
    // CPython gives the odd one to the left where the width is odd as well.
    const left = Math.floor(missing / 2) + (missing & (lengthOf(text) + missing) & 1);
    return fill.repeat(left) + text + fill.repeat(missing - left);
  }),
  count: deep('sub', (input, args) => countIn(textOf(input), args.text('sub'))),
  endswith: affix((text, end) => text.endsWith(end)),
  expandtabs: deep('tabsize?', (input, args) => expandTabs(textOf(input), args.integer('tabsize', 8))),
  find: finding(false),
  format: deep('*values **named', (input, args) =>
    formatBraces(textOf(input), { positional: args.rest, named: args.more }),
  ),
  index: finding(false, 'index'),
  isalnum: cased((each) => /^[\p{L}\p{N}]$/u.test(each)),
  isalpha: cased(isLetter),
  isascii: plain((text) => /^[\0-\x7f]*$/.test(text)),
  isdecimal: cased((each) => /^\p{Nd}$/u.test(each)),
  isdigit: cased((each) => /^[\p{Nd}¹²³⁰-⁹₀-₉]$/u.test(each)),
  isidentifier: plain((text) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(text)),
  islower: plain(isLower),
  isnumeric: cased((each) => /^\p{N}$/u.test(each)),
  isspace: cased(isSpace),
  istitle: plain((text) => /\p{L}/u.test(text) && title(text) === text),
  isupper: plain(isUpper),
  join: deep('items', (input, args) => {
    const items = itemsOf(args.value('items'));
    const odd = items.findIndex((item) => typeof item !== 'string');
    if (odd !== -1) {
      throw new Problem(`\`.join()\` takes texts, and item ${odd} is none`, {
        hint: 'Use `| join`, which takes anything.',
      });
    }
    return joinTexts(items, textOf(input));
  }),
  ljust: padding((text, missing, fill) => text + fill.repeat(missing)),
  lower: plain((text) => text.toLowerCase()),
  lstrip: trimming(stripStart),
  partition: parting(false),
  removeprefix: deep('prefix', (input, args) => withoutStart(textOf(input), args.text('prefix'))),
  removesuffix: deep('suffix', (input, args) => withoutEnd(textOf(input), args.text('suffix'))),
  replace: deep('old new count?', (input, args) =>
    replaced(textOf(input), args.text('old'), args.text('new'), args.integer('count', -1)),
  ),
  rfind: finding(true),
  rindex: finding(true, 'rindex'),
  rjust: padding((text, missing, fill) => fill.repeat(missing) + text),
  rpartition: parting(true),
  rsplit: deep('sep? maxsplit?', (input, args) =>
    splitFromEnd(textOf(input), args.string('sep'), args.integer('maxsplit', -1)),
  ),
  rstrip: trimming(stripEnd),
  split: deep('sep? maxsplit?', (input, args) =>
    splitText(textOf(input), args.string('sep'), args.integer('maxsplit', -1)),
  ),
  splitlines: deep('keepends?', (input, args) => lines(textOf(input), args.flag('keepends'))),
  startswith: affix((text, start) => text.startsWith(start)),
  strip: trimming(strip),
  swapcase: plain((text) =>
    characters(text)
      .map((each) => (isUpper(each) ? each.toLowerCase() : each.toUpperCase()))
      .join(''),
  ),
  title: plain(title),
  upper: plain((text) => text.toUpperCase()),
  zfill: deep('width', (input, args) => zeroFill(textOf(input), args.integer('width', 0))),
};

/** str.replace, within the longest text there may be. */
export function replaced(text: string, old: string, by: string, count: number): string {
  const most = count < 0 ? Number.POSITIVE_INFINITY : count;
  checkText(text.length + Math.min(countIn(text, old), most) * (by.length - old.length));
  return replaceTimes(text, old, by, count);
}

function withoutStart(text: string, start: string): string {
  return text.startsWith(start) ? text.slice(start.length) : text;
}

function withoutEnd(text: string, end: string): string {
  return end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text;
}

function zeroFill(text: string, width: number): string {
  checkText(width);
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(Math.max(0, width - lengthOf(text))) + text.slice(sign.length);
}

function expandTabs(text: string, size: number): string {
  checkText(size);
  let column = 0;
  let made = '';
  for (const character of characters(text)) {
    const width = character === '\t' ? (size > 0 ? size - (column % size) : 0) : 1;
    made += character === '\t' ? ' '.repeat(width) : character;
    column = character === '\n' || character === '\r' ? 0 : column + width;
    checkText(made.length);
  }
  return made;
}
