/** Regular files of an archive in GNU's format (tar(5)), by name. Reads as far as the archive makes sense. */
export function readTar(archive: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    const size = readSize(header.subarray(124, 136));
    if (header[0] === 0 || size === undefined || at + BLOCK + size > archive.length) break;
    const data = archive.subarray(at + BLOCK, at + BLOCK + size);
    const type = String.fromCharCode(header[156] ?? 0);
    // A name of more than 100 bytes stands in a record of its own, before the file's.
    if (type === 'L') longName = text(data);
    else {
      if (type === '0' || type === '\0') files.set(longName ?? text(header.subarray(0, 100)), data);
      longName = undefined;
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

const BLOCK = 512;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Up to its first NUL. */
function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Octal digits; sizes that need more are beyond what is ever read here. */
function readSize(field: Uint8Array): number | undefined {
  const digits = text(field).trim();
  return /^[0-7]{1,12}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}
