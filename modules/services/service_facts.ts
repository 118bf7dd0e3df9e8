import { defineModule, type Ref } from '../../engine/planning/contracts.ts';
import { SERVICES } from '../../engine/resources/readings/services.ts';

export const service_facts = defineModule({
  name: 'service_facts',
  collection: 'ansible.builtin',
  summary: 'Tells which services there are and in what state',
  description: [
    'They become the fact `services`: name -> `name`, `state`, `status` and `source`. Units of systemd have their suffix in the name (`ssh.service`); scripts in /etc/init.d come under their own as well, with the source `sysv`.',
  ],
  onlyTells: true,
  schema: { type: 'object', additionalProperties: false, properties: {} },
  examples: `- name: Which services are there
  service_facts:

- debug:
    msg: sshd runs
  when: ansible_facts.services['ssh.service'].state == 'running'
`,
  returns: { ansible_facts: '`services`: the services, by name.' },
  looksAt: () => [SERVICES as Ref],
  wants: (_, view) => {
    const services = view.get(SERVICES) ?? [];
    const facts = { services: Object.fromEntries(services.map((one) => [one.name, { ...one }])) };
    return { steps: [], facts, result: { ansible_facts: facts } };
  },
});
