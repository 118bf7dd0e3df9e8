import type { Value, ValueMap } from '../../engine/language/values.ts';
import { defineDirective } from '../../engine/planning/contracts.ts';

export const set_fact = defineDirective<ValueMap>({
  name: 'set_fact',
  collection: 'ansible.builtin',
  summary: 'Sets variables of the host for the rest of the run',
  description: [
    'Each parameter is a variable. Its value is rendered once, now.',
    'The texts `yes`, `no`, `true` and `false` become booleans, as in Ansible.',
  ],
  acceptsUnknown: true,
  schema: {
    type: 'object',
    additionalProperties: true,
    properties: {
      cacheable: {
        type: 'boolean',
        default: false,
        description: 'Accepted for Ansible, where it keeps the variable in a cache of facts. There is no cache here.',
      },
    },
  },
  examples: `- name: Where the application lives
  set_fact:
    app_root: /srv/app
    app_config: "{{ app_name }}.conf"
`,
  returns: { ansible_facts: 'The variables that were set.' },
  run: ({ cacheable: _, ...given }) => {
    const names = Object.keys(given);
    if (names.length === 0)
      return { failed: '`set_fact` sets nothing: give at least one variable, such as `name: value`' };
    const wrong = names.find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
    if (wrong !== undefined) {
      return { failed: `\`${wrong}\` cannot be a variable: letters, digits and underscores, no digit first` };
    }
    const variables = Object.fromEntries(names.map((name) => [name, boolean(given[name] as Value)]));
    return { variables, result: { ansible_facts: variables } };
  },
});

function boolean(value: Value): Value {
  if (typeof value !== 'string' || !/^(true|false|yes|no)$/i.test(value)) return value;
  return /^(true|yes)$/i.test(value);
}
