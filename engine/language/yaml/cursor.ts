import type { Source } from '../diagnostics.ts';

/** Where the quick reader stands. */
export interface Cursor {
  readonly source: Source;
  readonly text: string;
  at: number;
  /** Where the line of `at` starts. */
  line: number;
  /** Of the content that `toContent` has found. */
  column: number;
  depth: number;
}

export const DEPTH_LIMIT = 100;

/** How the reader stops in the middle of anything; it never leaves `orGiveUp`. */
const GIVE_UP = Symbol('left to the thorough reader');

export function giveUp(): never {
  throw GIVE_UP;
}

/** What `read` gives, or `undefined` where it gave up. */
export function orGiveUp<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    if (thrown === GIVE_UP) return undefined;
    throw thrown;
  }
}

/** From behind a value, or the start of a line, to the next content; over the rest of the line, blanks and comments. */
export function toContent(cursor: Cursor): void {
  const { text } = cursor;
  let at = cursor.at;
  for (;;) {
    let next = at;
    while (text.charCodeAt(next) === SPACE) next += 1;
    const code = text.charCodeAt(next);
    if (code === HASH) {
      if (next === at && next > 0 && text.charCodeAt(next - 1) !== NEWLINE) giveUp();
      const end = text.indexOf('\n', next);
      next = end === -1 ? text.length : end;
    }
    if (next >= text.length) {
      cursor.at = text.length;
      cursor.column = -1;
      return;
    }
    if (text.charCodeAt(next) !== NEWLINE) {
      cursor.at = next;
      cursor.column = next - cursor.line;
      return;
    }
    at = next + 1;
    cursor.line = at;
  }
}

export const SPACE = 0x20;
export const NEWLINE = 0x0a;
export const HASH = 0x23;

/** Whether only a comment follows on this line: then a value stands on the next ones, if at all. */
export function isLineOver({ text }: Cursor, at: number): boolean {
  let next = at;
  while (text.charCodeAt(next) === SPACE) next += 1;
  const code = text.charCodeAt(next);
  return Number.isNaN(code) || code === NEWLINE || (code === HASH && next > at);
}

export function isGap(code: number): boolean {
  return code === SPACE || code === NEWLINE || Number.isNaN(code);
}
