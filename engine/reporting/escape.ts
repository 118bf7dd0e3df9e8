/**
 * Text from a host or a file, safe for a terminal: control characters (C0, C1, DEL), and the marks that turn
 * text around (Unicode TR 9: "Trojan Source"), are shown as escapes. Tabs stay.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, (char) => {
    const code = char.codePointAt(0) as number;
    if (code === 0x0a) return '\\n';
    if (code === 0x0d) return '\\r';
    if (code === 0x1b) return '\\e';
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

const UNSAFE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2060-\u206f\ufeff]/g;

/** The same for text of several lines: line ends stay line ends, so a carriage return in one is shown. */
export function printableLines(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map(printable);
}
