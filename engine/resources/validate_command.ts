import { splitWords } from '../language/shlex.ts';
import { join, type Sh, sh } from '../transport/sh.ts';

/**
 * Runs the `validate` command of a file module on the new content. As in Ansible there is no shell: the text is
 * taken apart like Python's `shlex.split`, and `%s` stands for the path, `%%` for a percent sign.
 */
export function validateCommand(
  command: string,
  file: Sh,
  failed = `the new content does not pass \`${command}\``,
): Sh {
  const words = wordsOf(command);
  return sh`rb_said=$(exec ${join(
    words.map((word) => withPath(word, file)),
    ' ',
  )} 2>&1) || { printf '%s\\n' ${failed} "$rb_said" >&2; exit 1; }`;
}

/** Why the command cannot be run, if so. */
export function validateProblem(command: string, parameter = 'validate'): string | undefined {
  const split = splitWords(command, false);
  if (!split.ok) return `${parameter} has ${split.problem}: ${command}`;
  if (split.words.length === 0) return `${parameter} is empty; leave it out, or name a command with %s for the file`;
  if (!/(?<!%)(?:%%)*%s/.test(command))
    return `${parameter} must contain %s, which stands for the new file: ${command}`;
  return undefined;
}

function wordsOf(command: string): readonly string[] {
  const split = splitWords(command, false);
  return split.ok ? split.words.map((word) => word.text) : ['false'];
}

function withPath(word: string, file: Sh): Sh {
  if (word === '') return sh`${word}`;
  const pieces = word.split(/(%%|%s)/);
  return pieces.reduce((sofar, piece) => {
    if (piece === '%s') return sh`${sofar}${file}`;
    const text = piece === '%%' ? '%' : piece;
    return text === '' ? sofar : sh`${sofar}${text}`;
  }, sh``);
}
