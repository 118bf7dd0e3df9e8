import { type Context, createContext, runInContext } from 'node:vm';
import { compilePythonRegex, type PythonRegex, type RegexFlags } from '../python_regex.ts';
import { expandTemplate, matchesOf, type PythonMatch, parseTemplate } from '../python_replace.ts';
import { checkList, REGEX_PATIENCE } from './limits.ts';
import { Problem } from './problem.ts';
import { backtracks } from './regex_risk.ts';

/** A regular expression of Python's that cannot hang the controller. */
export interface Regex {
  readonly python: PythonRegex;
  /** All matches in a text, or the first only. */
  readonly matches: (text: string, firstOnly?: boolean) => readonly PythonMatch[];
}

const KNOWN_AT_MOST = 500;
const known = new Map<string, Regex>();

/** Python's re.compile. */
export function regex(pattern: string, flags: RegexFlags): Regex {
  const key = `${flags.ignoreCase ? 'i' : ''}${flags.multiline ? 'm' : ''}:${pattern}`;
  let found = known.get(key);
  if (found === undefined) {
    found = compiled(pattern, flags);
    if (known.size >= KNOWN_AT_MOST) known.clear();
    known.set(key, found);
  }
  return found;
}

function compiled(pattern: string, flags: RegexFlags): Regex {
  const result = compilePythonRegex(pattern, flags);
  if (!result.ok) throw new Problem(`\`${pattern}\` is no regular expression: ${result.problem}`);
  const python = result.regex;
  return {
    python,
    matches(text, firstOnly = false) {
      const search = () => {
        const found: PythonMatch[] = [];
        for (const match of matchesOf(python, text)) {
          found.push(match);
          checkList(found.length);
          if (firstOnly) break;
        }
        return found;
      };
      return backtracks(pattern, text.length) ? patiently(search, pattern) : search();
    },
  };
}

let patience: Context | undefined;

/**
 * JavaScript cannot stop a regular expression that backtracks without end, but it can stop a script of `node:vm`.
 * That takes a fraction of a millisecond, so only patterns that could take long are run this way.
 */
function patiently<T>(search: () => T, pattern: string): T {
  patience ??= createContext({});
  patience.search = search;
  try {
    return runInContext('search()', patience, { timeout: REGEX_PATIENCE }) as T;
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown;
    throw new Problem(`the regular expression \`${pattern}\` takes too long`, {
      hint: 'It repeats something that already repeats, such as `(a+)+`.',
    });
  }
}

/** Python's replacement text (`\1`, `\g<name>`, `\n`), as a function of a match. */
export function replacement(template: string, { python }: Regex): (match: PythonMatch) => string {
  const parsed = parseTemplate(template, python);
  if (!parsed.ok) throw new Problem(`\`${template}\` is no replacement: ${parsed.problem}`);
  return (match) => expandTemplate(parsed.template, match.groups);
}

/** The number of a group by number or name. */
export function groupNumber(group: string, { python }: Regex): number {
  const number = /^\d+$/.test(group) ? Number(group) : python.names.get(group);
  if (number === undefined || number > python.groups) {
    throw new Problem(`the regular expression has no group \`${group}\``);
  }
  return number;
}
