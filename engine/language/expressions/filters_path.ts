import { inputText } from './arguments.ts';
import { isList, type Operand, tuple } from './operand.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import { deep, type Routine, type Routines } from './routine.ts';

function plain(run: (path: string) => Operand): Routine {
  return deep('', (input, args) => run(inputText(input, args)));
}

/** What a path means on the controller says nothing about the host: better an error than the wrong file. */
function refused(name: string, hint: string): Routine {
  return deep('', () => {
    throw new Problem(`the filter \`${name}\` would look at the controller, not at the host`, { hint });
  });
}

/** Python's os.path, as Ansible has it in filters; none of them looks at a file system. */
export const pathFilters: Routines = {
  basename: plain((path) => path.slice(path.lastIndexOf('/') + 1)),
  dirname: plain(dirname),
  splitext: plain((path) => tuple(...splitExtension(path))),
  path_join: deep('', (input, args) => (isList(input) ? join(input.map(textOf)) : inputText(input, args))),
  normpath: plain(normalize),
  relpath: deep('start', (input, args) => relative(inputText(input, args), args.text('start'))),
  win_basename: plain((path) => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'), colon(path)) + 1)),
  win_dirname: plain(windowsDirname),
  win_splitdrive: plain((path) => tuple(path.slice(0, colon(path) + 1), path.slice(colon(path) + 1))),
  expanduser: refused('expanduser', 'Modules expand `~` in paths themselves, for the user they act as.'),
  expandvars: refused('expandvars', "Use `lookup('env', 'NAME')` for a variable of the controller's environment."),
  realpath: refused('realpath', 'Register a `stat` task and use its `stat.lnk_source`.'),
};

function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '');
}

function splitExtension(path: string): readonly [string, string] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const found = /^(\.*[^.].*)(\.[^.]*)$/s.exec(name);
  const extension = found?.[2] ?? '';
  return [path.slice(0, path.length - extension.length), extension];
}

function join(parts: readonly string[]): string {
  return parts.reduce((path, part) => {
    if (part.startsWith('/')) return part;
    return path === '' || path.endsWith('/') ? path + part : `${path}/${part}`;
  });
}

function normalize(path: string): string {
  const root = /^\/\/(?!\/)/.test(path) ? '//' : path.startsWith('/') ? '/' : '';
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    const last = kept.at(-1);
    if (part !== '..' || (root === '' && (last === undefined || last === '..'))) kept.push(part);
    else if (last !== undefined) kept.pop();
  }
  return root + kept.join('/') || '.';
}

/** Both paths absolute, or both relative to the same place: where that is, is no business of a template's. */
function relative(path: string, start: string): string {
  if (path.startsWith('/') !== start.startsWith('/')) {
    throw new Problem('the filter `relpath` takes two absolute paths, or two relative ones');
  }
  const from = normalize(start)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  const to = normalize(path)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared += 1;
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/') || '.';
}

function colon(path: string): number {
  return path.charAt(1) === ':' ? 1 : -1;
}

function windowsDirname(path: string): string {
  const drive = path.slice(0, colon(path) + 1);
  const rest = path.slice(drive.length);
  const head = rest.slice(0, Math.max(rest.lastIndexOf('/'), rest.lastIndexOf('\\')) + 1);
  return drive + (/^[\\/]*$/.test(head) ? head : head.replace(/[\\/]+$/, ''));
}
