import { defineModule } from '../../engine/planning/contracts.ts';
import { ATTRIBUTES } from './attributes.ts';
import { type BlockPlace, putBlock } from './block_edit.ts';
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

interface BlockinfileParams extends EditParams {
  readonly state: 'present' | 'absent';
  readonly block: string;
  readonly marker: string;
  readonly marker_begin: string;
  readonly marker_end: string;
  readonly insertafter?: string;
  readonly insertbefore?: string;
  readonly create: boolean;
  readonly append_newline: boolean;
  readonly prepend_newline: boolean;
}

export const blockinfile = defineModule<BlockinfileParams>({
  name: 'blockinfile',
  collection: 'ansible.builtin',
  summary: 'Keeps a block of lines in a text file, between two marker lines',
  description: [
    'The markers find the block again the next time: where one file has several blocks, each needs a `marker` of its own.',
    'Links are followed. The new file takes the place of the old one at once, with its owner, mode, ACLs and extended attributes.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    mutuallyExclusive: [['insertbefore', 'insertafter']],
    properties: {
      path: { type: 'string', format: 'path', aliases: ['dest', 'destfile', 'name'], description: 'The file.' },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'Whether the block is to be there.',
      },
      block: {
        type: 'string',
        default: '',
        aliases: ['content'],
        description: 'The lines between the markers. Empty: the block and its markers are removed.',
      },
      marker: {
        type: 'string',
        default: '# {mark} ANSIBLE MANAGED BLOCK',
        description: 'The marker line; `{mark}` stands for what `marker_begin` and `marker_end` say.',
      },
      marker_begin: { type: 'string', default: 'BEGIN', description: '`{mark}` of the line before the block.' },
      marker_end: { type: 'string', default: 'END', description: '`{mark}` of the line after the block.' },
      insertafter: {
        type: 'string',
        description:
          'Where a new block goes: after the last line that matches this regular expression, or `EOF`, the default. Where nothing matches, the end of the file.',
      },
      insertbefore: {
        type: 'string',
        description: 'The same, before the line that matches; `BOF` is the beginning of the file.',
      },
      create: {
        type: 'boolean',
        default: false,
        description: 'Make the file, and directories above it, if it is missing.',
      },
      append_newline: { type: 'boolean', default: false, description: 'Keep an empty line after the block.' },
      prepend_newline: { type: 'boolean', default: false, description: 'Keep an empty line before the block.' },
      ...EDIT_PARAMETERS,
      ...ATTRIBUTES,
    },
  },
  examples: `- name: Settings for one group of users
  blockinfile:
    path: /etc/ssh/sshd_config
    block: |
      Match Group sftponly
        ChrootDirectory %h
        ForceCommand internal-sftp
    validate: sshd -t -f %s

- name: One block for each host
  blockinfile:
    path: /etc/hosts
    marker: "# {mark} {{ item.name }}"
    block: "{{ item.address }} {{ item.name }}"
  loop:
    - {name: db, address: 10.0.0.5}
    - {name: cache, address: 10.0.0.6}
`,
  returns: {
    msg: '`Block inserted`, `Block removed`, `File created`, or empty.',
    backup_file: 'Path of the copy of the old file, if there is one.',
  },
  looksAt: looksAtEdited,
  wants: (params, view) => {
    const markers = markersOf(params);
    if (isFailure(markers)) return failedWish(markers);
    const place = placeOf(params);
    if (isFailure(place)) return failedWish(place);
    const gone = params.state === 'absent';
    const opened = openFile(gone ? { ...params, create: true } : params, view);
    if (isFailure(opened)) return failedWish(opened);
    if (gone && opened.before === null) return { steps: [], result: { msg: `File ${opened.ref.id} not present` } };
    const block = gone ? '' : asBytes(params.block);
    const bytes = putBlock(opened.bytes, {
      ...{ ...markers, block, place, emptyBefore: params.prepend_newline, emptyAfter: params.append_newline },
    });
    const message =
      opened.before === null
        ? 'File created'
        : bytes === opened.bytes
          ? ''
          : `Block ${block === '' ? 'removed' : 'inserted'}`;
    return wishEdited(params, view, opened, { bytes, message }, ({ msg, backup }) => ({
      msg,
      ...(backup !== undefined && { backup_file: backup }),
    }));
  },
});

function markersOf(params: BlockinfileParams): { readonly begin: string; readonly end: string } | Failure {
  const mark = (text: string) => asBytes(params.marker.replaceAll('{mark}', () => text));
  const [begin, end] = [mark(params.marker_begin), mark(params.marker_end)];
  if (begin === end) {
    return {
      failed: `the lines before and after the block are the same (${params.marker}): write {mark} where they differ`,
      parameter: 'marker',
    };
  }
  if (/[\r\n]/.test(begin + end))
    return { failed: 'a marker is one line: it cannot hold a line end', parameter: 'marker' };
  return { begin, end };
}

function placeOf(params: BlockinfileParams): BlockPlace | Failure {
  const { insertafter, insertbefore } = params;
  if (insertbefore === 'BOF') return { kind: 'begin' };
  const [kind, pattern] =
    insertbefore === undefined ? (['after', insertafter] as const) : (['before', insertbefore] as const);
  if (pattern === undefined || (kind === 'after' && pattern === 'EOF')) return { kind: 'end' };
  const regex = regexOf(pattern, `insert${kind}`, { bytes: true });
  return isFailure(regex) ? regex : { kind, regex };
}
