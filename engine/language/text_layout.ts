/** How a line looks in a terminal: tabs, wide characters, and what must not reach the terminal as it is. */
export interface Layout {
  readonly width: number;
  /** The cell in which the character at this offset of the line begins. */
  at(offset: number): number;
  /** What stands in these cells; a wide character that is cut in half is left out. */
  text(from: number, until: number): string;
}

const TAB = 4;

export function layOut(line: string): Layout {
  const cells: number[] = [];
  const shown: { readonly text: string; readonly from: number; readonly until: number }[] = [];
  let width = 0;
  for (const character of line) {
    for (let unit = 0; unit < character.length; unit += 1) cells.push(width);
    const text = character === '\t' ? ' '.repeat(TAB - (width % TAB)) : (escapeCharacter(character) ?? character);
    const until = width + (text === character ? cellsOf(character) : text.length);
    shown.push({ text, from: width, until });
    width = until;
  }
  return {
    width,
    at: (offset) => cells[Math.max(0, offset)] ?? width,
    text: (from, until) =>
      shown
        .filter((each) => each.from >= from && each.until <= until)
        .map((each) => each.text)
        .join(''),
  };
}

/**
 * Control characters, and those that reorder or hide text (Unicode TR 36): shown as escapes, so that no file can
 * move the cursor or disguise what stands in a line. `undefined`: harmless.
 */
export function escapeCharacter(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x0a) return '\\n';
  const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const isHidden = /[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udfff]/.test(
    character.length === 1 ? character : '',
  );
  if (!isControl && !isHidden) return undefined;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** East Asian Width W and F (Unicode TR 11), and emoji, as terminals draw them. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x23e9, 0x23ec],
  [0x2614, 0x2615],
  [0x2648, 0x2653],
  [0x26a1, 0x26a1],
  [0x26bd, 0x26be],
  [0x26c4, 0x26c5],
  [0x2705, 0x2705],
  [0x274c, 0x274c],
  [0x2753, 0x2755],
  [0x2757, 0x2757],
  [0x2795, 0x2797],
  [0x2b1b, 0x2b1c],
  [0x2b50, 0x2b50],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f7e0, 0x1f7eb],
  [0x1f900, 0x1f9ff],
  [0x1fa70, 0x1faff],
  [0x20000, 0x3fffd],
];

function cellsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/\p{Mn}|\p{Me}/u.test(character)) return 0;
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}
