import type { RegexFlags } from '../python_regex.ts';
import type { PythonMatch } from '../python_replace.ts';
import type { Bound } from './arguments.ts';
import { TextBuilder } from './limits.ts';
import { type Operand, tuple } from './operand.ts';
import { textOf } from './print.ts';
import { Problem } from './problem.ts';
import { groupNumber, type Regex, regex, replacement } from './regex.ts';
import { deep, type Routines } from './routine.ts';

export function flagsOf(args: Bound): RegexFlags {
  return { ignoreCase: args.flag('ignorecase'), multiline: args.flag('multiline') };
}

/** Ansible's filters on regular expressions (plugins/filter/core.py). */
export const regexFilters: Routines = {
  regex_replace: deep('pattern? replacement? ignorecase? multiline?', (input, args) =>
    substitute(textOf(input), regex(args.text('pattern'), flagsOf(args)), args.text('replacement')),
  ),
  regex_findall: deep('regex multiline? ignorecase?', (input, args) =>
    findAll(textOf(input), regex(args.text('regex'), flagsOf(args))),
  ),
  regex_search: deep('regex *groups **flags', (input, args) => {
    const flag = (name: string) => args.more.get(name) === true;
    const expression = regex(args.text('regex'), { ignoreCase: flag('ignorecase'), multiline: flag('multiline') });
    return search(textOf(input), expression, args.rest);
  }),
  regex_escape: deep('re_type?', (input, args) => escapeAll(textOf(input), args.text('re_type', 'python'))),
};

function substitute(text: string, expression: Regex, template: string): string {
  const by = replacement(template, expression);
  const out = new TextBuilder();
  let from = 0;
  for (const match of expression.matches(text)) {
    out.add(text.slice(from, match.index));
    out.add(by(match));
    from = match.index + (match.groups[0]?.length ?? 0);
  }
  out.add(text.slice(from));
  return out.toString();
}

/** The matches, or their group, or tuples of their groups where there are several. */
function findAll(text: string, expression: Regex): Operand {
  const count = expression.python.groups;
  return expression.matches(text).map(({ groups }) => {
    const found = Array.from(groups, (group) => group ?? '');
    return count > 1 ? tuple(...found.slice(1)) : (found[count] ?? '');
  });
}

/** The match, or the groups asked for as `\\1` and `\\g<name>`; None where nothing matches. */
function search(text: string, expression: Regex, groups: readonly Operand[]): Operand {
  const [match] = expression.matches(text, true);
  const wanted = groups.map((group) => wantedGroup(textOf(group), expression));
  if (match === undefined) return null;
  return wanted.length === 0 ? groupOf(match, 0) : wanted.map((number) => groupOf(match, number));
}

function groupOf(match: PythonMatch, number: number): Operand {
  return match.groups[number] ?? null;
}

function wantedGroup(text: string, expression: Regex): number {
  const [, name, number] = /^\\(?:g<(\S+)>|(\d+))/.exec(text) ?? [];
  const group = name ?? number;
  if (group === undefined) throw new Problem(`\`${text}\` names no group`, { hint: 'Write `\\\\1` or `\\\\g<name>`.' });
  return groupNumber(group, expression);
}

/** Python's re.escape, or POSIX's basic regular expressions. */
function escapeAll(text: string, type: string): string {
  if (type === 'python') return text.replace(/[\t\n\v\f\r #$&()*+\-.?[\\\]^{|}~]/g, '\\$&');
  if (type === 'posix_basic') return text.replace(/[\].[^$*\\]/g, '\\$&');
  throw new Problem(`\`${type}\` is no type of regular expressions`, { hint: 'There are `python` and `posix_basic`.' });
}
