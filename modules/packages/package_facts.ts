import type { ValueMap } from '../../engine/language/values.ts';
import { defineModule } from '../../engine/planning/contracts.ts';
import { INSTALLED_PACKAGES, type InstalledPackage } from '../../engine/resources/readings/installed_packages.ts';

interface PackageFactsParams {
  readonly manager: readonly string[];
  readonly strategy: 'first' | 'all';
}

export const package_facts = defineModule<PackageFactsParams>({
  name: 'package_facts',
  collection: 'ansible.builtin',
  summary: 'Tells which packages are installed',
  description: [
    'They become the fact `packages`: name -> list of what is installed under it, with `name`, `version`, `arch`, `category` and `source`. Ansible also has `origin`, which only the lists of the archives tell: it is left out.',
  ],
  onlyTells: true,
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      manager: {
        type: 'array',
        items: { type: 'string', enum: ['auto', 'apt'] },
        default: ['auto'],
        description: 'Which package manager is asked: on Debian and Ubuntu there is one.',
      },
      strategy: {
        type: 'string',
        enum: ['first', 'all'],
        default: 'first',
        description: 'Accepted for Ansible: with one package manager both come to the same.',
      },
    },
  },
  examples: `- name: Which packages are there
  package_facts:

- debug:
    msg: "nginx {{ ansible_facts.packages.nginx[0].version }}"
  when: "'nginx' in ansible_facts.packages"
`,
  returns: { ansible_facts: '`packages`: what is installed, by name.' },
  looksAt: () => [INSTALLED_PACKAGES],
  wants: (_, view) => {
    const facts = { packages: byName(view.get(INSTALLED_PACKAGES) ?? []) };
    return { steps: [], facts, result: { ansible_facts: facts } };
  },
});

function byName(packages: readonly InstalledPackage[]): ValueMap {
  return Object.fromEntries(
    packages.map(({ name, version, arch, category }) => [name, [{ name, version, arch, category, source: 'apt' }]]),
  );
}
