import type { ValueMap } from '../../language/values.ts';
import type { Sources } from './sources.ts';

/** The host's own clock, in its own time zone; the two of ISO 8601 with a `Z` in UTC. */
export function dateTimeFacts(sources: Sources): ValueMap {
  const words = sources.text('date').trim().split(' ');
  if (words.length !== 13) return {};
  const [year, month, day, hour, minute, second, epoch, nano, weekday, weekdayNumber, week, tz, offset] =
    words as string[] & { length: 13 };
  const micro = (nano ?? '').slice(0, 6);
  const utc = new Date(Number(epoch) * 1000);
  if (Number.isNaN(utc.getTime())) return {};
  const seconds = utc.toISOString().slice(0, 19);
  return {
    date_time: {
      year: year as string,
      month: month as string,
      day: day as string,
      hour: hour as string,
      minute: minute as string,
      second: second as string,
      weekday: weekday as string,
      weekday_number: weekdayNumber as string,
      weeknumber: week as string,
      epoch: epoch as string,
      epoch_int: epoch as string,
      date: `${year}-${month}-${day}`,
      time: `${hour}:${minute}:${second}`,
      iso8601_micro: `${seconds}.${micro}Z`,
      iso8601: `${seconds}Z`,
      iso8601_basic: `${year}${month}${day}T${hour}${minute}${second}${micro}`,
      iso8601_basic_short: `${year}${month}${day}T${hour}${minute}${second}`,
      tz: tz as string,
      tz_dst: summerName(sources) ?? (tz as string),
      tz_offset: offset as string,
    },
  };
}

/** The name of the zone in summer: tzfile(5) ends in a line such as `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX TZ). */
function summerName(sources: Sources): string | undefined {
  const rule = sources.file('/etc/localtime')?.split('\n').at(-1) ?? '';
  const name = '(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]+>)';
  const offset = String.raw`[+-]?\d{1,3}(?::\d\d){0,2}`;
  return new RegExp(`^${name}${offset}(${name})`).exec(rule)?.[1]?.replace(/[<>]/g, '');
}
