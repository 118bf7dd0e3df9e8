import type { Source, Span } from './diagnostics.ts';

const known = new WeakMap<Source, readonly number[]>();

/** Where each line of a source begins, as offsets in UTF-16 units; found once for each source. */
export function lineStarts(source: Source): readonly number[] {
  const before = known.get(source);
  if (before !== undefined) return before;
  const starts = [0];
  for (let at = source.text.indexOf('\n'); at >= 0; at = source.text.indexOf('\n', at + 1)) starts.push(at + 1);
  known.set(source, starts);
  return starts;
}

/** The line that a span begins on; the first is 1. */
export function lineOf({ source, start }: Span): number {
  const starts = lineStarts(source);
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= start) low = middle;
    else high = middle;
  }
  return low + 1;
}
