import { Unknown } from '../../engine/language/values.ts';
import { defineModule } from '../../engine/planning/contracts.ts';
import { bytesOf, WHOLE_LIMIT } from '../../engine/resources/content.ts';
import { kindName, normalPath } from '../../engine/resources/path_value.ts';
import { failedWish, isFailure } from './failure.ts';
import { looksAtTarget, pathProblem, targetOf } from './target.ts';

interface SlurpParams {
  readonly src: string;
}

export const slurp = defineModule<SlurpParams>({
  name: 'slurp',
  collection: 'ansible.builtin',
  onlyTells: true,
  summary: 'Reads a file of the host',
  description: [
    'Changes nothing and costs no round trip of its own. In a plan it tells what will be in the file after the tasks before it.',
    'The content goes to this machine and, unless the task says `no_log: true`, into what `--json` tells of the task.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['src'],
    properties: {
      src: { type: 'string', format: 'path', aliases: ['path'], description: 'The file. A link is followed.' },
    },
  },
  examples: `- name: Read the host's public key
  slurp:
    src: /etc/ssh/ssh_host_ed25519_key.pub
  register: key

- name: Show it
  debug:
    msg: "{{ key.content | b64decode }}"
`,
  returns: {
    content: 'What the file holds, in base64.',
    encoding: '`base64`.',
    source: 'Path of the file.',
  },
  looksAt: ({ src }, view) =>
    pathProblem(src, 'src') === undefined ? looksAtTarget(normalPath(src), view, 'content', 'whole') : [],
  wants: ({ src }, view) => {
    const problem = pathProblem(src, 'src');
    if (problem !== undefined) return failedWish(problem);
    const target = targetOf(normalPath(src), view, 'content', 'whole');
    if (isFailure(target)) return failedWish({ ...target, parameter: 'src' });
    const { value } = target;
    if (value === null) return failedWish({ failed: `file not found: ${src}`, parameter: 'src' });
    if (value.kind !== 'file') {
      const what =
        value.kind === 'directory' ? 'source is a directory and must be a file' : `it is a ${kindName(value)}`;
      return failedWish({ failed: `${what}: ${src}`, parameter: 'src' });
    }
    const bytes = value.content === undefined ? undefined : bytesOf(value.content);
    if (bytes === undefined && value.content !== undefined) {
      const failed = `${src} is too large to be read: more than ${WHOLE_LIMIT / 1024 / 1024} MiB; fetch takes more`;
      return failedWish({ failed, parameter: 'src' });
    }
    const content =
      bytes === undefined
        ? new Unknown(`a look at ${src} after it has been made`)
        : Buffer.from(bytes).toString('base64');
    return { steps: [], result: { changed: false, content, encoding: 'base64', source: src } };
  },
});
