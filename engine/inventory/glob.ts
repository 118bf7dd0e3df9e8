/**
 * A shell pattern as Python's `fnmatch.translate` reads it: `*`, `?`, `[abc]`, `[!abc]`; it matches whole names,
 * upper and lower case apart. `undefined` where a bracket holds a range that runs backwards.
 */
export function globPattern(glob: string): RegExp | undefined {
  let pattern = '';
  for (let at = 0; at < glob.length; at += 1) {
    const char = glob.charAt(at);
    if (char === '*') {
      // Neighbouring stars are one: each of its own would make matching exponential.
      if (glob.charAt(at - 1) !== '*') pattern += '.*';
    } else if (char === '?') {
      pattern += '.';
    } else {
      const close = char === '[' ? closingBracket(glob, at) : -1;
      if (close === -1) {
        pattern += char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
      } else {
        pattern += bracket(glob.slice(at + 1, close));
        at = close;
      }
    }
  }
  try {
    return new RegExp(`^${pattern}$`, 'su');
  } catch {
    return undefined;
  }
}

/** A `]` right after the `[` or `[!` stands for itself. */
function closingBracket(glob: string, open: number): number {
  const first = glob.charAt(open + 1) === '!' ? open + 2 : open + 1;
  return glob.indexOf(']', first + 1);
}

function bracket(inner: string): string {
  const negated = inner.startsWith('!');
  const characters = (negated ? inner.slice(1) : inner).replace(/[\\[\]^|]/g, '\\$&');
  // A hyphen at either end stands for itself; the `u` flag wants it escaped there.
  const escaped = characters.replace(/^-/, '\\-').replace(/-$/, '\\-');
  return `[${negated ? '^' : ''}${escaped}]`;
}
