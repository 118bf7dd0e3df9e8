import { bind, signatureOf } from './arguments.ts';
import { float, type Operand, Thing } from './operand.ts';
import { Problem } from './problem.ts';
import { MONTHS, type Parts, parsePattern } from './time_parse.ts';

export function utcParts(ms: number): Parts {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) throw new Problem('this time is out of range');
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    microsecond: 0,
    offset: '+0000',
    zone: 'GMT',
  };
}

/** In the controller's time zone, as Ansible. */
export function partsOf(ms: number): Parts {
  const date = new Date(ms);
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  const zone = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date);
  return {
    ...utcParts(ms + minutes * 60_000),
    offset: `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}${pad(size % 60)}`,
    zone: zone.find((part) => part.type === 'timeZoneName')?.value ?? '',
  };
}

/** Microseconds since 1970, the zone left aside. */
function instant(parts: Parts): number {
  const { year, month, day, hour, minute, second, microsecond } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) * 1000 + microsecond;
}

function daysFrom(fromYear: number, parts: Parts): number {
  return Math.floor(
    (instant({ ...parts, hour: 0, minute: 0, second: 0, microsecond: 0 }) / 1000 - Date.UTC(fromYear, 0, 1)) /
      86_400_000,
  );
}

/** Python's datetime.strptime. */
export function parseTime(text: string, format: string): Parts {
  const parts = parsePattern(text, format);
  const date = new Date(Date.UTC(parts.year, parts.month - 1, parts.day));
  if (date.getUTCMonth() !== parts.month - 1) throw new Problem(`\`${text}\` is no date: the month has no such day`);
  return parts;
}

const METHODS: Readonly<
  Record<string, { readonly signature: string; readonly run: (parts: Parts, format: string) => Operand }>
> = {
  strftime: { signature: 'format', run: (parts, format) => formatTime(format, parts) },
  isoformat: { signature: '', run: (parts) => dateText(parts, 'T') },
  timestamp: { signature: '', run: (parts) => float(localInstant(parts)) },
  weekday: { signature: '', run: (parts) => (weekday(parts) + 6) % 7 },
  isoweekday: { signature: '', run: (parts) => weekday(parts) || 7 },
};

function localInstant({ year, month, day, hour, minute, second, microsecond }: Parts): number {
  return new Date(year, month - 1, day, hour, minute, second).getTime() / 1000 + microsecond / 1e6;
}

/** A Python datetime: with its fields, `strftime` and the like; a difference of two is a timedelta. */
export function dateThing(parts: Parts): Thing {
  const fields: Readonly<Record<string, Operand>> = {
    year: parts.year,
    month: parts.month,
    day: parts.day,
    hour: parts.hour,
    minute: parts.minute,
    second: parts.second,
    microsecond: parts.microsecond,
  };
  return new Thing('datetime', {
    order: instant(parts),
    minus: (other) => (other.type === 'datetime' ? deltaThing(instant(parts) - (other.order ?? 0)) : undefined),
    text: () => dateText(parts, ' '),
    attribute(name) {
      if (Object.hasOwn(fields, name)) return fields[name];
      const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
      return (
        method &&
        new Thing('method', {
          call: (args) => method.run(parts, bind(args, signatureOf(method.signature), `\`.${name}()\``).text('format')),
        })
      );
    },
  });
}

function dateText(parts: Parts, between: string): string {
  return formatTime(`%Y-%m-%d${between}%H:%M:%S${parts.microsecond > 0 ? '.%f' : ''}`, parts);
}

/** A Python timedelta of so many microseconds. */
function deltaThing(microseconds: number): Thing {
  const days = Math.floor(microseconds / 86_400e6);
  const rest = microseconds - days * 86_400e6;
  const seconds = Math.floor(rest / 1e6);
  const fields: Readonly<Record<string, Operand>> = { days, seconds, microseconds: rest - seconds * 1e6 };
  return new Thing('timedelta', {
    order: microseconds,
    text: () => deltaText(days, seconds, rest - seconds * 1e6),
    attribute(name) {
      if (name === 'total_seconds') return new Thing('method', { call: () => float(microseconds / 1e6) });
      return Object.hasOwn(fields, name) ? fields[name] : undefined;
    },
  });
}

function deltaText(days: number, seconds: number, microseconds: number): string {
  const clock = `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  const fraction = microseconds > 0 ? `.${String(microseconds).padStart(6, '0')}` : '';
  return (days === 0 ? '' : `${days} day${Math.abs(days) === 1 ? '' : 's'}, `) + clock + fraction;
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
function weekday(parts: Parts): number {
  return new Date(instant(parts) / 1000).getUTCDay();
}

/** strftime(3) in the C locale. */
export function formatTime(format: string, parts: Parts): string {
  return format.replace(/%(-?)([A-Za-z%])/g, (whole, dash: string, letter: string) => {
    const text = Object.hasOwn(FIELDS, letter) ? FIELDS[letter]?.(parts) : undefined;
    if (text === undefined) return whole;
    return dash === '-' ? text.replace(/^[0 ]+(?=.)/, '') : text;
  });
}

function pad(value: number, width = 2, fill = '0'): string {
  return String(value).padStart(width, fill);
}

function yearDay(parts: Parts): number {
  return daysFrom(parts.year, parts) + 1;
}

/** The fields that strftime(3) knows, by their letters. */
const FIELDS: Readonly<Record<string, (parts: Parts) => string>> = {
  Y: (parts) => String(parts.year),
  y: (parts) => pad(parts.year % 100),
  C: (parts) => pad(Math.floor(parts.year / 100)),
  m: (parts) => pad(parts.month),
  d: (parts) => pad(parts.day),
  e: (parts) => pad(parts.day, 2, ' '),
  H: (parts) => pad(parts.hour),
  k: (parts) => pad(parts.hour, 2, ' '),
  I: (parts) => pad(parts.hour % 12 || 12),
  l: (parts) => pad(parts.hour % 12 || 12, 2, ' '),
  M: (parts) => pad(parts.minute),
  S: (parts) => pad(parts.second),
  f: (parts) => pad(parts.microsecond, 6),
  p: (parts) => (parts.hour < 12 ? 'AM' : 'PM'),
  P: (parts) => (parts.hour < 12 ? 'am' : 'pm'),
  a: (parts) => (DAYS[weekday(parts)] ?? '').slice(0, 3),
  A: (parts) => DAYS[weekday(parts)] ?? '',
  b: (parts) => (MONTHS[parts.month - 1] ?? '').slice(0, 3),
  h: (parts) => (MONTHS[parts.month - 1] ?? '').slice(0, 3),
  B: (parts) => MONTHS[parts.month - 1] ?? '',
  j: (parts) => pad(yearDay(parts), 3),
  u: (parts) => String(weekday(parts) || 7),
  w: (parts) => String(weekday(parts)),
  U: (parts) => pad(Math.floor((yearDay(parts) + 6 - weekday(parts)) / 7)),
  W: (parts) => pad(Math.floor((yearDay(parts) + 6 - ((weekday(parts) + 6) % 7)) / 7)),
  V: (parts) => pad(isoWeek(parts).week),
  G: (parts) => String(isoWeek(parts).year),
  s: (parts) => String(Math.floor(localInstant(parts))),
  z: (parts) => parts.offset,
  Z: (parts) => parts.zone,
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
  F: (parts) => formatTime('%Y-%m-%d', parts),
  T: (parts) => formatTime('%H:%M:%S', parts),
  R: (parts) => formatTime('%H:%M', parts),
  D: (parts) => formatTime('%m/%d/%y', parts),
  x: (parts) => formatTime('%m/%d/%y', parts),
  X: (parts) => formatTime('%H:%M:%S', parts),
  r: (parts) => formatTime('%I:%M:%S %p', parts),
  c: (parts) => formatTime('%a %b %e %H:%M:%S %Y', parts),
};

/** ISO 8601: the week of the year's first Thursday is the first. */
function isoWeek(parts: Parts): { readonly year: number; readonly week: number } {
  const thursday = new Date(Date.UTC(parts.year, parts.month - 1, parts.day + 4 - (weekday(parts) || 7)));
  const year = thursday.getUTCFullYear();
  return { year, week: Math.ceil(((thursday.getTime() - Date.UTC(year, 0, 1)) / 86_400_000 + 1) / 7) };
}
