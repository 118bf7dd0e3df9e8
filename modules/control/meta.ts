import { type DirectiveOutcome, defineDirective } from '../../engine/planning/contracts.ts';

const DONE = [
  'flush_handlers',
  'end_play',
  'end_host',
  'end_batch',
  'clear_facts',
  'clear_host_errors',
  'noop',
] as const;

const REFUSED = {
  refresh_inventory: 'the inventory is read once, before the run',
  reset_connection:
    'a host has one connection for the whole run; a new login, such as for a new group, needs a new run',
  end_role: 'roles are not known yet',
} as const;

interface MetaParams {
  readonly free_form: (typeof DONE)[number] | keyof typeof REFUSED;
}

export const meta = defineDirective<MetaParams>({
  name: 'meta',
  collection: 'ansible.builtin',
  summary: 'Steers the run',
  description: [
    '`flush_handlers` runs the handlers notified so far. `end_host` ends the play for this host, `end_batch` for its batch, `end_play` for all. `clear_facts` forgets the facts. `clear_host_errors` takes failed hosts back in. `noop` does nothing.',
    '`refresh_inventory`, `reset_connection` and `end_role` are known but refused, each with its reason.',
  ],
  freeForm: 'free_form',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['free_form'],
    properties: {
      free_form: { type: 'string', enum: [...DONE, ...Object.keys(REFUSED)], description: 'What to do.' },
    },
  },
  examples: `- name: Restart now what the tasks so far have changed
  meta: flush_handlers
`,
  run: ({ free_form: action }): DirectiveOutcome =>
    action in REFUSED
      ? { failed: `\`meta: ${action}\` is not supported: ${REFUSED[action as keyof typeof REFUSED]}` }
      : { meta: action as (typeof DONE)[number] },
});
