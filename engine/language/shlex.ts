/** A word of a line, quotes and escapes removed, with its place in the line. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export type Words =
  | {
      readonly ok: true;
      readonly words: readonly Word[];
      /** Where a comment begins that stands in the middle of a word: Python cuts the word there. */
      readonly cutAt: number | undefined;
    }
  | { readonly ok: false; readonly problem: string; readonly at: number };

const SPACE = ' \t\r\n';

/**
 * Takes a line apart exactly as Python's `shlex.split(line, comments)` does (POSIX mode, whitespace_split), which is
 * how Ansible reads commands, host lines and ssh option strings. Never throws.
 */
export function splitWords(line: string, comments: boolean): Words {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (SPACE.includes(line.charAt(at))) {
      at += 1;
      continue;
    }
    if (comments && line.charAt(at) === '#') break;
    const word = readWord(line, at, comments);
    if (!word.ok) return word;
    words.push({ text: word.text, start: at, end: word.end });
    at = word.end;
    if (comments && line.charAt(at) === '#') return { ok: true, words, cutAt: at };
  }
  return { ok: true, words, cutAt: undefined };
}

type ReadWord =
  | { readonly ok: true; readonly text: string; readonly end: number }
  | { readonly ok: false; readonly problem: string; readonly at: number };

function readWord(line: string, start: number, comments: boolean): ReadWord {
  let text = '';
  let at = start;
  while (at < line.length) {
    const char = line.charAt(at);
    if (SPACE.includes(char) || (comments && char === '#')) break;
    if (char === '"' || char === "'") {
      const quoted = readQuoted(line, at);
      if (!quoted.ok) return quoted;
      text += quoted.text;
      at = quoted.end;
    } else if (char === '\\') {
      if (at + 1 >= line.length) return { ok: false, problem: 'a backslash with nothing after it', at };
      text += line.charAt(at + 1);
      at += 2;
    } else {
      const end = plainEnd(line, at, comments);
      text += line.slice(at, end);
      at = end;
    }
  }
  return { ok: true, text, end: at };
}

/** Where the characters end that mean nothing but themselves. */
function plainEnd(line: string, start: number, comments: boolean): number {
  const stop = comments ? /[ \t\r\n"'\\#]/g : /[ \t\r\n"'\\]/g;
  stop.lastIndex = start;
  return stop.exec(line)?.index ?? line.length;
}

/** In double quotes a backslash escapes only itself and the quote; in single quotes nothing. */
function readQuoted(line: string, start: number): ReadWord {
  const quote = line.charAt(start);
  let text = '';
  for (let at = start + 1; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === quote) return { ok: true, text, end: at + 1 };
    const next = line.charAt(at + 1);
    if (quote === '"' && char === '\\' && (next === '"' || next === '\\')) {
      text += next;
      at += 1;
    } else {
      text += char;
    }
  }
  return { ok: false, problem: `a quote ${quote} that is never closed`, at: start };
}
