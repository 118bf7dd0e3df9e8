import { Problem } from './problem.ts';

/** A date and time of day without a zone, as Python's naive datetime. */
export interface Parts {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** `+0200`, where it is known. */
  readonly offset: string;
  readonly zone: string;
}

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const FIELDS: Readonly<Record<string, string>> = {
  Y: '(?<year>\\d{4})',
  y: '(?<shortYear>\\d\\d)',
  m: '(?<month>1[0-2]|0[1-9]|[1-9])',
  d: '(?<day>3[01]|[12]\\d|0[1-9]|[1-9]| [1-9])',
  H: '(?<hour>2[0-3]|[01]\\d|\\d)',
  I: '(?<hour12>1[0-2]|0[1-9]|[1-9])',
  M: '(?<minute>[0-5]\\d|\\d)',
  S: '(?<second>6[01]|[0-5]\\d|\\d)',
  f: '(?<fraction>\\d{1,6})',
  j: '(?<yearDay>36[0-6]|3[0-5]\\d|[12]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9])',
  p: '(?<half>am|pm)',
  b: `(?<monthName>${MONTHS.map((name) => name.slice(0, 3)).join('|')})`,
  B: `(?<monthName>${MONTHS.join('|')})`,
  a: '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)',
  A: '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day',
  z: '(?<offset>[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d)?|Z)',
  Z: '(?:utc|gmt|[A-Za-z]+)',
  '%': '%',
};
const SHORTHANDS: Readonly<Record<string, string>> = { F: '%Y-%m-%d', T: '%H:%M:%S', R: '%H:%M', D: '%m/%d/%y' };

/** Reads a date by a format of strptime(3). */
export function parsePattern(text: string, format: string): Parts {
  const match = patternOf(format).exec(text);
  if (match === null) throw new Problem(`\`${text}\` does not match the format \`${format}\``);
  const groups: Readonly<Record<string, string | undefined>> = match.groups ?? {};
  const number = (name: string, otherwise: number) => (groups[name] === undefined ? otherwise : Number(groups[name]));
  const shortYear = number('shortYear', 0);
  const year = number('year', groups.shortYear === undefined ? 1900 : shortYear + (shortYear < 69 ? 2000 : 1900));
  const base = {
    year,
    month: groups.monthName === undefined ? number('month', 1) : monthNumber(groups.monthName),
    day: number('day', 1),
    hour: groups.hour12 === undefined ? number('hour', 0) : hourOf(number('hour12', 12), groups.half),
    minute: number('minute', 0),
    second: number('second', 0),
    microsecond: Number((groups.fraction ?? '').padEnd(6, '0')),
    offset: groups.offset ?? '',
    zone: '',
  };
  return groups.yearDay === undefined ? base : { ...base, ...dayOfYear(year, number('yearDay', 1)) };
}

function patternOf(format: string): RegExp {
  const long = format.replace(/%([FTRD])/g, (whole, letter: string) => SHORTHANDS[letter] ?? whole);
  const used = new Set<string>();
  const source = long.replace(/%(.)|\s+|[\s\S]/g, (part, letter: string | undefined) => {
    if (letter === undefined) return /\s/.test(part) ? '\\s+' : part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    const field = Object.hasOwn(FIELDS, letter) ? FIELDS[letter] : undefined;
    if (field === undefined) throw new Problem(`\`%${letter}\` is no field of a date's format`);
    if (used.has(letter) && field.includes('?<')) throw new Problem(`\`%${letter}\` stands twice in the format`);
    used.add(letter);
    return field;
  });
  try {
    return new RegExp(`^${source}$`, 'i');
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw new Problem(`the format \`${format}\` names one part of the date twice`);
  }
}

function monthNumber(name: string): number {
  return MONTHS.findIndex((month) => month.toLowerCase().startsWith(name.toLowerCase())) + 1;
}

function hourOf(hour: number, half: string | undefined): number {
  return half?.toLowerCase() === 'pm' ? (hour % 12) + 12 : hour % 12;
}

function dayOfYear(year: number, day: number): { readonly month: number; readonly day: number } {
  const date = new Date(Date.UTC(year, 0, day));
  return { month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}
