import { defineModule } from '../../engine/planning/contracts.ts';
import { apt } from './apt.ts';
import { type AptParams, aptSchema } from './apt_schema.ts';

const { name, state, ...rest } = aptSchema.properties;

interface PackageParams extends AptParams {
  readonly use: 'auto' | 'apt';
}

/** Named `package_` because `package` is reserved in modules (ECMAScript strict mode). */
export const package_ = defineModule<PackageParams>({
  name: 'package',
  collection: 'ansible.builtin',
  summary: "Manages packages with the host's own package manager",
  description: [
    'On Debian and Ubuntu that is apt, and this is the module `apt` under another name: it takes all of its parameters and does the same.',
  ],
  schema: {
    ...aptSchema,
    properties: {
      ...(name && { name }),
      ...(state && { state }),
      use: {
        description: 'The package manager to use. Only apt is known.',
        type: 'string',
        enum: ['auto', 'apt'],
        default: 'auto',
      },
      ...rest,
    },
  },
  examples: `- name: Editor
  package:
    name: vim
    state: present
`,
  ...(apt.returns && { returns: apt.returns }),
  looksAt: apt.looksAt,
  wants: apt.wants,
});
