import { parseTemplate, type Template } from '../../engine/language/python_replace.ts';
import { defineModule, type View, type Wish } from '../../engine/planning/contracts.ts';
import { ATTRIBUTES } from './attributes.ts';
import {
  asBytes,
  EDIT_PARAMETERS,
  type EditParams,
  looksAtEdited,
  openFile,
  regexOf,
  wishEdited,
} from './edited_text.ts';
import { type Failure, failedWish, isFailure } from './failure.ts';
import { dropLines, finder, type LineWish, type Place, putLine } from './line_edit.ts';

interface LineinfileParams extends EditParams {
  readonly state: 'present' | 'absent';
  readonly regexp?: string;
  readonly search_string?: string;
  readonly line?: string;
  readonly backrefs: boolean;
  readonly insertafter?: string;
  readonly insertbefore?: string;
  readonly create: boolean;
  readonly firstmatch: boolean;
}

export const lineinfile = defineModule<LineinfileParams>({
  name: 'lineinfile',
  collection: 'ansible.builtin',
  summary: 'Keeps one line in a text file, or keeps it out',
  description: [
    'Finds a line by a regular expression or a literal text and replaces it, or adds it where there is none. For several lines in a row see `blockinfile`, to replace text anywhere see `replace`.',
    'Regular expressions are those of Python. A line matches without regard to what stands around the match. What `regexp` finds should also be found in `line`, or the line is added again each time.',
    'Links are followed. The new file takes the place of the old one at once, with its owner, mode, ACLs and extended attributes.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    mutuallyExclusive: [
      ['insertbefore', 'insertafter'],
      ['regexp', 'search_string'],
    ],
    properties: {
      path: { type: 'string', format: 'path', aliases: ['dest', 'destfile', 'name'], description: 'The file.' },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'Whether the line is to be there. `absent` removes all lines that are found.',
      },
      regexp: {
        type: 'string',
        aliases: ['regex'],
        description:
          'Finds the line to replace: the last that matches (with `firstmatch` the first). With `state: absent`, the lines to remove.',
      },
      search_string: { type: 'string', description: 'A text that finds the line, instead of `regexp`.' },
      line: {
        type: 'string',
        aliases: ['value'],
        description: 'The line. Required unless `state: absent`, where it finds lines that are exactly this.',
      },
      backrefs: {
        type: 'boolean',
        default: false,
        description:
          'Put the groups of `regexp` where `line` has `\\1` or `\\g<name>`; where nothing matches, change nothing.',
      },
      insertafter: {
        type: 'string',
        description:
          'Where a new line goes: after the last line that matches this regular expression, or `EOF`, the default. Where nothing matches, the end of the file.',
      },
      insertbefore: {
        type: 'string',
        description: 'The same, before the line that matches; `BOF` is the beginning of the file.',
      },
      firstmatch: { type: 'boolean', default: false, description: 'The first line that matches counts, not the last.' },
      create: {
        type: 'boolean',
        default: false,
        description: 'Make the file, and directories above it, if it is missing.',
      },
      ...EDIT_PARAMETERS,
      ...ATTRIBUTES,
    },
  },
  examples: `- name: Root does not log in with a password
  lineinfile:
    path: /etc/ssh/sshd_config
    regexp: '^#?PermitRootLogin '
    line: PermitRootLogin prohibit-password
    validate: sshd -t -f %s

- name: A line after another
  lineinfile:
    path: /etc/hosts
    insertafter: '^127\\.0\\.0\\.1 '
    line: 10.0.0.5 db

- name: Raise a number and keep the rest of the line
  lineinfile:
    path: /etc/app.conf
    regexp: '^(workers\\s*=\\s*)\\d+'
    line: '\\g<1>8'
    backrefs: true

- name: No such line
  lineinfile:
    path: /etc/securetty
    regexp: '^tty1$'
    state: absent
`,
  returns: {
    msg: '`line added`, `line replaced`, `2 line(s) removed`, or empty.',
    backup: 'Path of the copy of the old file; empty if there is none.',
    found: 'With `state: absent`: how many lines were removed.',
  },
  looksAt: looksAtEdited,
  wants: (params, view) => (params.state === 'absent' ? absent(params, view) : present(params, view)),
});

function present(params: LineinfileParams, view: View): Wish {
  const wish = lineWish(params);
  if (isFailure(wish)) return failedWish(wish);
  const opened = openFile(params, view);
  if (isFailure(opened)) return failedWish(opened);
  const { text, message } = putLine(opened.bytes, wish);
  const made = wishEdited(params, view, opened, { bytes: text, message }, ({ msg, backup = '' }) => ({ msg, backup }));
  return { ...made, warnings: [...(made.warnings ?? []), ...emptyPattern(params)] };
}

function absent(params: LineinfileParams, view: View): Wish {
  const { regexp, search_string: text, line } = params;
  if (regexp === undefined && text === undefined && line === undefined) {
    return failedWish({
      failed: 'state: absent needs one of regexp, search_string and line to find the lines',
      parameter: 'state',
    });
  }
  const regex = regexp === undefined ? undefined : regexOf(regexp, 'regexp', { bytes: true });
  if (isFailure(regex)) return failedWish(regex);
  // A file that is not there has no such line.
  const opened = openFile({ ...params, create: true }, view);
  if (isFailure(opened)) return failedWish(opened);
  if (opened.before === null) return { steps: [], result: { msg: 'file not present' } };
  const finds = finder(regex, text === undefined ? undefined : asBytes(text));
  const dropped = dropLines(opened.bytes, line === undefined ? undefined : asBytes(line), finds);
  const message = dropped.found > 0 ? `${dropped.found} line(s) removed` : '';
  const edit = { bytes: dropped.text, message };
  return wishEdited(params, view, opened, edit, ({ msg, backup = '' }) => ({ msg, backup, found: dropped.found }));
}

function lineWish(params: LineinfileParams): LineWish | Failure {
  const { line, regexp, search_string: text } = params;
  if (line === undefined) return { failed: 'line is required with state: present', parameter: 'line' };
  if (params.backrefs && regexp === undefined) return { failed: 'backrefs: true needs regexp', parameter: 'backrefs' };
  const regex = regexp === undefined ? undefined : regexOf(regexp, 'regexp', { bytes: true });
  if (isFailure(regex)) return regex;
  let backrefs: Template | undefined;
  if (params.backrefs && regex !== undefined) {
    const parsed = parseTemplate(asBytes(line), regex);
    if (!parsed.ok) return { failed: `line cannot be filled in: ${parsed.problem}`, parameter: 'line' };
    backrefs = parsed.template;
  }
  const place = placeOf(params);
  if (isFailure(place)) return place;
  const finds = finder(regex, text === undefined ? undefined : asBytes(text));
  return { line: asBytes(line), finds, backrefs, place, firstmatch: params.firstmatch };
}

function placeOf(params: LineinfileParams): Place | Failure {
  const { insertafter, insertbefore } = params;
  if (insertbefore === 'BOF' || insertafter === 'BOF') return { kind: 'begin' };
  const [kind, pattern] =
    insertbefore === undefined ? (['after', insertafter] as const) : (['before', insertbefore] as const);
  if (pattern === undefined || (kind === 'after' && pattern === 'EOF')) return { kind: 'end' };
  const regex = regexOf(pattern, `insert${kind}`, { bytes: true });
  return isFailure(regex) ? regex : { kind, regex };
}

function emptyPattern(params: LineinfileParams): readonly string[] {
  const given = (['regexp', 'search_string'] as const).filter((name) => params[name] === '');
  return given.map((name) => `${name} is empty and matches every line; leave it out, or write ^ if that is meant`);
}
