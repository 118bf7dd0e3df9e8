import type { ValueMap } from '../../engine/language/values.ts';
import { defineModule, type Ref, type View, type Wish } from '../../engine/planning/contracts.ts';
import { bytesOf, WHOLE_LIMIT } from '../../engine/resources/content.ts';
import { type FoundValue, found } from '../../engine/resources/found.ts';
import { path } from '../../engine/resources/path.ts';
import { normalPath, type PathStat, type PathValue } from '../../engine/resources/path_value.ts';
import { checksumAlgorithm } from './checksum_parameter.ts';
import { failedWish, isFailure } from './failure.ts';
import { type Filter, type FindParams, filterOf, holdsMatch } from './find_filter.ts';
import { modeRow } from './mode_row.ts';
import { pathProblem } from './target.ts';

export const find = defineModule<FindParams>({
  name: 'find',
  collection: 'ansible.builtin',
  onlyTells: true,
  summary: 'Finds files by name, age, size, mode or content',
  description: [
    'Changes nothing. It looks as late as it can: what a task before it may have made is looked for after that task.',
    'With `contains`, files are read to this machine: at most 32 MiB in all of what the other conditions leave.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['paths'],
    properties: {
      paths: {
        type: 'array',
        items: { type: 'string', format: 'path' },
        minItems: 1,
        aliases: ['name', 'path'],
        description: 'Directories to search. What is none is passed over with a warning.',
      },
      patterns: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        aliases: ['pattern'],
        description: 'Names of files, such as `*.conf`; one has to match. Default: all.',
      },
      excludes: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        aliases: ['exclude'],
        description: 'Names that do not count, though a pattern matches.',
      },
      use_regex: {
        type: 'boolean',
        default: false,
        description: 'Patterns are regular expressions of Python, which match from the beginning of a name.',
      },
      contains: {
        type: 'string',
        description:
          'Regular expression that a line of the file matches from its beginning. Only with `file_type: file`.',
      },
      read_whole_file: {
        type: 'boolean',
        default: false,
        description: '`contains` is looked for anywhere in the file as a whole.',
      },
      file_type: {
        type: 'string',
        enum: ['any', 'directory', 'file', 'link'],
        default: 'file',
        description: 'What is looked for.',
      },
      recurse: { type: 'boolean', default: false, description: 'Also in the directories below.' },
      depth: { type: 'integer', minimum: 0, description: 'How far down, with `recurse`; 1: in the directory itself.' },
      age: {
        type: 'string',
        description: 'As old as this or older: seconds, or `2h`, `30d`, `1w`. Negative: as old or younger.',
      },
      age_stamp: {
        type: 'string',
        enum: ['atime', 'ctime', 'mtime'],
        default: 'mtime',
        description: 'The time by which `age` goes.',
      },
      size: {
        type: 'string',
        description: 'As large as this or larger: bytes, or `10k`, `5m`, `1g`. Negative: as large or smaller.',
      },
      hidden: { type: 'boolean', default: false, description: 'Also names that begin with a dot.' },
      follow: { type: 'boolean', default: false, description: 'Enter links to directories.' },
      get_checksum: { type: 'boolean', default: false, description: 'Tell the checksum of each file.' },
      checksum_algorithm: checksumAlgorithm,
      mode: { type: 'string', format: 'mode', description: 'The permissions that it has.' },
      exact_mode: {
        type: 'boolean',
        default: true,
        description: 'It has precisely these permissions. Without it: one of the bits of `mode` or more.',
      },
      limit: { type: 'integer', minimum: 1, description: 'No more than so many.' },
    },
  },
  examples: `- name: Dumps that nobody needs any more
  find:
    paths: /opt/app/backups
    patterns: "db_*.dump"
    age: 30d
  register: old

- name: Remove them
  file:
    path: "{{ item.path }}"
    state: absent
  loop: "{{ old.files }}"
  loop_control:
    label: "{{ item.path }}"
`,
  returns: {
    files:
      'What was found: `path`, and what `stat` tells (`mode`, `size`, `mtime`, `pw_name`, `isreg`, ..., `checksum`).',
    matched: 'How many.',
    examined: 'How many were looked at.',
    skipped_paths: 'Paths that could not be searched, and why.',
  },
  looksAt: (params, view) => {
    const searched = params.paths.filter((one) => pathProblem(one) === undefined).map((one) => search(params, one));
    const filter = filterOf(params, view.now);
    const seen = searched.map((ref) => view.problem(ref as Ref) === undefined && view.peek(ref));
    const reads = params.contains !== undefined || params.get_checksum;
    if (isFailure(filter) || !reads || seen.includes(undefined)) return searched as readonly Ref[];
    const files = candidates(params, filter, view).filter(([, { kind }]) => kind === 'file');
    if (params.contains !== undefined && tooMuch(files)) return searched as readonly Ref[];
    return [...searched, ...files.map(([id]) => path(id, ...aspects(params)))] as readonly Ref[];
  },
  wants: (params, view) => {
    const relative = params.paths.map((one) => pathProblem(one, 'paths')).find((one) => one !== undefined);
    if (relative !== undefined) return failedWish(relative);
    const filter = filterOf(params, view.now);
    return isFailure(filter) ? failedWish(filter) : wish(params, filter, view);
  },
});

function search(params: FindParams, given: string): Ref<FoundValue> {
  const all = params.depth === undefined || params.depth === 0 ? undefined : params.depth;
  return found({ path: given, depth: params.recurse ? all : 1, follow: params.follow });
}

function aspects(params: FindParams) {
  return [
    ...(params.contains === undefined ? [] : (['content', 'whole'] as const)),
    ...(params.get_checksum ? [params.checksum_algorithm] : []),
  ];
}

type Entry = readonly [string, PathValue];

/** What can be told without reading files. */
function candidates(params: FindParams, filter: Filter, view: View): readonly Entry[] {
  const all = params.paths.flatMap((one) => {
    const ref = search(params, one);
    return view.problem(ref as Ref) === undefined ? (view.get(ref)?.entries ?? []) : [];
  });
  return all.filter(([id, value]) => value.stat !== undefined && filter(nameOf(id), value, value.stat));
}

function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function tooMuch(files: readonly Entry[]): boolean {
  return files.reduce((sum, [, { stat }]) => sum + (stat?.size ?? 0), 0) > WHOLE_LIMIT;
}

function wish(params: FindParams, filter: Filter, view: View): Wish {
  let rows = candidates(params, filter, view);
  if (params.contains !== undefined && params.file_type === 'file') {
    if (tooMuch(rows)) {
      const failed = `what would have to be read is more than ${WHOLE_LIMIT / 1024 / 1024} MiB: narrow it by patterns or size`;
      return failedWish({ failed, parameter: 'contains' });
    }
    const holds = holdsMatch(params.contains, params.read_whole_file);
    if (isFailure(holds)) return failedWish(holds);
    rows = rows.filter(([id]) => contains(id, params, view, holds));
  }
  const limited = params.limit === undefined ? rows : rows.slice(0, params.limit);
  const skipped = skippedPaths(params, view);
  const names = Object.keys(skipped);
  return {
    steps: [],
    result: {
      changed: false,
      files: limited.map(([id, value]) => row(id, value, params, view)),
      matched: limited.length,
      examined: params.paths.reduce((sum, one) => sum + entriesOf(search(params, one), view).length, 0),
      skipped_paths: skipped,
      msg: names.length === 0 ? 'All paths examined' : 'Not all paths examined, check warnings for details',
    },
    warnings: names.map((name) => `passed over ${name}: ${skipped[name]}`),
  };
}

function entriesOf(ref: Ref<FoundValue>, view: View): readonly Entry[] {
  return view.problem(ref as Ref) === undefined ? (view.get(ref)?.entries ?? []) : [];
}

/** A file that cannot be read, or is no text, holds nothing. */
function contains(id: string, params: FindParams, view: View, holds: (text: string) => boolean): boolean {
  const ref = path(id, ...aspects(params));
  if (view.problem(ref as Ref) !== undefined) return false;
  const value = view.get(ref);
  const bytes = value?.kind === 'file' && value.content !== undefined ? bytesOf(value.content) : undefined;
  if (bytes === undefined) return false;
  try {
    return holds(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return false;
  }
}

function skippedPaths(params: FindParams, view: View): Readonly<Record<string, string>> {
  const why = (one: string): string | undefined => {
    const ref = search(params, one);
    const problem = view.problem(ref as Ref);
    if (problem !== undefined) return problem;
    const value = view.get(ref);
    if (value === null) return `'${one}' is not a directory`;
    return value.faults.length === 0 ? undefined : value.faults.join('; ');
  };
  return Object.fromEntries(
    params.paths.flatMap((one) => {
      const reason = why(one);
      return reason === undefined ? [] : [[normalPath(one), reason]];
    }),
  );
}

function row(id: string, value: PathValue, params: FindParams, view: View): ValueMap {
  const stat = value.stat as PathStat;
  return {
    path: id,
    ...modeRow(value),
    uid: stat.uid,
    gid: stat.gid,
    size: stat.size,
    inode: stat.inode,
    dev: stat.device,
    nlink: stat.links,
    atime: stat.accessed,
    mtime: stat.modified,
    ctime: stat.changed,
    pw_name: name(value.owner, stat.uid),
    gr_name: name(value.group, stat.gid),
    ...(params.get_checksum && value.kind === 'file' && { checksum: checksum(id, params, view) }),
  };
}

/** Empty where the number has no name. */
function name(given: string | undefined, id: number): string {
  return given === undefined || given === String(id) ? '' : given;
}

function checksum(id: string, params: FindParams, view: View): string | null {
  const ref = path(id, ...aspects(params));
  const value = view.problem(ref as Ref) === undefined ? view.get(ref) : null;
  return value?.stat?.digests?.[params.checksum_algorithm] ?? null;
}
