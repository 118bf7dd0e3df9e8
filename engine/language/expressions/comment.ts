import { checkText } from './limits.ts';
import { replaced } from './methods_text.ts';
import { numeric, type Operand } from './operand.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import { stripEnd } from './text.ts';

interface Style {
  readonly beginning: string;
  readonly decoration: string;
  readonly end: string;
}

const STYLES: ReadonlyMap<string, Style> = new Map([
  ['plain', { beginning: '', decoration: '# ', end: '' }],
  ['erlang', { beginning: '', decoration: '% ', end: '' }],
  ['c', { beginning: '', decoration: '// ', end: '' }],
  ['cblock', { beginning: '/*', decoration: ' * ', end: ' */' }],
  ['xml', { beginning: '<!--', decoration: ' - ', end: '-->' }],
]);
const OPTIONS = ['newline', 'beginning', 'prefix', 'prefix_count', 'decoration', 'postfix', 'postfix_count', 'end'];

/** Ansible's filter `comment`: a text as a comment of a configuration file. */
export function comment(text: string, styleName: string, options: ReadonlyMap<string, Operand>): string {
  const style = STYLES.get(styleName);
  if (style === undefined) {
    throw new Problem(`\`${styleName}\` is no style of comments`, {
      hint: `There are ${[...STYLES.keys()].join(', ')}.`,
    });
  }
  for (const name of options.keys()) {
    if (!OPTIONS.includes(name)) throw new Problem(`the filter \`comment\` has no argument \`${name}\``);
  }
  const get = (name: string, otherwise: string) => {
    const value = options.get(name);
    return value === undefined ? otherwise : textOf(value);
  };
  const newline = get('newline', '\n');
  const decoration = get('decoration', style.decoration);
  const [beginning, end] = [get('beginning', style.beginning), get('end', style.end)];
  const prefix = get('prefix', stripEnd(decoration));
  const postfix = get('postfix', stripEnd(decoration));
  return [
    beginning === '' ? '' : beginning + newline,
    times(prefix === '' ? '' : prefix === newline ? newline : prefix + newline, countOf(options, 'prefix_count')),
    decorated(text, newline, decoration),
    times(newline + postfix, countOf(options, 'postfix_count')),
    end === '' ? '' : newline + end,
  ].join('');
}

function decorated(text: string, newline: string, decoration: string): string {
  const all = decoration + replaced(text, newline, newline + decoration, -1);
  return replaced(all, decoration + newline, stripEnd(decoration) + newline, -1);
}

function times(text: string, count: number): string {
  checkText(text.length * count);
  return text.repeat(count);
}

function countOf(options: ReadonlyMap<string, Operand>, name: string): number {
  const value = options.get(name);
  return Math.max(0, Math.trunc(value === undefined ? 1 : (numeric(value) ?? 1)));
}
