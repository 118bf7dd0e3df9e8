/** Arguments of one process: in number (a shell's list grows at quadratic cost) and in bytes (execve(2)). */
const MOST_WORDS = 400;
const MOST_BYTES = 512 * 1024;

/** Words in lists that each fit into one command line. */
export function chunks(words: Iterable<string>): readonly (readonly string[])[] {
  const all: string[][] = [];
  let bytes = 0;
  for (const word of words) {
    const size = Buffer.byteLength(word) + 1;
    const last = all.at(-1);
    if (last === undefined || last.length >= MOST_WORDS || bytes + size > MOST_BYTES) {
      all.push([word]);
      bytes = size;
    } else {
      last.push(word);
      bytes += size;
    }
  }
  return all;
}
