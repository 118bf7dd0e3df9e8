/** What is to become of one option, or of a whole section, of an INI file. */
export interface IniWish {
  /** `undefined`: the options before the first section. */
  readonly section: string | undefined;
  /** `undefined`: the section itself. */
  readonly option: string | undefined;
  readonly values: readonly string[];
  readonly state: 'present' | 'absent';
  /** These values and no others. */
  readonly exclusive: boolean;
  readonly allowNoValue: boolean;
  /** `=` and not ` = `. */
  readonly noExtraSpaces: boolean;
  /** Take a line that is commented out for the option. */
  readonly modifyInactive: boolean;
}

interface IniEdit {
  readonly text: string;
  readonly message: string;
}

/** UTF-8, held as Latin-1. */
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/**
 * Edits the text (its bytes as Latin-1) as community.general's ini_file does, line by line: all else stays to the last
 * byte, but for a byte order mark, which goes, and the end of the last line, which comes.
 */
export function editIni(text: string, wish: IniWish): IniEdit {
  const plain = text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
  const ended = plain === '' || plain.endsWith('\n') ? plain : `${plain}\n`;
  const lines = ended === '' ? ['\n'] : (ended.match(/[^\n]*\n/g) ?? []);
  const { lines: edited, message } = editLines(lines, wish);
  if (message !== undefined) return { text: edited.join(''), message };
  return { text: ended === plain ? text : ended, message: 'OK' };
}

function editLines(lines: readonly string[], wish: IniWish): Edited {
  const place = findSection(lines, wish.section);
  if (place === undefined) return withoutSection(lines, wish);
  const section = lines.slice(place.start, place.end);
  const { lines: edited, message } =
    wish.state === 'present' ? present(section, place.first, wish) : absent(section, wish);
  return { lines: [...lines.slice(0, place.start), ...edited, ...lines.slice(place.end)], message };
}

interface Edited {
  readonly lines: readonly string[];
  /** `undefined`: nothing has changed. */
  readonly message: string | undefined;
}

interface Section {
  readonly start: number;
  readonly end: number;
  /** The first line of it that may hold an option: after its header. */
  readonly first: number;
}

/** `undefined`: there is none of this name. Of sections of one name that follow one another the last counts. */
function findSection(lines: readonly string[], name: string | undefined): Section | undefined {
  let start = name === undefined ? 0 : -1;
  for (const [i, line] of lines.entries()) {
    if (name !== undefined && line.startsWith(`[${name}]`)) start = i;
    else if (line.startsWith('[') && start !== -1) return { start, end: i, first: name === undefined ? 0 : 1 };
  }
  return start === -1 ? undefined : { start, end: lines.length, first: name === undefined ? 0 : 1 };
}

function withoutSection(lines: readonly string[], wish: IniWish): Edited {
  const { section, option, values, state, allowNoValue } = wish;
  if (state === 'absent') return { lines, message: undefined };
  const options =
    option === undefined
      ? []
      : values.length > 0
        ? values.map((value) => assignment(option, value, wish))
        : allowNoValue
          ? [`${option}\n`]
          : [];
  return {
    lines: [...lines, `[${section}]\n`, ...options],
    message: options.length === 0 ? 'only section added' : 'section and option added',
  };
}

function present(section: readonly string[], first: number, wish: IniWish): Edited {
  const { option } = wish;
  if (option === undefined) return { lines: section, message: undefined };
  const finds = finder(option, wish.modifyInactive);
  const lines: (string | undefined)[] = [...section];
  const kept = new Set<number>();
  let left = wish.values;
  let bare = false;
  let message: string | undefined;
  const put = (index: number, line: string) => {
    if (lines[index] !== line) message = 'option changed';
    lines[index] = line;
    kept.add(index);
  };
  // Lines that have one of the values are written anew and keep their place.
  for (const [index, line] of section.entries()) {
    const found = finds(line);
    if (found === undefined) continue;
    if (left.includes(found)) {
      const valueless = found === '' && wish.allowNoValue;
      put(index, valueless ? `${option}\n` : assignment(option, found, wish));
      left = without(left, found);
      bare ||= valueless;
    } else if (wish.values.length === 0 && wish.allowNoValue) {
      put(index, `${option}\n`);
      bare = true;
      break;
    }
  }
  if (wish.exclusive && wish.values.length > 0) {
    for (const [index, line] of section.entries()) {
      if (left.length === 0) break;
      if (kept.has(index) || finds(line) === undefined) continue;
      put(index, assignment(option, left[0] as string, wish));
      left = left.slice(1);
    }
    for (const [index, line] of section.entries()) {
      if (index < first || kept.has(index) || finds(line) === undefined) continue;
      lines[index] = undefined;
      message = 'option changed';
    }
  }
  const added = left.length > 0 ? left.map((value) => assignment(option, value, wish)) : [];
  if (left.length === 0 && wish.allowNoValue && !bare && wish.values.length === 0) added.push(`${option}\n`);
  const rest = lines.filter((line) => line !== undefined);
  if (added.length === 0) return { lines: rest, message };
  // After the last line that is neither empty nor a comment.
  const at = rest.findLastIndex((line) => !/^[ \t]*([#;].*)?\n?$/.test(line)) + 1;
  return { lines: rest.toSpliced(at, 0, ...added), message: 'option added' };
}

function absent(section: readonly string[], { option, values, exclusive }: IniWish): Edited {
  if (option === undefined) return { lines: [], message: section.length > 0 ? 'section removed' : undefined };
  const finds = finder(option, false);
  const goes = (line: string) => {
    const found = finds(line);
    return found !== undefined && (exclusive || values.includes(found));
  };
  const lines = section.filter((line) => !goes(line));
  return { lines, message: lines.length === section.length ? undefined : 'option changed' };
}

/** What an option's line has as its value; `undefined`: it is not its line. */
function finder(option: string, inactive: boolean): (line: string) => string | undefined {
  const name = option.replace(/[\^$.*+?()[\]{}|\\/-]/g, '\\$&');
  const regex = new RegExp(`^${inactive ? '[#;]?' : ''}[ \\t]*${name}[ \\t]*(?:=|\\n|$)[ \\t]*([^\\n]*)`);
  return (line) => regex.exec(line)?.[1];
}

function assignment(option: string, value: string, { noExtraSpaces }: IniWish): string {
  return noExtraSpaces ? `${option}=${value}\n` : `${option} = ${value}\n`;
}

function without(list: readonly string[], one: string): readonly string[] {
  return list.toSpliced(list.indexOf(one), 1);
}
