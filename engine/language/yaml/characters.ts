import { type Diagnostic, error, type Source } from '../diagnostics.ts';

/** What PyYAML refuses as not printable (yaml/reader.py). */
export function findControlCharacter(source: Source): Diagnostic | undefined {
  const found = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(source.text);
  if (found === null) return undefined;
  const code = found[0].codePointAt(0) ?? 0;
  return error(
    'yaml',
    `the character U+${code.toString(16).toUpperCase().padStart(4, '0')} may not stand in YAML`,
    { source, start: found.index, end: found.index + found[0].length },
    'Remove it, or write it as an escape in double quotes.',
  );
}

/** The end of what stands between, without the white space that follows it. */
export function trimEnd(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && isWhite(text.charCodeAt(last - 1))) last -= 1;
  return last;
}

function isWhite(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
