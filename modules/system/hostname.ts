import { defineModule, type Step, set, type Wish } from '../../engine/planning/contracts.ts';
import { RUNNING_NAME } from '../../engine/resources/hostname.ts';
import { looksAtFile, readFile, writeText } from './edited_file.ts';

interface HostnameParams {
  readonly name: string;
  readonly use?: 'systemd' | 'debian';
}

const FILE = '/etc/hostname';

export const hostname = defineModule<HostnameParams>({
  name: 'hostname',
  collection: 'ansible.builtin',
  summary: 'Gives the host its name',
  description: [
    'The name in /etc/hostname, which lasts, and the one that the running kernel has. /etc/hosts is not touched: where it should tell the new name, say so with `lineinfile`.',
    'The facts `hostname` and `nodename` are the new ones afterwards, and `fqdn` and `domain` where the name has a dot; others stay until facts are gathered again.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: 'string', description: 'The name, up to 64 letters, digits, hyphens and dots.' },
      use: {
        type: 'string',
        enum: ['systemd', 'debian'],
        description: 'Accepted for Ansible: both come to the same here.',
      },
    },
  },
  examples: `- name: Name of the host
  hostname:
    name: web1.example.com
`,
  returns: { name: 'The name.' },
  looksAt: (_, view) => [...looksAtFile(FILE, view), RUNNING_NAME],
  wants: ({ name }, view) => {
    const problem = nameProblem(name);
    if (problem !== undefined) return { steps: [], failed: { message: problem, parameter: ['name'] } };
    const file = readFile(FILE, view);
    if ('failed' in file) return { steps: [], failed: { message: file.failed } };
    const steps: Step[] = [];
    // hostname(5): comments are no part of the name.
    const written = file.text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#'));
    if (written?.trim() !== name) steps.push(writeText(file, `${name}\n`, 0o644) as Step);
    if (view.get(RUNNING_NAME)?.name !== name) steps.push(set(RUNNING_NAME, { name }) as Step);
    return { steps, result: { name }, facts: factsOf(name) };
  },
});

/** hostname(7); Linux takes no more than 64 bytes. */
function nameProblem(name: string): string | undefined {
  if (name.length > 64) return `\`${name}\` has ${name.length} characters, and no host's name more than 64`;
  const label = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
  if (name.split('.').every((part) => label.test(part))) return undefined;
  return `\`${name}\` is no name of a host: labels of letters, digits and hyphens with dots between them, such as \`web1.example.com\``;
}

function factsOf(name: string): NonNullable<Wish['facts']> {
  const [first = name, ...domain] = name.split('.');
  return {
    hostname: first,
    nodename: name,
    ...(domain.length > 0 && { fqdn: name, domain: domain.join('.') }),
  };
}
