import type { ValueMap } from '../../engine/language/values.ts';
import { defineModule } from '../../engine/planning/contracts.ts';
import { ALL_CONTAINERS, field } from '../../engine/resources/readings/docker_containers.ts';

interface InfoParams {
  readonly name: string;
}

export const docker_container_info = defineModule<InfoParams>({
  name: 'docker_container_info',
  collection: 'community.docker',
  summary: 'Tells what is known of a Docker container',
  description: ['Asks the command `docker` on the host, as the user whom the task acts as. Changes nothing.'],
  onlyTells: true,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: 'string', minLength: 1, description: 'Name of the container, or its id or the beginning of it.' },
    },
  },
  examples: `- name: Look at the database
  docker_container_info:
    name: shop_postgres_1
  register: database

- name: It is healthy
  assert:
    that: database.exists and database.container.State.Health.Status == 'healthy'
`,
  returns: {
    exists: 'Whether there is such a container.',
    container: 'What `docker inspect` says of it; null: nothing.',
  },
  looksAt: () => [ALL_CONTAINERS],
  wants: ({ name }, view) => {
    const containers = view.get(ALL_CONTAINERS)?.containers ?? [];
    const container =
      containers.find((one) => isNamed(one, name)) ?? containers.find((one) => hasId(one, name)) ?? null;
    return { steps: [], result: { exists: container !== null, container } };
  },
});

function isNamed(container: ValueMap, name: string): boolean {
  return field(container, 'Name') === `/${name.replace(/^\//, '')}`;
}

function hasId(container: ValueMap, id: string): boolean {
  return /^[0-9a-f]+$/.test(id) && String(field(container, 'Id') ?? '').startsWith(id);
}
