import { isRecord } from '../journal_lines.ts';

/** Whether a value read from a journal is what it should be. */
export type Check = (value: unknown) => boolean;

export const isText: Check = (value) => typeof value === 'string' && !value.includes('\0');
export const isFlag: Check = (value) => typeof value === 'boolean';
/** As uids, gids, days and sizes are. */
export const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const isTextList: Check = (value) => Array.isArray(value) && value.every(isText);

export function matching(pattern: RegExp): Check {
  return (value) => isText(value) && pattern.test(value as string);
}

export function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

/**
 * The known keys of a record, each checked; `undefined` where one is wrong or a required one is missing. Keys that are
 * not known are left out.
 */
export function shaped(
  value: unknown,
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
): Readonly<Record<string, unknown>> | undefined {
  if (!isRecord(value)) return undefined;
  const known = Object.entries({ ...required, ...optional }).filter(([key]) => value[key] !== undefined);
  if (!Object.keys(required).every((key) => value[key] !== undefined)) return undefined;
  if (!known.every(([key, check]) => check(value[key]))) return undefined;
  return Object.fromEntries(known.map(([key]) => [key, value[key]]));
}
