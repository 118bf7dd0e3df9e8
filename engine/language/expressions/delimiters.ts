import type { RenderOptions } from '../templated.ts';

/** What tags begin and end with. */
export interface Delimiters {
  readonly blockBegin: string;
  readonly blockEnd: string;
  readonly outputBegin: string;
  readonly outputEnd: string;
  readonly commentBegin: string;
  readonly commentEnd: string;
}

export const STANDARD: Delimiters = {
  blockBegin: '{%',
  blockEnd: '%}',
  outputBegin: '{{',
  outputEnd: '}}',
  commentBegin: '{#',
  commentEnd: '#}',
};

export function delimitersOf(options: RenderOptions): Delimiters {
  return {
    blockBegin: options.blockStart || STANDARD.blockBegin,
    blockEnd: options.blockEnd || STANDARD.blockEnd,
    outputBegin: options.variableStart || STANDARD.outputBegin,
    outputEnd: options.variableEnd || STANDARD.outputEnd,
    commentBegin: options.commentStart || STANDARD.commentBegin,
    commentEnd: options.commentEnd || STANDARD.commentEnd,
  };
}

/** Regular expressions that find them. All of them carry `lastIndex`: set it before each use. */
export interface Patterns {
  readonly begin: RegExp;
  readonly kinds: ReadonlyMap<string, 'output' | 'block' | 'comment'>;
  readonly rawBegin: RegExp;
  /** Groups: the sign before the tag's text, the sign before its end. */
  readonly rawEnd: RegExp;
  readonly space: RegExp;
}

const known = new Map<string, Patterns>();

export function delimiterPatterns(delimiters: Delimiters): Patterns {
  const key = Object.values(delimiters).join('\0');
  let patterns = known.get(key);
  if (patterns === undefined) {
    patterns = build(delimiters);
    known.set(key, patterns);
  }
  return patterns;
}

function build(delimiters: Delimiters): Patterns {
  const kinds = new Map<string, 'output' | 'block' | 'comment'>([
    [delimiters.outputBegin, 'output'],
    [delimiters.blockBegin, 'block'],
    [delimiters.commentBegin, 'comment'],
  ]);
  // Of several that begin at one place, the longest is meant.
  const begins = [...kinds.keys()].sort((a, b) => b.length - a.length).map(escapePattern);
  const blockBegin = escapePattern(delimiters.blockBegin);
  const blockEnd = escapePattern(delimiters.blockEnd);
  return {
    begin: new RegExp(begins.join('|'), 'g'),
    kinds,
    rawBegin: new RegExp(`${blockBegin}[-+]?\\s*raw\\s*(?:-${blockEnd}\\s*|${blockEnd})`, 'y'),
    rawEnd: new RegExp(`${blockBegin}([-+]?)\\s*endraw\\s*([-+]?)${blockEnd}`, 'g'),
    space: /\s+/y,
  };
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
