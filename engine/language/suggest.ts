import { distance } from 'fastest-levenshtein';

/** The candidate that a mistyped name most likely means, or `undefined` where none is near. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(name);
  // One slip in a short name, about one in three letters in a longer one.
  let best = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  let found: string | undefined;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    const other = fold(candidate);
    const slips = slipsBetween(wanted, other);
    // Whoever slips more than once has mostly begun with the right letter: `source` does not mean `force`.
    if (slips < best && (slips < 2 || wanted.charAt(0) === other.charAt(0))) {
      best = slips;
      found = candidate;
    }
  }
  return found;
}

/** Edits between two words, two neighbours that changed places counting as one: `cpoy`. */
function slipsBetween(word: string, other: string): number {
  let slips = distance(word, other);
  for (let at = 0; at + 1 < word.length && slips > 1; at += 1) {
    const swapped = word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
    slips = Math.min(slips, distance(swapped, other) + 1);
  }
  return slips;
}

/** `did you mean` as a hint, ready to stand alone. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(name, candidates);
  return found === undefined ? undefined : `Did you mean \`${found}\`?`;
}

/** `gather-facts` and `GatherFacts` are as near as can be to `gather_facts`. */
function fold(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '');
}
