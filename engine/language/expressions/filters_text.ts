import { type Bound, inputText } from './arguments.ts';
import { comment } from './comment.ts';
import { formatPercent } from './format_percent.ts';
import { checkText } from './limits.ts';
import { joinTexts, replaced, splitText } from './methods_text.ts';
import { dictOf, type Operand, Tuple } from './operand.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import { deep, type Routines } from './routine.ts';
import { capitalize, characters, firstOf, lengthOf, lines, strip, words } from './text.ts';
import { wrap } from './wordwrap.ts';

function plain(run: (text: string) => Operand) {
  return deep('', (input) => run(textOf(input)));
}

/** Jinja's and Ansible's filters on texts. */
export const textFilters: Routines = {
  lower: plain((text) => text.toLowerCase()),
  upper: plain((text) => text.toUpperCase()),
  capitalize: plain(capitalize),
  title: plain(titleWords),
  trim: deep('chars?', (input, args) => strip(textOf(input), args.string('chars'))),
  replace: deep('old new count?', (input, args) =>
    replaced(textOf(input), args.text('old'), args.text('new'), args.integer('count', -1)),
  ),
  split: deep('sep? maxsplit?', (input, args) =>
    splitText(inputText(input, args), args.string('sep'), args.integer('maxsplit', -1)),
  ),
  format: deep('*values **named', (input, args) => {
    if (args.rest.length > 0 && args.more.size > 0) {
      throw new Problem('the filter `format` takes values by position or by name, not both');
    }
    return formatPercent(textOf(input), args.more.size > 0 ? dictOf(args.more) : Tuple.holding(args.rest));
  }),
  indent: deep('width? first? blank?', (input, args) => {
    const width = args.value('width', 4);
    return indented(inputText(input, args), typeof width === 'string' ? width : spaces(args), args);
  }),
  center: deep('width?', (input, args) => centered(textOf(input), args.integer('width', 80))),
  truncate: deep('length? killwords? end? leeway?', (input, args) =>
    truncated(inputText(input, args), {
      length: args.integer('length', 255),
      killWords: args.flag('killwords'),
      end: args.text('end', '...'),
      leeway: args.integer('leeway', 5),
    }),
  ),
  wordcount: plain((text) => text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  wordwrap: deep('width? break_long_words? wrapstring? break_on_hyphens?', (input, args) => {
    const options = {
      width: args.integer('width', 79),
      breakLongWords: args.flag('break_long_words', true),
      breakOnHyphens: args.flag('break_on_hyphens', true),
    };
    const by = args.text('wrapstring', '\n');
    return joinTexts(
      lines(inputText(input, args)).map((line) => joinTexts(wrap(line, options), by)),
      by,
    );
  }),
  quote: deep('', (input) => shellQuoted(input === null ? '' : textOf(input))),
  comment: deep('style? **options', (input, args) =>
    comment(inputText(input, args), args.text('style', 'plain'), args.more),
  ),
  escape: plain(htmlEscaped),
  e: plain(htmlEscaped),
  striptags: plain((text) => words(text.replace(/<!--.*?-->|<[^>]*>/gs, '')).join(' ')),
};

/** Jinja's title: a capital after spaces, dashes and brackets, everything else small. */
function titleWords(text: string): string {
  return text
    .split(/([-\s({[<]+)/)
    .map((word) => firstOf(word).toUpperCase() + word.slice(firstOf(word).length).toLowerCase())
    .join('');
}

function spaces(args: Bound): string {
  const width = Math.max(0, args.integer('width', 4));
  checkText(width);
  return ' '.repeat(width);
}

function indented(text: string, by: string, args: Bound): string {
  const all = lines(`${text}\n`);
  checkText(text.length + by.length * all.length);
  const rest = all.slice(1).map((line) => (args.flag('blank') || line !== '' ? by + line : line));
  return (args.flag('first') ? by : '') + [all[0] ?? '', ...rest].join('\n');
}

function centered(text: string, width: number): string {
  checkText(width);
  const missing = Math.max(0, width - lengthOf(text));
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return ' '.repeat(left) + text + ' '.repeat(missing - left);
}

interface Truncation {
  readonly length: number;
  readonly killWords: boolean;
  readonly end: string;
  readonly leeway: number;
}

function truncated(text: string, { length, killWords, end, leeway }: Truncation): string {
  const all = characters(text);
  const room = length - lengthOf(end);
  if (room < 0 || leeway < 0)
    throw new Problem(`the filter \`truncate\` needs a \`length\` of ${lengthOf(end)} at least`);
  if (all.length <= length + leeway) return text;
  const kept = all.slice(0, room).join('');
  const space = kept.lastIndexOf(' ');
  return (killWords || space === -1 ? kept : kept.slice(0, space)) + end;
}

/** Python's shlex.quote. */
function shellQuoted(text: string): string {
  if (text === '') return "''";
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ["'", '&#39;'],
  ['"', '&#34;'],
]);

function htmlEscaped(text: string): string {
  return text.replace(/[&<>'"]/g, (character) => ENTITIES.get(character) ?? character);
}
