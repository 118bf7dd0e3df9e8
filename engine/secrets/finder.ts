/** A stretch of a text: from `start` up to `end`, not included. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** No text that is looked for is shorter. */
export const WINDOW = 4;
const SLOTS = 1 << 16;

/**
 * Looks for many texts at once and gives where they stand, in order; what overlaps or touches is one stretch.
 * A hash of four characters tells where one of them may begin, a search among those that begin so which it is: the
 * time grows with the length of the text, and hardly with the number of what is looked for.
 */
export function createFinder(needles: Iterable<string>): (text: string) => readonly Stretch[] {
  const slots = new Map<number, string[]>();
  for (const needle of new Set(needles)) {
    const slot = hashAt(needle, 0);
    const others = slots.get(slot);
    if (others === undefined) slots.set(slot, [needle]);
    else others.push(needle);
  }
  const used = new Uint8Array(SLOTS);
  for (const [slot, texts] of slots) {
    used[slot] = 1;
    texts.sort();
  }

  return (text) => {
    const found: { start: number; end: number }[] = [];
    for (let start = 0; start + WINDOW <= text.length; start += 1) {
      const slot = hashAt(text, start);
      if (used[slot] === 0) continue;
      const length = longestAt(slots.get(slot) as string[], text, start);
      if (length === 0) continue;
      const end = start + length;
      const last = found.at(-1);
      if (last === undefined || start > last.end) found.push({ start, end });
      else last.end = Math.max(last.end, end);
    }
    return found;
  };
}

function hashAt(text: string, at: number): number {
  const first = (text.charCodeAt(at) << 9) ^ (text.charCodeAt(at + 1) << 6);
  return (first ^ (text.charCodeAt(at + 2) << 3) ^ text.charCodeAt(at + 3)) & (SLOTS - 1);
}

/** The length of the longest of the sorted texts that stands here; 0: none does. */
function longestAt(sorted: readonly string[], text: string, at: number): number {
  let longest = 0;
  let low = 0;
  let high = sorted.length;
  for (let depth = 0; low < high; depth += 1) {
    if (sorted[low]?.length === depth) {
      longest = depth;
      low += 1;
    }
    const code = text.charCodeAt(at + depth);
    if (Number.isNaN(code)) break;
    low = firstFrom(sorted, low, high, depth, code);
    high = firstFrom(sorted, low, high, depth, code + 1);
  }
  return longest;
}

/** The first of the sorted texts from `low` up to `high`, alike before `depth`, that has `code` or more there. */
function firstFrom(sorted: readonly string[], low: number, high: number, depth: number, code: number): number {
  const codeAt = (index: number): number => (sorted[index] as string).charCodeAt(depth);
  if (low >= high || codeAt(low) >= code) return low;
  if (codeAt(high - 1) < code) return high;
  let below = low;
  let from = high - 1;
  while (from - below > 1) {
    const middle = (below + from) >> 1;
    if (codeAt(middle) < code) below = middle;
    else from = middle;
  }
  return from;
}
