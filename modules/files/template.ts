import { defineModule, type RenderOptions, type View, type Wish } from '../../engine/planning/contracts.ts';
import { contentOf } from '../../engine/resources/content.ts';
import { ATTRIBUTES, attributeWarnings } from './attributes.ts';
import { PLACE_PARAMETERS } from './copy.ts';
import { failedWish } from './failure.ts';
import type { PlaceParams } from './place_file.ts';
import { looksAtFile, putFile } from './put_file.ts';
import { PATH_RETURNS } from './result.ts';
import { pathProblem } from './target.ts';

interface TemplateParams extends PlaceParams {
  readonly src: string;
  readonly newline_sequence: string;
  readonly trim_blocks: boolean;
  readonly lstrip_blocks: boolean;
  readonly block_start_string?: string;
  readonly block_end_string?: string;
  readonly variable_start_string?: string;
  readonly variable_end_string?: string;
  readonly comment_start_string?: string;
  readonly comment_end_string?: string;
  readonly output_encoding: string;
}

export const template = defineModule<TemplateParams>({
  name: 'template',
  collection: 'ansible.builtin',
  summary: 'Renders a Jinja2 template and puts the result on the host',
  description: [
    'The template sees the variables of the task, and `ansible_managed`, `template_path`, `template_host` and the others that Ansible gives it. A variable that is not defined is an error at its place in the template.',
    'A file is replaced at once: no reader ever sees half of it, and nobody can read it before it has its owner and mode.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['src', 'dest'],
    properties: {
      src: {
        type: 'string',
        description: 'The template on this machine, looked for in `templates/` and beside the playbook.',
      },
      dest: {
        type: 'string',
        format: 'path',
        description: 'Where the result goes. In a directory it keeps the name of `src`.',
      },
      ...PLACE_PARAMETERS,
      follow: {
        type: 'boolean',
        default: false,
        description: 'Where `dest` is a link, write to what it leads to instead of replacing it.',
      },
      newline_sequence: {
        type: 'string',
        enum: ['\n', '\r', '\r\n', '\\n', '\\r', '\\r\\n'],
        default: '\n',
        description: 'How the lines of the result end.',
      },
      trim_blocks: { type: 'boolean', default: true, description: 'Drop the line end after a block tag.' },
      lstrip_blocks: {
        type: 'boolean',
        default: false,
        description: 'Drop spaces and tabs before a block tag that begins a line.',
      },
      block_start_string: { type: 'string', minLength: 1, description: 'What begins a block tag. Default: `{%`.' },
      block_end_string: { type: 'string', minLength: 1, description: 'What ends a block tag. Default: `%}`.' },
      variable_start_string: { type: 'string', minLength: 1, description: 'What begins an expression. Default: `{{`.' },
      variable_end_string: { type: 'string', minLength: 1, description: 'What ends an expression. Default: `}}`.' },
      comment_start_string: { type: 'string', minLength: 1, description: 'What begins a comment. Default: `{#`.' },
      comment_end_string: { type: 'string', minLength: 1, description: 'What ends a comment. Default: `#}`.' },
      output_encoding: { type: 'string', enum: ['utf-8'], default: 'utf-8', description: 'How the result is encoded.' },
      ...ATTRIBUTES,
    },
  },
  examples: `- name: The site's configuration
  template:
    src: site.conf.j2
    dest: /etc/nginx/conf.d/site.conf
    owner: root
    mode: "0644"

- name: The host's sshd configuration, checked first
  template:
    src: sshd_config.j2
    dest: /etc/ssh/sshd_config
    mode: "0600"
    validate: sshd -t -f %s
    backup: true
`,
  returns: {
    dest: 'Path of the file.',
    src: 'Path of the template.',
    checksum: 'SHA-1 of the content.',
    md5sum: 'MD5 of the content.',
    backup_file: 'Path of the copy of the old file, if there is one.',
    ...PATH_RETURNS,
  },
  looksAt: (params, view) =>
    pathProblem(params.dest, 'dest') === undefined && view.local(params.src, 'template') !== undefined
      ? looksAtFile(params, nameOf(params.src), view)
      : [],
  wants: (params, view) => {
    const problem = pathProblem(params.dest, 'dest');
    if (problem !== undefined) return failedWish(problem);
    const wish = placeRendered(params, view);
    return { ...wish, warnings: [...(wish.warnings ?? []), ...attributeWarnings(params)] };
  },
});

function placeRendered(params: TemplateParams, view: View): Wish {
  const source = view.local(params.src, 'template');
  if (source === undefined) {
    const where = params.src.startsWith('/')
      ? ''
      : ': it is looked for in templates/ beside the playbook, and beside the playbook itself';
    return failedWish({ failed: `there is no template ${params.src} on this machine${where}`, parameter: 'src' });
  }
  if (source.kind === 'directory')
    return failedWish({ failed: `${source.path} is a directory, not a template`, parameter: 'src' });
  const rendered = view.render(source, renderOptions(params));
  if (!rendered.ok)
    return failedWish({ failed: rendered.diagnostics.map((d) => d.message).join('; '), parameter: 'src' });
  const content = contentOf(Buffer.from(rendered.value, 'utf8'));
  return putFile(params, { content, name: nameOf(params.src), src: source.path, mode: source.mode }, view);
}

function renderOptions(params: TemplateParams): RenderOptions {
  const strings = {
    blockStart: params.block_start_string,
    blockEnd: params.block_end_string,
    variableStart: params.variable_start_string,
    variableEnd: params.variable_end_string,
    commentStart: params.comment_start_string,
    commentEnd: params.comment_end_string,
  };
  const given = Object.entries(strings).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    trimBlocks: params.trim_blocks,
    lstripBlocks: params.lstrip_blocks,
    newline: NEWLINES[params.newline_sequence] ?? '\n',
    ...Object.fromEntries(given),
  };
}

/** Also as they come out of quotes that take no escapes. */
const NEWLINES: Readonly<Record<string, RenderOptions['newline']>> = {
  '\n': '\n',
  '\r': '\r',
  '\r\n': '\r\n',
  '\\n': '\n',
  '\\r': '\r',
  '\\r\\n': '\r\n',
};

function nameOf(src: string): string {
  return src.slice(src.lastIndexOf('/') + 1);
}
