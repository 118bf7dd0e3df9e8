import { Problem } from './problem.ts';
import { characters, lengthOf, strip } from './text.ts';

export interface WrapOptions {
  readonly width: number;
  readonly breakLongWords: boolean;
  readonly breakOnHyphens: boolean;
}

const WS = '\\t\\n\\v\\f\\r ';
/** Python's textwrap.TextWrapper.wordsep_re. */
const CHUNKS = new RegExp(
  `([${WS}]+|(?<=[\\p{L}\\p{N}_!"'&.,?])-{2,}(?=[\\p{L}\\p{N}_])|[^${WS}]+?(?:-(?:(?<=[\\p{L}_]{2}-)|(?<=[\\p{L}_]-[\\p{L}_]-))(?=[\\p{L}_]-?[\\p{L}_])|(?=[${WS}]|$)|(?<=[\\p{L}\\p{N}_!"'&.,?])(?=-{2,}[\\p{L}\\p{N}_])))`,
  'u',
);
const SIMPLE_CHUNKS = new RegExp(`([${WS}]+)`);

/** Python's textwrap.wrap of one line, white space kept as it is. */
export function wrap(line: string, options: WrapOptions): readonly string[] {
  if (options.width <= 0) throw new Problem('the width to wrap at must be positive');
  const pattern = options.breakOnHyphens ? CHUNKS : SIMPLE_CHUNKS;
  const chunks = line
    .split(pattern)
    .filter((chunk) => chunk !== '')
    .reverse();
  const made: string[] = [];
  while (chunks.length > 0) {
    if (made.length > 0 && isBlank(chunks.at(-1))) chunks.pop();
    const current = takeLine(chunks, options);
    if (isBlank(current.at(-1))) current.pop();
    if (current.length > 0) made.push(current.join(''));
  }
  return made;
}

function isBlank(chunk: string | undefined): boolean {
  return chunk !== undefined && strip(chunk) === '';
}

/** The chunks that one line holds, taken from the end of `chunks`. */
function takeLine(chunks: string[], options: WrapOptions): string[] {
  const current: string[] = [];
  let room = options.width;
  for (let next = chunks.at(-1); next !== undefined && lengthOf(next) <= room; next = chunks.at(-1)) {
    current.push(next);
    room -= lengthOf(next);
    chunks.pop();
  }
  const next = chunks.at(-1);
  if (next === undefined || lengthOf(next) <= options.width) return current;
  if (options.breakLongWords) {
    const cut = hyphenCut(next, room, options);
    chunks.pop();
    current.push(characters(next).slice(0, cut).join(''));
    chunks.push(characters(next).slice(cut).join(''));
  } else if (current.length === 0) {
    current.push(next);
    chunks.pop();
  }
  return current;
}

/** Where a word that is too long is cut: behind its last hyphen that fits, if it has one. */
function hyphenCut(chunk: string, room: number, { breakOnHyphens }: WrapOptions): number {
  const all = characters(chunk);
  const hyphen = all.slice(0, room).lastIndexOf('-');
  const hasLetters = all.slice(0, hyphen).some((each) => each !== '-');
  return breakOnHyphens && all.length > room && hyphen > 0 && hasLetters ? hyphen + 1 : room;
}
