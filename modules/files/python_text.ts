/**
 * Text of bytes that may not be UTF-8, as Python holds it with `surrogateescape`: a byte that is no part of a
 * character becomes a lone surrogate, U+DC80 to U+DCFF, and comes back as it was.
 */
export function decodeEscaped(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return decodePieces(bytes);
  }
}

function decodePieces(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    text +=
      length === 0
        ? String.fromCharCode(0xdc00 + (bytes[at] as number))
        : Buffer.from(bytes.subarray(at, at + length)).toString('utf8');
    at += Math.max(length, 1);
  }
  return text;
}

/** Bytes of the character that begins here (RFC 3629, section 4); 0: none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0;
  const piece = Buffer.from(bytes.subarray(at, at + length));
  return piece.toString('utf8').includes('\ufffd') && !piece.equals(REPLACEMENT) ? 0 : length;
}

const REPLACEMENT = Buffer.from('\ufffd');

export function encodeEscaped(text: string): Buffer {
  const pieces = text.split(/([\udc80-\udcff])/u).map((piece) => {
    const code = piece.length === 1 ? piece.charCodeAt(0) : 0;
    return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(piece, 'utf8');
  });
  return Buffer.concat(pieces);
}
