import { defineModule, type View, type Wish } from '../../engine/planning/contracts.ts';
import { path } from '../../engine/resources/path.ts';
import { normalPath } from '../../engine/resources/path_value.ts';
import { ATTRIBUTES, attributeAspects, attributeWarnings } from './attributes.ts';
import { type Failure, failedWish, isFailure } from './failure.ts';
import { beDirectory, looksAtTree } from './file_directory.ts';
import { beHardLink, beLink, looksAtLink } from './file_links.ts';
import { type FileParams, type FileState, looksAtOwn, ownTarget } from './file_params.ts';
import { beAbsent, beFile, beTouched, looksAtRemoved } from './file_states.ts';
import { PATH_RETURNS, pathInfo } from './result.ts';
import { pathProblem } from './target.ts';

export const file = defineModule<FileParams>({
  name: 'file',
  collection: 'ansible.builtin',
  summary: 'Makes directories and links, sets owners and permissions, removes',
  description: [
    'Without `state` it sets the attributes of what is there, whatever it is.',
    'New directories above the path are made as well, with the same attributes. Nothing is ever replaced by something of another kind but by a link with `force`.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: { type: 'string', format: 'path', aliases: ['dest', 'name'], description: 'The path.' },
      state: {
        type: 'string',
        enum: ['absent', 'directory', 'file', 'hard', 'link', 'touch'],
        description:
          '`absent`: it is removed, a directory with all that is in it. `directory`: it is made, with those above it. `file`: it must be there. `link`, `hard`: it is a link to `src`. `touch`: it is there, empty if new, and its times are now. Default: what is there, or `file`.',
      },
      src: {
        type: 'string',
        format: 'path',
        description:
          'What the link leads to; for `link` it may be relative to the link’s directory. Only with `link` and `hard`.',
      },
      recurse: {
        type: 'boolean',
        default: false,
        description: 'Set the attributes of all that is below as well. Only with `directory`.',
      },
      force: {
        type: 'boolean',
        default: false,
        description: 'Make a link although `src` is not there, or in place of a file, or of an empty directory.',
      },
      follow: {
        type: 'boolean',
        default: true,
        description: 'Where the path is a link, speak of what it leads to. With `recurse`, of links below as well.',
      },
      modification_time: {
        type: 'string',
        description:
          '`preserve`, `now`, or a time of the host’s clock such as 202401020304.05. Default: `now` with `touch`, else `preserve`.',
      },
      modification_time_format: {
        type: 'string',
        default: '%Y%m%d%H%M.%S',
        description: 'How `modification_time` is written (strftime).',
      },
      access_time: { type: 'string', description: 'The same for the time of last access.' },
      access_time_format: { type: 'string', default: '%Y%m%d%H%M.%S', description: 'How `access_time` is written.' },
      ...ATTRIBUTES,
    },
  },
  examples: `- name: A directory of its own
  file:
    path: /srv/app/data
    state: directory
    owner: app
    mode: "0750"

- name: Nobody else reads the key
  file:
    path: /etc/ssl/private/site.key
    mode: u=rw,go=

- name: The current release
  file:
    path: /srv/app/current
    src: releases/42
    state: link

- name: Away with it
  file:
    path: /etc/cron.d/old
    state: absent
`,
  returns: {
    path: 'The path, with `absent`, `directory` and `file`.',
    dest: 'The path, with `link`, `hard` and `touch`.',
    src: 'What the link leads to.',
    ...PATH_RETURNS,
  },
  looksAt: (params, view) => {
    if (pathProblem(params.path) !== undefined) return [];
    const own = looksAtOwn(params, view);
    switch (params.state) {
      case 'absent':
        return [...own, ...looksAtRemoved(params, view)];
      case 'file':
      case 'touch':
        return own;
      case 'directory':
        return [...own, ...looksAtTree(params, view)];
      case 'link':
      case 'hard':
        return [...own, ...looksAtLink(params, view)];
      default:
        return params.recurse ? [...own, ...looksAtTree(params, view)] : own;
    }
  },
  wants: (params, view) => {
    const problem = pathProblem(params.path) ?? misuse(params, view);
    if (problem !== undefined) return failedWish(problem);
    const wish = asLink(wishFor(params, view), params, view);
    return { ...wish, warnings: [...(wish.warnings ?? []), ...attributeWarnings(params)] };
  },
});

function wishFor(params: FileParams, view: View): Wish {
  switch (currentState(params, view)) {
    case 'absent':
      return beAbsent(params, view);
    case 'directory':
      return beDirectory(params, view);
    case 'hard':
      return beHardLink(params, view);
    case 'link':
      return beLink(params, view);
    case 'touch':
      return beTouched(params, view);
    case 'file':
      return beFile(params, view);
  }
}

/** Without `state`, what is told of a link is the link, although what was set is what it leads to. */
function asLink(wish: Wish, params: FileParams, view: View): Wish {
  if (params.state !== undefined || !params.follow || wish.result === undefined) return wish;
  const id = normalPath(params.path);
  const own = view.get(path(id, ...attributeAspects(params)));
  if (own?.kind !== 'link') return wish;
  return { ...wish, result: { dest: params.path, src: own.target, ...pathInfo(own) } };
}

/** Without `state`, what is there stays what it is. */
function currentState(params: FileParams, view: View): FileState {
  if (params.state !== undefined) return params.state;
  const target = ownTarget(params, view);
  const kind = isFailure(target) ? undefined : target.value?.kind;
  return kind === 'directory' || (kind === undefined && params.recurse) ? 'directory' : 'file';
}

function misuse(params: FileParams, view: View): Failure | undefined {
  const state = currentState(params, view);
  if (params.recurse && state !== 'directory') {
    return { failed: 'recurse is only for state: directory', parameter: 'recurse' };
  }
  if (params.src !== undefined && state !== 'link' && state !== 'hard') {
    return {
      failed: `src is only for state: link and state: hard, not for ${params.state ?? 'a missing state'}`,
      parameter: 'src',
    };
  }
  return undefined;
}
