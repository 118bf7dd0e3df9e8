/** Behind the closing quote, or -1 where the text does not end on its line. */
export function endOfSingle(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\n') return -1;
    if (character !== "'") continue;
    if (text.charAt(at + 1) !== "'") return at + 1;
    at += 1;
  }
  return -1;
}

/** Behind the closing quote, or -1 where the text does not end on its line. */
export function endOfDouble(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\n') return -1;
    if (character === '"') return at + 1;
    if (character === '\\') at += 1;
  }
  return -1;
}

/** YAML's escapes of one character (YAML 1.2, section 5.7). */
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** The escape that a backslash at `at` begins; `undefined`: it means nothing. */
export function readEscape(text: string, at: number): { readonly value: string; readonly length: number } | undefined {
  const letter = text.charAt(at + 1);
  const digits = HEX_DIGITS[letter];
  if (digits === undefined) {
    const value = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    return value === undefined ? undefined : { value, length: 2 };
  }
  const hex = text.slice(at + 2, at + 2 + digits);
  const code = new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(hex) ? Number.parseInt(hex, 16) : Number.NaN;
  return code <= 0x10ffff ? { value: String.fromCodePoint(code), length: 2 + digits } : undefined;
}

/** The inside of a text in double quotes; `undefined` where an escape in it means nothing. */
export function decodeEscapes(text: string): string | undefined {
  let at = text.indexOf('\\');
  if (at === -1) return text;
  let value = '';
  let from = 0;
  while (at !== -1) {
    const read = readEscape(text, at);
    if (read === undefined) return undefined;
    value += text.slice(from, at) + read.value;
    from = at + read.length;
    at = text.indexOf('\\', from);
  }
  return value + text.slice(from);
}
