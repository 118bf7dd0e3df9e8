import { Unknown, type Value, type ValueMap } from '../../engine/language/values.ts';
import { defineModule } from '../../engine/planning/contracts.ts';
import { type DigestName, digest, sizeOf } from '../../engine/resources/content.ts';
import { path } from '../../engine/resources/path.ts';
import type { PathAspect } from '../../engine/resources/path_look.ts';
import { normalPath, type PathValue, resolvedTarget } from '../../engine/resources/path_value.ts';
import { checksumAlgorithm } from './checksum_parameter.ts';
import { failedWish, isFailure } from './failure.ts';
import { modeRow } from './mode_row.ts';
import { idOf } from './result.ts';
import { looksAtTarget, pathProblem, targetOf } from './target.ts';

interface StatParams {
  readonly path: string;
  readonly follow: boolean;
  readonly get_checksum: boolean;
  readonly checksum_algorithm: DigestName;
  readonly get_mime: boolean;
  readonly get_attributes: boolean;
}

export const stat = defineModule<StatParams>({
  name: 'stat',
  collection: 'ansible.builtin',
  summary: 'Tells what is known of a path',
  description: [
    'Changes nothing and costs no round trip of its own. In a plan it tells what will be there after the tasks before it; what only the host can tell then (times, inode) is not known yet.',
  ],
  onlyTells: true,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: { type: 'string', format: 'path', aliases: ['dest', 'name'], description: 'The path.' },
      follow: { type: 'boolean', default: false, description: 'Where it is a link, tell of what it leads to.' },
      get_checksum: { type: 'boolean', default: true, description: 'Read the whole file for its checksum.' },
      checksum_algorithm: checksumAlgorithm,
      get_mime: {
        type: 'boolean',
        default: true,
        aliases: ['mime', 'mime_type', 'mime-type'],
        description: 'Ask file(1) for the type of the content; without it `mimetype` and `charset` are `unknown`.',
      },
      get_attributes: {
        type: 'boolean',
        default: true,
        aliases: ['attr', 'attributes'],
        description: 'Ask lsattr(1) for the attributes of the file system.',
      },
    },
  },
  examples: `- name: Look for the key
  stat:
    path: /etc/ssl/private/site.key
    get_checksum: false
  register: key

- name: Say so
  debug:
    msg: The key is readable by others
  when: key.stat.exists and (key.stat.roth or key.stat.rgrp)
`,
  returns: {
    'stat.exists': 'Whether something is there; if not, there is nothing else.',
    'stat.isreg': 'Also `isdir`, `islnk`, `isblk`, `ischr`, `isfifo`, `issock`: what it is.',
    'stat.mode': 'Permissions, such as `0644`.',
    'stat.rusr': 'Also `wusr`, `xusr`, `rgrp`, ..., `xoth`, `isuid`, `isgid`: single permissions.',
    'stat.pw_name': 'Name of the owner; `uid` its number.',
    'stat.gr_name': 'Name of the group; `gid` its number.',
    'stat.size': 'Size in bytes.',
    'stat.mtime': 'Last change of the content, in seconds since 1970; also `atime`, `ctime`.',
    'stat.checksum': 'Checksum of a regular file that can be read.',
    'stat.lnk_target': 'Of a link: where it leads, as written; `lnk_source`: in the end.',
    'stat.readable': 'Also `writeable`, `executable`: what the task’s user may do.',
    'stat.mimetype': 'Type of the content; `charset` its encoding.',
    'stat.attr_flags': 'Attributes as lsattr(1) writes them; `attributes` their names, `version` the generation.',
  },
  looksAt: (params, view) => {
    if (pathProblem(params.path) !== undefined) return [];
    const id = normalPath(params.path);
    return params.follow ? looksAtTarget(id, view, ...aspectsOf(params)) : [path(id, ...aspectsOf(params))];
  },
  wants: (params, view) => {
    const problem = pathProblem(params.path);
    if (problem !== undefined) return failedWish(problem);
    const id = normalPath(params.path);
    const ref = path(id, ...aspectsOf(params));
    const target = params.follow ? targetOf(id, view, ...aspectsOf(params)) : { ref, value: view.get(ref) };
    if (isFailure(target)) return failedWish(target);
    const { value } = target;
    return {
      steps: [],
      result: { changed: false, stat: value === null ? { exists: false } : describe(id, value, params) },
    };
  },
});

function aspectsOf(params: StatParams): readonly PathAspect[] {
  return [
    'access',
    ...(params.get_checksum ? [params.checksum_algorithm] : []),
    ...(params.get_mime ? (['mime'] as const) : []),
    ...(params.get_attributes ? (['attributes'] as const) : []),
  ];
}

function describe(id: string, value: PathValue, params: StatParams): ValueMap {
  const later = new Unknown(`a look at ${id} after it has been made`);
  const known = value.stat;
  const size = value.kind === 'file' && value.content !== undefined ? sizeOf(value.content) : known?.size;
  return {
    exists: true,
    path: params.path,
    ...modeRow(value),
    uid: idOf(value.owner, known?.uid) ?? later,
    gid: idOf(value.group, known?.gid) ?? later,
    ...nameOf('pw_name', value.owner, later),
    ...nameOf('gr_name', value.group, later),
    size: size ?? later,
    inode: known?.inode ?? later,
    dev: known?.device ?? later,
    nlink: known?.links ?? later,
    atime: known?.accessed ?? later,
    mtime: known?.modified ?? later,
    ctime: known?.changed ?? later,
    blocks: known?.blocks ?? later,
    block_size: known?.blockSize ?? later,
    device_type: known?.deviceType ?? later,
    readable: known?.access?.read ?? later,
    writeable: known?.access?.write ?? later,
    executable: known?.access?.execute ?? later,
    ...linkOf(id, value),
    ...checksumOf(value, params, later),
    ...mimeOf(value, params, later),
    ...attributesOf(value, params, later),
  };
}

/** Ansible leaves the name out where the number has none. */
function nameOf(key: string, name: string | undefined, later: Unknown): ValueMap {
  if (name === undefined) return { [key]: later };
  return /^\d+$/.test(name) ? {} : { [key]: name };
}

function linkOf(id: string, value: PathValue): ValueMap {
  if (value.kind !== 'link') return {};
  return { lnk_target: value.target, lnk_source: resolvedTarget(id, value) ?? id };
}

function checksumOf(value: PathValue, params: StatParams, later: Unknown): ValueMap {
  if (value.kind !== 'file' || !params.get_checksum) return {};
  const algorithm = params.checksum_algorithm;
  const seen = value.stat?.digests?.[algorithm];
  const own = seen ?? (value.content === undefined ? undefined : digest(value.content, algorithm));
  // Seen and without a checksum: it cannot be read.
  return own === undefined && value.stat !== undefined ? {} : { checksum: own ?? later };
}

function mimeOf(value: PathValue, params: StatParams, later: Unknown): ValueMap {
  if (!params.get_mime) return { mimetype: 'unknown', charset: 'unknown' };
  if (value.stat === undefined) return { mimetype: later, charset: later };
  return { mimetype: value.stat.mime?.type ?? 'unknown', charset: value.stat.mime?.charset ?? 'unknown' };
}

function attributesOf(value: PathValue, params: StatParams, later: Unknown): ValueMap {
  if (!params.get_attributes) return { version: null, attributes: [], attr_flags: '' };
  if (value.stat === undefined) return { version: later, attributes: later, attr_flags: later };
  const letters = value.stat.letters ?? '';
  const names = [...letters].flatMap((letter): readonly Value[] => NAMES.get(letter) ?? []);
  return { version: value.stat.version ?? null, attributes: names, attr_flags: letters };
}

/** Ansible's names of chattr(1)'s letters. */
const NAMES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    a: 'append',
    A: 'noatime',
    c: 'compressed',
    C: 'nocow',
    d: 'nodump',
    D: 'dirsync',
    e: 'extents',
    E: 'encrypted',
    h: 'blocksize',
    i: 'immutable',
    I: 'indexed',
    j: 'journalled',
    N: 'inline',
    s: 'zero',
    S: 'synchronous',
    t: 'notail',
    T: 'blockroot',
    u: 'undelete',
    X: 'compressedraw',
    Z: 'compressederror',
  }).map(([letter, name]) => [letter, [name]]),
);
