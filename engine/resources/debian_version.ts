/** Whether a version is older (< 0), the same (0) or newer (> 0) than another: deb-version(7). */
export function compareVersions(a: string, b: string): number {
  const left = splitVersion(a);
  const right = splitVersion(b);
  return (
    compareDigits(left.epoch, right.epoch) ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  );
}

function splitVersion(version: string): { epoch: string; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: colon === -1 ? '0' : version.slice(0, colon),
    upstream: dash === -1 ? rest : rest.slice(0, dash),
    revision: dash === -1 ? '' : rest.slice(dash + 1),
  };
}

/** Stretches without digits and stretches of digits, in turns; a missing stretch is empty. */
function compareParts(a: string, b: string): number {
  const left = stretches(a);
  const right = stretches(b);
  for (let i = 0; i < Math.max(left.length, right.length); i += 2) {
    const order = compareLetters(left[i] ?? '', right[i] ?? '') || compareDigits(left[i + 1] ?? '', right[i + 1] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function stretches(text: string): readonly string[] {
  const found: string[] = [];
  for (const [, letters, digits] of text.matchAll(/(\D*)(\d*)/g)) found.push(letters ?? '', digits ?? '');
  return found;
}

function compareLetters(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const order = weight(a[i]) - weight(b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

/** `~` sorts before the end, the end before letters, letters before all else. */
function weight(char: string | undefined): number {
  if (char === '~') return -1;
  if (char === undefined) return 0;
  const code = char.charCodeAt(0);
  return /[A-Za-z]/.test(char) ? code : code + 256;
}

/** By length after leading zeros, so that no number is too large. */
function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
