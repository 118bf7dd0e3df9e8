/** How new files and directories are made: every program runs with this. */
const UMASK = 0o022;

export type ModeResult =
  | { readonly ok: true; readonly mode: number }
  | { readonly ok: false; readonly problem: string };

/**
 * The permission bits that a `mode` parameter means: octal, or symbolic as in chmod(1) and relative to what is
 * there now. As Ansible has it, `r`, `w` and `x` of a clause that names nobody (`+w`) leave out what the umask
 * takes away.
 */
export function resolveMode(mode: string, current: number, directory: boolean): ModeResult {
  const octal = /^(?:0o)?([0-7]+)$/.exec(mode.trim());
  if (octal !== null) {
    const bits = Number.parseInt(octal[1] as string, 8);
    return bits <= 0o7777 ? { ok: true, mode: bits } : bad(mode);
  }
  let result = current;
  for (const clause of mode.trim().split(',')) {
    const parts = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause);
    if (parts === null) return bad(mode);
    const [, who, actions] = parts as unknown as [string, string, string];
    for (const [, operator, letters] of actions.matchAll(/([-+=])([rwxXstugo]*)/g)) {
      result = act(result, current, directory, who, operator as string, letters as string);
    }
  }
  return { ok: true, mode: result };
}

function bad(mode: string): ModeResult {
  return {
    ok: false,
    problem: `${mode} is no mode: write octal digits such as "0644", or symbols such as u=rwX,g=rX,o=`,
  };
}

type Who = 'u' | 'g' | 'o';
const SHIFT: Readonly<Record<Who, number>> = { u: 6, g: 3, o: 0 };
const SPECIAL: Readonly<Record<Who, number>> = { u: 0o4000, g: 0o2000, o: 0o1000 };

function act(
  mode: number,
  current: number,
  directory: boolean,
  who: string,
  operator: string,
  letters: string,
): number {
  const people = who === '' || who.includes('a') ? 'ugo' : who;
  let result = mode;
  const masked = who === '' ? UMASK : 0;
  for (const one of people as Iterable<Who>) {
    const bits = [...letters].reduce(
      (sum, letter) => sum | (bitsOf(letter, one, current, directory) & ~(/[rwx]/.test(letter) ? masked : 0)),
      0,
    );
    if (operator === '=') result = (result & ~((7 << SHIFT[one]) | SPECIAL[one])) | bits;
    else if (operator === '+') result |= bits;
    else result &= ~bits;
  }
  return result;
}

function bitsOf(letter: string, who: Who, current: number, directory: boolean): number {
  switch (letter) {
    case 'r':
      return 4 << SHIFT[who];
    case 'w':
      return 2 << SHIFT[who];
    case 'x':
      return 1 << SHIFT[who];
    case 'X':
      return directory || (current & 0o111) !== 0 ? 1 << SHIFT[who] : 0;
    case 's':
      return who === 'o' ? 0 : SPECIAL[who];
    case 't':
      return who === 'o' ? SPECIAL.o : 0;
    default:
      return ((current >> SHIFT[letter as Who]) & 7) << SHIFT[who];
  }
}
