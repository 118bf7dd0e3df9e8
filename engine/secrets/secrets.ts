import { createFinder, type Stretch, WINDOW } from './finder.ts';
import { formsOf } from './forms.ts';

/**
 * The texts that nobody may read: passwords, passphrases, what a vault held. All that leaves the program, to a
 * screen, a pipe or the journal, goes through `mask`, whoever wrote it.
 */
export interface Secrets {
  /** From now on this text is masked. Shorter than four characters it is not: that would mask everything. */
  add(text: string): void;
  /** With every secret in it replaced, also where it is a part of a text, encoded or quoted (see forms.ts). */
  mask(text: string): string;
  /** The same for a line of JSON, which stays JSON and keeps its shape. */
  maskJson(line: string): string;
  /** Asterisks of the same length, line ends kept: every place in the text stays where it is. */
  cover(text: string): string;
}

export const MASK = '********';

/** No secrets, though a vault may well hold them. */
const WORDS: ReadonlySet<string> = new Set(['true', 'false', 'null', 'none']);

export function createSecrets(): Secrets {
  const texts = new Set<string>();
  let find: ((text: string) => readonly Stretch[]) | undefined;

  function stretches(text: string): readonly Stretch[] {
    if (texts.size === 0) return [];
    find ??= createFinder(new Set([...texts].flatMap((secret) => [...formsOf(secret, WINDOW)])));
    return find(text);
  }

  function replace(text: string, by: (secret: string) => string): string {
    let masked = '';
    let from = 0;
    for (const { start, end } of stretches(text)) {
      masked += text.slice(from, start) + by(text.slice(start, end));
      from = end;
    }
    return from === 0 ? text : masked + text.slice(from);
  }

  const mask = (text: string): string => replace(text, () => MASK);
  return {
    add(text) {
      const secret = text.trim();
      if (secret.length < WINDOW || texts.has(secret) || WORDS.has(secret.toLowerCase())) return;
      texts.add(secret);
      find = undefined;
    },
    mask,
    maskJson(line) {
      if (texts.size === 0) return line;
      const end = line.endsWith('\n') ? '\n' : '';
      return JSON.stringify(maskValue(JSON.parse(line), mask, 0)) + end;
    },
    cover: (text) => replace(text, (secret) => secret.replace(/\S/g, '*')),
  };
}

/** What the program itself names, at the top of a line and of its tasks: without them a journal says nothing. */
const NAMES: ReadonlySet<string> = new Set(['type', 'host', 'id', 'module', 'outcome', 'status']);
const NAMES_DEPTH = 3;

function maskValue(value: unknown, mask: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') return mask(value);
  // A number is a secret only as a whole: it stands among counts and times.
  if (typeof value === 'number') return mask(String(value)) === MASK ? MASK : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => maskValue(item, mask, depth + 1));
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
    if (depth < NAMES_DEPTH && NAMES.has(key) && typeof inner === 'string') return [key, inner];
    // A name stands for what it names; what is no name may be anything.
    return [/^[A-Za-z_]+$/.test(key) ? key : mask(key), maskValue(inner, mask, depth + 1)];
  });
  return Object.fromEntries(entries);
}
