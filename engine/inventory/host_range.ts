import { parseAddress } from './address.ts';

/** More hosts than this in one pattern is a slip of the finger (`[1:1000000]`), not a fleet. */
export const RANGE_LIMIT = 100_000;

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

export type HostNames =
  | { readonly ok: true; readonly names: readonly string[]; readonly port: number | undefined }
  | { readonly ok: false; readonly problem: string };

/**
 * The hosts that a host line or a key under `hosts:` names: `web[01:20:2].example.com`, `db-[a:f]`, `host:2222`,
 * `[2001:db8::1]:22` (Ansible: "Adding ranges of hosts"). Both ends of a range belong to it. Never throws.
 */
export function expandHostPattern(pattern: string): HostNames {
  const address = parseAddress(pattern);
  if (address === undefined && pattern.endsWith(':')) {
    return problem('a host name cannot end in `:`, which comes before a port');
  }
  if (address?.port !== undefined && (address.port < 1 || address.port > 65535)) {
    return problem(`${address.port} is not a port: ports go from 1 to 65535`);
  }
  const host = address?.host ?? pattern;
  if (!/[[\]]/.test(host)) return { ok: true, names: [host], port: address?.port };
  const expanded = expandRanges(host);
  return expanded.ok ? { ok: true, names: expanded.names, port: address?.port } : expanded;
}

function expandRanges(pattern: string): HostNames {
  const parts: (readonly string[])[] = [];
  let count = 1;
  let at = 0;
  while (at < pattern.length) {
    const open = pattern.indexOf('[', at);
    if (open === -1) break;
    const close = pattern.indexOf(']', open);
    if (close === -1) return problem('a range opens with `[` and is never closed');
    const range = readRange(pattern.slice(open + 1, close));
    if (!range.ok) return range;
    count *= range.count;
    if (count > RANGE_LIMIT) return problem(`this names more than ${RANGE_LIMIT} hosts`);
    parts.push([pattern.slice(at, open)], range.values());
    at = close + 1;
  }
  parts.push([pattern.slice(at)]);
  if (parts.some(([text]) => text?.includes(']'))) return problem('a `]` closes a range that no `[` opens');
  const names = parts.reduce<readonly string[]>((heads, tails) => heads.flatMap((h) => tails.map((t) => h + t)), ['']);
  return { ok: true, names, port: undefined };
}

type Range =
  | { readonly ok: true; readonly count: number; readonly values: () => readonly string[] }
  | { readonly ok: false; readonly problem: string };

function readRange(text: string): Range {
  const bounds = text.split(':');
  const [begin = '', end = '', step = '1'] = bounds;
  if (bounds.length < 2 || bounds.length > 3) return problem('a range is `[begin:end]` or `[begin:end:step]`');
  if (end === '') return problem('a range needs an end: `[begin:end]`');
  if (!/^[0-9]{1,9}$/.test(step) || Number(step) === 0) {
    return problem('the step of a range must be a number above 0');
  }
  const first = begin === '' ? '0' : begin;
  const letters = /^[A-Za-z]$/.test(first) && /^[A-Za-z]$/.test(end);
  if (letters) return sequence(LETTERS.indexOf(first), LETTERS.indexOf(end), Number(step), (n) => LETTERS.charAt(n));
  if (!/^[0-9]{1,15}$/.test(first) || !/^[0-9]{1,15}$/.test(end)) {
    return problem('a range goes between two numbers or two letters');
  }
  const width = first.startsWith('0') && first.length > 1 ? first.length : 0;
  if (width > 0 && width !== end.length) {
    return problem(`with leading zeros both ends must be equally long: \`${first}\` and \`${end}\` are not`);
  }
  return sequence(Number(first), Number(end), Number(step), (n) => String(n).padStart(width, '0'));
}

function sequence(begin: number, end: number, step: number, write: (n: number) => string): Range {
  if (begin > end) return problem('the range ends before it begins');
  const count = Math.floor((end - begin) / step) + 1;
  return { ok: true, count, values: () => Array.from({ length: count }, (_, i) => write(begin + i * step)) };
}

function problem(text: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: text };
}
