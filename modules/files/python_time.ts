/** Directives of Python's `strptime` (its documentation), as far as they name a date and a time of day. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  y: '(?<y>\\d{2})',
  m: '(?<m>1[0-2]|0?[1-9])',
  d: '(?<d>3[01]|[12]\\d|0?[1-9])',
  H: '(?<H>2[0-3]|[01]?\\d)',
  I: '(?<I>1[0-2]|0?[1-9])',
  M: '(?<M>[0-5]?\\d)',
  S: '(?<S>6[01]|[0-5]?\\d)',
  j: '(?<j>36[0-6]|3[0-5]\\d|[12]\\d\\d|0?\\d?\\d)',
  b: '(?<b>[A-Za-z]{3})',
  B: '(?<B>[A-Za-z]+)',
  p: '(?<p>[AaPp][Mm])',
  '%': '%',
};
const MONTHS = 'january february march april may june july august september october november december'.split(' ');

export type WallClock = { readonly ok: true; readonly time: string } | { readonly ok: false; readonly problem: string };

/** A time in the given format, as the host's wall clock: `2024-01-02 03:04:05`. */
export function parseTime(text: string, format: string): WallClock {
  const pattern = patternOf(format);
  if (pattern === undefined) {
    return { ok: false, problem: `the format ${format} has a directive that is not supported; use %Y %m %d %H %M %S` };
  }
  const match = pattern.exec(text);
  if (match === null) return { ok: false, problem: `${text} is not a time in the format ${format}` };
  const found = match.groups ?? {};
  const part = (name: string, otherwise: number) => (found[name] === undefined ? otherwise : Number(found[name]));
  const named = found.b ?? found.B;
  const month = named === undefined ? part('m', 1) : 1 + MONTHS.findIndex((name) => matchesMonth(name, named));
  const short = part('y', 0);
  const year =
    found.Y === undefined ? (found.y === undefined ? 1900 : short + (short < 69 ? 2000 : 1900)) : part('Y', 0);
  const day = found.j === undefined ? part('d', 1) : part('j', 1);
  const hour = found.I === undefined ? part('H', 0) : (part('I', 12) % 12) + (/^p/i.test(found.p ?? '') ? 12 : 0);
  const date = new Date(Date.UTC(year, found.j === undefined ? month - 1 : 0, day, hour, part('M', 0), part('S', 0)));
  const real = month >= 1 && (found.j !== undefined || date.getUTCDate() === day);
  if (!real) return { ok: false, problem: `${text} is no date there is` };
  return { ok: true, time: date.toISOString().slice(0, 19).replace('T', ' ') };
}

function matchesMonth(name: string, given: string): boolean {
  return name === given.toLowerCase() || name.slice(0, 3) === given.toLowerCase();
}

function patternOf(format: string): RegExp | undefined {
  let source = '';
  for (const [piece, letter] of format.matchAll(/%(.)|[^%]+|%$/gs)) {
    const directive = letter === undefined ? undefined : DIRECTIVES[letter];
    if (piece.startsWith('%') && directive === undefined) return undefined;
    source += directive ?? piece.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&').replaceAll(/\s+/g, '\\s+');
  }
  try {
    return new RegExp(`^${source}$`);
  } catch {
    // A directive that stands in the format twice.
    return undefined;
  }
}
