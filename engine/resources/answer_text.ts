import type { Answer } from '../transport/connection.ts';

const LOSSY = new TextDecoder('utf-8', { ignoreBOM: true });
const STRICT = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** What a program printed in a part, for reading fields out of it: bytes that are not UTF-8 become U+FFFD. */
export function partText(answer: Answer, part: string): string {
  return LOSSY.decode(answer.parts.get(part));
}

export function partLines(answer: Answer, part: string): readonly string[] {
  return lines(partText(answer, part));
}

/** `undefined` where the bytes are not UTF-8, so that text that is written back is never damaged. */
export function exactText(bytes: Uint8Array): string | undefined {
  try {
    return STRICT.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Lines without their newlines; the last newline ends a line and does not begin one. */
export function lines(text: string): readonly string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** Why a program failed, in its own words. */
export function complaint(answer: Answer): string {
  const said = LOSSY.decode(answer.stderr).trim();
  return said === '' ? `the program that looks ended with status ${answer.status}` : said;
}

/** A decimal number with no sign, as in passwd(5) and /proc; `undefined` for anything else. */
export function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
