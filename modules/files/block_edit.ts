import type { PythonRegex } from '../../engine/language/python_regex.ts';
import { searchPython } from '../../engine/language/python_replace.ts';

export type BlockPlace =
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' }
  | { readonly kind: 'after' | 'before'; readonly regex: PythonRegex };

export interface BlockWish {
  /** The lines around the block, without line feeds. */
  readonly begin: string;
  readonly end: string;
  /** Empty: the block and its markers go away. */
  readonly block: string;
  readonly place: BlockPlace;
  /** Keep an empty line before or after the block. */
  readonly emptyBefore: boolean;
  readonly emptyAfter: boolean;
}

/** Lines with their ends, as Python's `bytes.splitlines` takes them apart: `\n`, `\r\n` or `\r`. */
function splitLines(text: string): readonly string[] {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
}

/** Puts the block where its markers are, or where it belongs if there are none. */
export function putBlock(text: string, wish: BlockWish): string {
  const rest = splitLines(text);
  const begin = rest.lastIndexOf(`${wish.begin}\n`);
  const end = rest.lastIndexOf(`${wish.end}\n`);
  const found = begin >= 0 && end >= 0;
  if (!found && wish.block === '') return text;
  const [first, last] = begin < end ? [begin, end] : [end, begin];
  const lines = found ? rest.toSpliced(first, last - first + 1) : [...rest];
  const at = found ? first : placeIn(text, lines, wish.place);
  return wish.block === '' ? lines.join('') : insert(lines, at, wish);
}

function insert(rest: readonly string[], at: number, wish: BlockWish): string {
  const lines = [...rest];
  const previous = lines[at - 1];
  if (previous !== undefined && !previous.endsWith('\n')) lines[at - 1] = `${previous}\n`;
  const block = wish.block.endsWith('\n') ? wish.block : `${wish.block}\n`;
  const before = wish.emptyBefore && at > 0 && lines[at - 1] !== '\n' ? '\n' : '';
  const after = wish.emptyAfter && at < lines.length && lines[at] !== '\n' ? '\n' : '';
  lines.splice(at, 0, `${before}${wish.begin}\n${block}${wish.end}\n${after}`);
  return lines.join('');
}

/** Number of lines before the block. The last match counts, but with `(?m)`, which looks at the whole text, the first. */
function placeIn(text: string, lines: readonly string[], place: BlockPlace): number {
  if (place.kind === 'begin') return 0;
  if (place.kind === 'end') return lines.length;
  const index = place.regex.multiline
    ? lineOfMatch(text, place)
    : lines.findLastIndex((line) => searchPython(place.regex, line) !== null);
  if (index < 0) return lines.length;
  return place.kind === 'after' ? index + 1 : index;
}

function lineOfMatch(text: string, place: Extract<BlockPlace, { regex: PythonRegex }>): number {
  const match = searchPython(place.regex, text);
  if (match === null) return -1;
  const upTo = place.kind === 'after' ? match.index + match[0].length : match.index;
  return text.slice(0, upTo).split('\n').length - 1;
}
