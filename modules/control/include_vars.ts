import { defineDirective } from '../../engine/planning/contracts.ts';

interface IncludeVarsParams {
  readonly file?: string;
  readonly dir?: string;
  readonly name?: string;
}

export const include_vars = defineDirective<IncludeVarsParams>({
  name: 'include_vars',
  collection: 'ansible.builtin',
  summary: 'Sets variables from a file',
  freeForm: 'file',
  schema: {
    type: 'object',
    additionalProperties: false,
    requiredOneOf: [['file', 'dir']],
    mutuallyExclusive: [['file', 'dir']],
    properties: {
      file: { type: 'string', minLength: 1, description: 'A YAML file; a relative path starts beside this one.' },
      name: { type: 'string', minLength: 1, description: 'Not supported yet: a variable that holds all of them.' },
      dir: {
        type: 'string',
        description: 'Not supported yet: all files of a directory. Name them one by one, in a loop.',
      },
    },
  },
  examples: `- name: What is special to the distribution
  include_vars: "{{ ansible_facts.distribution | lower }}.yml"
`,
  run: ({ file, dir, name }) => {
    if (dir !== undefined) return { failed: '`dir` is not supported yet: include its files one by one, in a loop' };
    if (name !== undefined) {
      return { failed: '`name` is not supported yet: put the variables under that name in the file itself' };
    }
    return {
      include: { kind: 'vars', file: file as string },
      result: { ansible_included_var_files: [file as string] },
    };
  },
});
