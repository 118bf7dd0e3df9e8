import { REPORT, type Report } from './report.ts';

/** Where the program says one of a few words of its own: a report without them cannot be read. */
const KEYS: ReadonlySet<string> = new Set([
  ...['kind', 'command', 'verdict', 'outcome', 'level', 'from', 'to', 'action', 'unit'],
]);
const WORDS: ReadonlySet<string> = new Set([
  ...[REPORT, 'plan', 'apply', 'audit', 'text', 'opaque', 'create', 'change', 'remove', 'pass', 'warn', 'fail'],
  ...['ok', 'changed', 'pending', 'provisional', 'skipped', 'failed', 'ignored', 'rescued', 'unreachable'],
  ...['refused', 'reverted', 'interrupted', 'days', '%', 'bytes', 'seconds', 'count'],
]);

/** The report without secrets, wherever in it they stand. */
export function maskReport(report: Report, mask: (text: string) => string): Report {
  return masked(report, mask) as Report;
}

function masked(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => masked(item, mask));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      KEYS.has(key) && WORDS.has(String(inner)) ? inner : masked(inner, mask),
    ]),
  );
}
