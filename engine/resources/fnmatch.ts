/** Whether a text matches a shell pattern as Python's `fnmatch` reads it: `*`, `?`, `[seq]`, `[!seq]`, all else literal. */
export function fnmatch(text: string, pattern: string): boolean {
  return toRegex(pattern).test(text);
}

export function hasGlob(text: string): boolean {
  return /[*?[]/.test(text);
}

function toRegex(pattern: string): RegExp {
  let source = '';
  let at = 0;
  while (at < pattern.length) {
    const char = pattern[at] as string;
    at += 1;
    if (char === '*') {
      // One star does what many do, and many would make the match take exponential time.
      if (!source.endsWith('.*')) source += '.*';
    } else if (char === '?') {
      source += '.';
    } else if (char === '[') {
      const set = readSet(pattern, at);
      source += set.source;
      at = set.end;
    } else {
      source += literal(char);
    }
  }
  return new RegExp(`^${source}$`, 's');
}

/** The set that begins after `[`. Where no `]` closes it, the bracket is an ordinary character. */
function readSet(pattern: string, start: number): { readonly source: string; readonly end: number } {
  const negated = pattern[start] === '!';
  const first = negated ? start + 1 : start;
  // A `]` that comes first belongs to the set.
  const close = pattern.indexOf(']', first + 1);
  if (close === -1) return { source: '\\[', end: start };
  const members = setMembers(pattern.slice(first, close));
  // A range whose ends are the wrong way round holds nothing; so `[]` matches nothing and `[^]` anything.
  return { source: `[${negated ? '^' : ''}${members}]`, end: close + 1 };
}

function setMembers(body: string): string {
  let members = '';
  for (let i = 0; i < body.length; i += 1) {
    const low = body[i] as string;
    const high = body[i + 1] === '-' ? body[i + 2] : undefined;
    if (high === undefined) {
      members += literal(low);
      continue;
    }
    if (low <= high) members += `${literal(low)}-${literal(high)}`;
    i += 2;
  }
  return members;
}

function literal(char: string): string {
  return /[\^$.*+?()[\]{}|\\/-]/.test(char) ? `\\${char}` : char;
}
