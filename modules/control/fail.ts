import { defineDirective } from '../../engine/planning/contracts.ts';

export const fail = defineDirective<{ readonly msg: string }>({
  name: 'fail',
  collection: 'ansible.builtin',
  summary: 'Fails with a message',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      msg: { type: 'string', default: 'Failed as requested from task', description: 'Why.' },
    },
  },
  examples: `- name: Not on this system
  fail:
    msg: This playbook knows only Debian and Ubuntu.
  when: ansible_facts.os_family != 'Debian'
`,
  returns: { msg: 'Why.' },
  run: ({ msg }) => ({ failed: msg, result: { msg } }),
});
