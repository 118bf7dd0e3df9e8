import { splitWords } from '../../engine/language/shlex.ts';
import { join, quote, type Sh, sh } from '../../engine/transport/sh.ts';

export type CommandWords =
  | { readonly ok: true; readonly words: readonly string[] }
  | { readonly ok: false; readonly problem: string };

/** Takes a command apart as Ansible does: Python's `shlex.split`. */
export function commandWords(cmd: string): CommandWords {
  const split = splitWords(cmd, false);
  if (!split.ok) return { ok: false, problem: `the command has ${split.problem}` };
  const words = split.words.map((word) => word.text);
  return words.length === 0 ? { ok: false, problem: 'no command is given' } : { ok: true, words };
}

/** The command as shell text in which nothing but `$NAME`, `${NAME}` and a leading `~` is expanded. */
export function shellWords(words: readonly string[], expand: boolean): Sh {
  return join(
    words.map((word) => (expand ? expandedWord(word) : sh`${word}`)),
    ' ',
  );
}

/** os.path.expandvars and os.path.expanduser of Python: what is not set, and who is not there, stays as written. */
function expandedWord(word: string): Sh {
  const home = /^~([a-z_][a-z0-9_-]*)?(?=\/|$)/.exec(word)?.[0] ?? '';
  const pieces = word.slice(home.length).split(/(\$(?:[A-Za-z0-9_]+|\{[^}]*\}))/);
  const parts = pieces.flatMap((piece, i) => {
    if (piece === '') return [];
    const name = i % 2 === 1 ? piece.replace(/^\$\{?/, '').replace(/\}$/, '') : '';
    return [isVariable(name) ? variable(name, piece.startsWith('${')) : sh`${piece}`];
  });
  if (home === '' && parts.length === 0) return sh`${word}`;
  return parts.reduce((sofar, part) => sh`${sofar}${part}`, tilde(home));
}

/** Without quotes, so that the shell expands it; the name has letters that no shell takes for more. */
function tilde(home: string): Sh {
  if (home === '') return sh``;
  return home === '~' ? sh`~` : sh`~${home.slice(1)}`;
}

function variable(name: string, braces: boolean): Sh {
  return braces ? sh`"\${${name}-\\\${${name}\\}}"` : sh`"\${${name}-\\$${name}}"`;
}

/** Variables of the shell that runs the command, which no program finds in its environment. */
const OWN = /^(IFS|OPTIND|PPID|PS[124]|LINENO|_|[Rr][Bb]_\w*)$/;

function isVariable(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && quote(name) === name && !OWN.test(name);
}
