import type { ValueMap } from '../../engine/language/values.ts';
import { octal, type PathValue } from '../../engine/resources/path_value.ts';

/** What a path is, in the words that stat and find share. */
export function modeRow(value: PathValue): ValueMap {
  const type = value.kind === 'other' ? value.type : value.kind;
  const mode = value.kind === 'link' ? 0o777 : value.mode;
  const names = ['rusr', 'wusr', 'xusr', 'rgrp', 'wgrp', 'xgrp', 'roth', 'woth', 'xoth'];
  return {
    mode: octal(mode),
    isreg: type === 'file',
    isdir: type === 'directory',
    islnk: type === 'link',
    isblk: type === 'block device',
    ischr: type === 'character device',
    isfifo: type === 'fifo',
    issock: type === 'socket',
    ...Object.fromEntries(names.map((name, i) => [name, (mode & (0o400 >> i)) !== 0])),
    isuid: (mode & 0o4000) !== 0,
    isgid: (mode & 0o2000) !== 0,
  };
}
