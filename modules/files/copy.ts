import type { ParamProperty } from '../../engine/language/module_spec.ts';
import { Float, type Value } from '../../engine/language/values.ts';
import { defineModule, type View, type Wish } from '../../engine/planning/contracts.ts';
import { contentOf, digest } from '../../engine/resources/content.ts';
import { ATTRIBUTES, attributeWarnings } from './attributes.ts';
import { copyLocalTree, looksAtLocalTree } from './copy_local_tree.ts';
import { copyRemote, looksAtRemote } from './copy_remote.ts';
import { failedWish } from './failure.ts';
import type { PlaceParams } from './place_file.ts';
import { looksAtFile, putFile, type SourceFile } from './put_file.ts';
import { pythonJson } from './python_json.ts';
import { PATH_RETURNS } from './result.ts';
import { pathProblem } from './target.ts';

export interface CopyParams extends PlaceParams {
  readonly src?: string;
  readonly content?: Value;
  readonly directory_mode?: string;
  readonly remote_src: boolean;
  readonly local_follow: boolean;
  readonly checksum?: string;
  readonly decrypt: boolean;
}

/** What copy and template share. */
export const PLACE_PARAMETERS: { readonly [name: string]: ParamProperty } = {
  validate: {
    type: 'string',
    description:
      'Command that checks the new content before it takes the place of the old: `%s` stands for the file, as in `visudo -cf %s`. It is run without a shell, on a file of the same name with its final owner and mode.',
  },
  backup: {
    type: 'boolean',
    default: false,
    description: 'Copy the old file to a name with the date in it before it is replaced.',
  },
  force: { type: 'boolean', default: true, description: 'Without it a file that exists is left as it is.' },
};

export const copy = defineModule<CopyParams>({
  name: 'copy',
  collection: 'ansible.builtin',
  summary: 'Puts a file or a directory on the host',
  description: [
    'The content comes from a file or directory on this machine, from the playbook itself (`content`), or from another place on the host (`remote_src`).',
    'A file is replaced at once: no reader ever sees half of it, and nobody can read it before it has its owner and mode.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['dest'],
    mutuallyExclusive: [['src', 'content']],
    requiredOneOf: [['src', 'content']],
    properties: {
      src: {
        type: 'string',
        description:
          'File or directory on this machine, looked for in `files/` and beside the playbook. Of a directory that ends in a slash only what is in it is copied.',
      },
      content: {
        description: 'The content itself, instead of `src`. A map or a list is written as JSON.',
      },
      dest: {
        type: 'string',
        format: 'path',
        description: 'Where it goes. In a directory, or with a slash at the end, the file keeps the name of `src`.',
      },
      ...PLACE_PARAMETERS,
      directory_mode: {
        type: 'string',
        format: 'mode',
        description:
          'Mode of the directories of a copied directory. Default: 0755 for new ones, others stay as they are.',
      },
      remote_src: { type: 'boolean', default: false, description: '`src` is a path on the host.' },
      follow: {
        type: 'boolean',
        default: false,
        description: 'Where `dest` is a link, write to what it leads to instead of replacing it.',
      },
      local_follow: {
        type: 'boolean',
        default: true,
        description: 'Copy what links in `src` lead to; without it, copy the links.',
      },
      checksum: { type: 'string', pattern: '^[0-9a-fA-F]{40}$', description: 'SHA-1 that the content must have.' },
      decrypt: { type: 'boolean', default: true, description: 'Decrypt `src` where it is an encrypted file.' },
      ...ATTRIBUTES,
    },
  },
  examples: `- name: A short file
  copy:
    dest: /etc/motd
    content: |
      Authorised use only
    mode: "0644"

- name: A file that is checked first
  copy:
    src: sudoers
    dest: /etc/sudoers.d/ops
    owner: root
    group: root
    mode: "0440"
    validate: visudo -cf %s

- name: All that is in a directory
  copy:
    src: site/
    dest: /var/www/html
    owner: www-data
    mode: preserve
    directory_mode: "0755"
`,
  returns: {
    dest: 'Path of the file.',
    src: 'Path of the source.',
    checksum: 'SHA-1 of the content.',
    md5sum: 'MD5 of the content.',
    backup_file: 'Path of the copy of the old file, if there is one.',
    ...PATH_RETURNS,
  },
  looksAt: (params, view) => {
    if (pathProblem(params.dest, 'dest') !== undefined) return [];
    if (params.remote_src) return looksAtRemote(params, view);
    if ('content' in params) return looksAtFile(params, undefined, view);
    const source = view.local(stripSlash(params.src ?? ''), 'file', params);
    if (source === undefined) return [];
    return source.kind === 'directory'
      ? looksAtLocalTree(params, source, view)
      : looksAtFile(params, nameOf(params.src), view);
  },
  wants: (params, view) => {
    const problem = pathProblem(params.dest, 'dest');
    if (problem !== undefined) return failedWish(problem);
    const wish = params.remote_src ? copyRemote(params, view) : copyLocal(params, view);
    return { ...wish, warnings: [...(wish.warnings ?? []), ...attributeWarnings(params)] };
  },
});

function copyLocal(params: CopyParams, view: View): Wish {
  if (params.content !== undefined && params.content !== null) {
    if (params.mode === 'preserve') return failedWish({ failed: 'content has no mode to preserve', parameter: 'mode' });
    const text = contentText(params.content);
    return copyFile(
      params,
      { content: contentOf(Buffer.from(text, 'utf8')), name: undefined, src: undefined, mode: undefined },
      view,
    );
  }
  const src = params.src ?? '';
  const source = view.local(stripSlash(src), 'file', params);
  if (source === undefined) {
    const where = src.startsWith('/')
      ? ''
      : ': it is looked for in files/ beside the playbook, and beside the playbook itself';
    return failedWish({ failed: `there is no file ${src} on this machine${where}`, parameter: 'src' });
  }
  if (source.kind === 'directory') return copyLocalTree(params, source, view);
  return copyFile(
    params,
    { content: contentOf(source.bytes()), name: nameOf(src), src: source.path, mode: source.mode },
    view,
  );
}

/** As Ansible writes what is no text: JSON for a map or a list, else what Python prints. */
function contentText(value: Value): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' && !(value instanceof Float) ? pythonJson(value) : String(value);
}

function stripSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

function nameOf(src: string | undefined): string | undefined {
  return src === undefined ? undefined : src.slice(src.lastIndexOf('/') + 1);
}

function copyFile(params: CopyParams, source: SourceFile, view: View): Wish {
  const sum = digest(source.content, 'sha1');
  if (params.checksum !== undefined && sum !== params.checksum.toLowerCase()) {
    return failedWish({
      failed: `the content has the SHA-1 ${sum ?? 'unknown'}, not ${params.checksum}`,
      parameter: 'checksum',
    });
  }
  return putFile(params, source, view);
}
