import type { PythonRegex } from '../../engine/language/python_regex.ts';
import { parseTemplate, replacePython, searchPython, type Template } from '../../engine/language/python_replace.ts';
import { defineModule, type Wish } from '../../engine/planning/contracts.ts';
import { ATTRIBUTES } from './attributes.ts';
import {
  EDIT_PARAMETERS,
  type EditParams,
  looksAtEdited,
  type Opened,
  openFile,
  regexOf,
  wishEdited,
} from './edited_text.ts';
import { type Failure, failedWish, isFailure } from './failure.ts';
import { decodeEscaped, encodeEscaped } from './python_text.ts';

interface ReplaceParams extends EditParams {
  readonly regexp: string;
  readonly replace: string;
  readonly after?: string;
  readonly before?: string;
  readonly encoding: string;
}

export const replace = defineModule<ReplaceParams>({
  name: 'replace',
  collection: 'ansible.builtin',
  summary: 'Replaces every match of a regular expression in a file',
  description: [
    'Regular expressions are those of Python; `^` and `$` match at the ends of lines. What `replace` makes should not match `regexp` again, or it is replaced each time.',
    'Links are followed. The new file takes the place of the old one at once, with its owner, mode, ACLs and extended attributes.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path', 'regexp'],
    properties: {
      path: {
        type: 'string',
        format: 'path',
        aliases: ['dest', 'destfile', 'name'],
        description: 'The file; it must exist.',
      },
      regexp: { type: 'string', description: 'What is replaced. `.` does not match a line feed.' },
      replace: {
        type: 'string',
        default: '',
        description: 'What stands there afterwards; `\\1` and `\\g<name>` are groups of `regexp`. Default: nothing.',
      },
      after: {
        type: 'string',
        description:
          'Only what comes after the first match of this regular expression. Here `.` matches line feeds as well.',
      },
      before: {
        type: 'string',
        description:
          'Only what comes before the match of this regular expression: with `after` the next one, alone the last.',
      },
      encoding: {
        type: 'string',
        default: 'utf-8',
        enum: ['utf-8', 'latin-1'],
        description: 'How the file encodes text.',
      },
      ...EDIT_PARAMETERS,
      ...ATTRIBUTES,
    },
  },
  examples: `- name: Another address in every line that has the old one
  replace:
    path: /etc/hosts
    regexp: '^10\\.0\\.0\\.5(\\s)'
    replace: '10.0.1.5\\1'

- name: Only in one section
  replace:
    path: /etc/app.ini
    after: '\\[mail\\]'
    before: '\\n\\['
    regexp: '^port\\s*=.*$'
    replace: port = 587
`,
  returns: {
    msg: '`3 replacements made`, or empty.',
    rc: '0.',
    backup_file: 'Path of the copy of the old file, if there is one.',
  },
  looksAt: looksAtEdited,
  wants: (params, view) => {
    const plan = planOf(params);
    if (isFailure(plan)) return failedWish(plan);
    const opened = openFile(params, view);
    if (isFailure(opened)) return failedWish(opened);
    const text = decode(params, opened);
    const section = sectionOf(plan.section, text);
    if (section === undefined) return noSection(plan);
    const done = replacePython(plan.regex, plan.template, section.text);
    const bytes = encode(
      params,
      text.slice(0, section.start) + done.text + text.slice(section.start + section.text.length),
    );
    if (isFailure(bytes)) return failedWish(bytes);
    const message = bytes === opened.bytes ? '' : `${done.count} replacements made`;
    return wishEdited(params, view, opened, { bytes, message }, ({ msg, backup }) => ({
      ...{ msg, rc: 0 },
      ...(backup !== undefined && { backup_file: backup }),
    }));
  },
});

interface Plan {
  readonly regex: PythonRegex;
  readonly template: Template;
  /** Its first group is what may be changed; `undefined`: everything. */
  readonly section: { readonly regex: PythonRegex; readonly pattern: string; readonly group: number } | undefined;
}

function planOf(params: ReplaceParams): Plan | Failure {
  const regex = regexOf(params.regexp, 'regexp', { multiline: true });
  if (isFailure(regex)) return regex;
  const template = parseTemplate(params.replace, regex);
  if (!template.ok) return { failed: `replace cannot be filled in: ${template.problem}`, parameter: 'replace' };
  const section = sectionPattern(params);
  return isFailure(section) ? section : { regex, template: template.template, section };
}

function sectionPattern({ after, before }: ReplaceParams): Plan['section'] | Failure {
  if (!after && !before) return undefined;
  // Each has to be an expression of its own: what is missing in one must not be made up for by the other.
  for (const [parameter, pattern] of [
    ['after', after],
    ['before', before],
  ] as const) {
    const alone = pattern ? regexOf(pattern, parameter, { dotAll: true }) : undefined;
    if (isFailure(alone)) return alone;
  }
  const pattern =
    after && before
      ? `${after}(?P<subsection>.*?)${before}`
      : after
        ? `${after}(?P<subsection>.*)`
        : `(?P<subsection>.*)${before}`;
  const regex = regexOf(pattern, after ? 'after' : 'before', { dotAll: true });
  return isFailure(regex) ? regex : { regex, pattern, group: regex.names.get('subsection') ?? 0 };
}

function sectionOf(
  section: Plan['section'],
  text: string,
): { readonly text: string; readonly start: number } | undefined {
  if (section === undefined) return { text, start: 0 };
  const match = searchPython(section.regex, text);
  const inner = match?.[section.group];
  if (match === null || inner === undefined) return undefined;
  return { text: inner, start: startOfGroup(section.regex, text, match, section.group) };
}

/** Where a group begins: the same expression again, this time with indices. */
function startOfGroup(regex: PythonRegex, text: string, match: RegExpExecArray, group: number): number {
  const exact = new RegExp(regex.js.source, `${regex.js.flags.replace('g', '')}dy`);
  exact.lastIndex = match.index;
  return exact.exec(text)?.indices?.[group]?.[0] ?? match.index;
}

function noSection(plan: Plan): Wish {
  const pattern = plan.section?.pattern ?? '';
  return {
    steps: [],
    result: { rc: 0, msg: `Pattern for before/after params did not match the given file: ${pattern}` },
  };
}

/** Bytes that the encoding has no character for are kept, as Python keeps them. */
function decode(params: ReplaceParams, opened: Opened): string {
  return params.encoding === 'latin-1' ? opened.bytes : decodeEscaped(Buffer.from(opened.bytes, 'latin1'));
}

function encode(params: ReplaceParams, text: string): string | Failure {
  if (params.encoding === 'utf-8') return encodeEscaped(text).toString('latin1');
  const foreign = [...text].find((char) => (char.codePointAt(0) ?? 0) > 0xff);
  return foreign === undefined
    ? text
    : { failed: `${foreign} cannot be written in ${params.encoding}`, parameter: 'replace' };
}
