import type { ValueMap } from '../../engine/language/values.ts';
import { defineDirective } from '../../engine/planning/contracts.ts';

interface IncludeTasksParams {
  readonly file: string;
  readonly apply?: ValueMap;
}

export const include_tasks = defineDirective<IncludeTasksParams>({
  name: 'include_tasks',
  collection: 'ansible.builtin',
  summary: 'Goes on with the tasks of a file',
  description: [
    'The file is read when the task is reached, so that its name may hang on facts and loops. Tasks of a file whose name is known when the playbook is read are better imported: `import_tasks`.',
  ],
  freeForm: 'file',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['file'],
    properties: {
      file: { type: 'string', minLength: 1, description: 'The file; a relative path starts beside this one.' },
      apply: {
        type: 'object',
        description: 'Keywords for all tasks of the file. Not supported: put them on a block around the include.',
      },
    },
  },
  examples: `- name: What is special to the distribution
  include_tasks: "{{ ansible_facts.distribution | lower }}.yml"
`,
  run: ({ file, apply }) =>
    apply !== undefined && Object.keys(apply).length > 0
      ? { failed: '`apply` is not supported: put these keywords on a block around the include' }
      : { include: { kind: 'tasks', file }, result: { include: file } },
});
