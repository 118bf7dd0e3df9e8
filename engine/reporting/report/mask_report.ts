import type { Report } from './report.ts';

/** What the program itself says, by a few fixed words: a report without them cannot be read. */
const FIXED: ReadonlySet<string> = new Set([
  'kind',
  'command',
  'verdict',
  'outcome',
  'level',
  'from',
  'to',
  'action',
  'unit',
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
      FIXED.has(key) && typeof inner === 'string' ? inner : masked(inner, mask),
    ]),
  );
}
