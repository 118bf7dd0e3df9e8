import type { Value, ValueMap } from '../../engine/language/values.ts';
import { defineModule, type Ref, type Wish } from '../../engine/planning/contracts.ts';
import { type NameAnswer, nameService } from '../../engine/resources/readings/name_service.ts';

interface GetentParams {
  readonly database: string;
  readonly key?: string | null;
  readonly service?: string | null;
  readonly split?: string | null;
  readonly fail_key: boolean;
}

export const getent = defineModule<GetentParams>({
  name: 'getent',
  collection: 'ansible.builtin',
  summary: 'Asks the databases of names: users, groups, hosts, services',
  description: ['What it finds becomes the fact `getent_DATABASE`: name -> list of the other fields.'],
  onlyTells: true,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['database'],
    properties: {
      database: {
        type: 'string',
        pattern: '^[a-z][a-z0-9_]*$',
        description: 'Name of the database: `passwd`, `group`, `hosts`, `services`, ...',
      },
      key: { type: 'string', description: 'Only this entry (default: all of them).' },
      service: { type: 'string', description: 'Look only there: `files`, `ldap`, ...' },
      split: {
        type: 'string',
        minLength: 1,
        description: 'What separates the fields (default: `:` for accounts, else any white space).',
      },
      fail_key: { type: 'boolean', default: true, description: 'Fail where there is no such entry.' },
    },
  },
  examples: `- name: Who deploys
  getent:
    database: passwd
    key: deploy

- debug:
    msg: "{{ getent_passwd.deploy[4] }}"
`,
  returns: { ansible_facts: '`getent_DATABASE`: the entries found, by name.' },
  looksAt: (params) => [refOf(params) as Ref],
  wants: (params, view) => {
    const { status, text } = view.get(refOf(params)) as NameAnswer;
    const { database, key, fail_key } = params;
    if (status === 0) return found(database, entries(text, separator(params)));
    if (status === 2 && !fail_key && key) return found(database, { [key]: null }, MESSAGES[2]);
    const parameter = status === 2 ? 'key' : 'database';
    const what = status === 2 && key ? `${MESSAGES[2]}: \`${key}\`` : MESSAGES[status];
    return { steps: [], failed: { message: what ?? `getent ended with status ${status}`, parameter: [parameter] } };
  },
});

/** Ansible's words for the exit statuses of getent(1). */
const MESSAGES: Readonly<Record<number, string>> = {
  1: 'Missing arguments, or database unknown.',
  2: 'One or more supplied key could not be found in the database.',
  3: 'Enumeration not supported on this database.',
};

function refOf({ database, key, service }: GetentParams): Ref<NameAnswer> {
  return nameService({ database, ...(key && { key }), ...(service && { service }) });
}

function separator({ database, split }: GetentParams): string | undefined {
  return split ?? (['passwd', 'shadow', 'group', 'gshadow'].includes(database) ? ':' : undefined);
}

/** An entry that comes more than once is a list of them (since Ansible 2.11). */
function entries(text: string, split: string | undefined): ValueMap {
  const all = new Map<string, (readonly string[])[]>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [name = '', ...fields] = split === undefined ? line.trim().split(/\s+/) : line.split(split);
    all.set(name, [...(all.get(name) ?? []), fields]);
  }
  return Object.fromEntries(
    [...all].map(([name, each]): [string, Value] => [name, each.length > 1 ? each : (each[0] ?? [])]),
  );
}

function found(database: string, value: ValueMap, msg?: string): Wish {
  const facts: ValueMap = { [`getent_${database}`]: value };
  return { steps: [], facts, result: { ansible_facts: facts, ...(msg !== undefined && { msg }) } };
}
