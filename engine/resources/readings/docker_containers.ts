import { isMap, type ValueMap } from '../../language/values.ts';
import type { Ref, ResourceType, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { type Sh, sh } from '../../transport/sh.ts';
import { complaint, partText } from '../answer_text.ts';
import { readJson } from '../json_text.ts';
import { readingType } from '../reading.ts';

/** Containers as `docker inspect` tells of them: docs.docker.com/reference/api/engine, ContainerInspect. */
interface DockerContainersValue {
  readonly containers: readonly ValueMap[];
}

const containersType: ResourceType<DockerContainersValue> = readingType({
  name: 'docker containers',
  collect: (refs) => collect(refs),
  parse,
  derived: true,
});

/** Those that run. */
export const RUNNING_CONTAINERS: Ref<DockerContainersValue> = { type: containersType, id: 'running', aspects: [] };
/** Also those that have stopped. */
export const ALL_CONTAINERS: Ref<DockerContainersValue> = { type: containersType, id: 'all', aspects: [] };

/** What looking at containers fails with then; there is nothing to judge. */
export const NO_DOCKER = 'there is no docker on the host: the package docker.io has it';

/** All at once: those that run are told apart by what they say. */
function collect(refs: readonly Ref<DockerContainersValue>[]): Sh {
  const all = refs.some(({ id }) => id === 'all') ? ['-a'] : [];
  return sh`if ! command -v docker >/dev/null; then echo ${NO_DOCKER} >&2; exit 127; fi
rb_ids=$(docker ps -q --no-trunc ${all}) || exit 1
rb_part containers
# shellcheck disable=SC2086 # a list of ids
if [ -n "$rb_ids" ]; then docker inspect --type container -- $rb_ids; else echo '[]'; fi`;
}

function parse(answer: Answer, refs: readonly Ref<DockerContainersValue>[]): readonly Seen[] {
  const found = readJson(partText(answer, 'containers'));
  // One that ended in between is missing, and inspect fails with what it has.
  if (!Array.isArray(found)) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const containers = found.filter(isMap);
  return refs.map((ref) => {
    const wanted = ref.id === 'all' ? containers : containers.filter((one) => field(one, 'State', 'Running') === true);
    return { ref, value: { containers: wanted } };
  });
}

/** A field deep in what docker says; `undefined`: it is not there. */
export function field(from: ValueMap, ...path: readonly string[]): ValueMap[string] | undefined {
  let value: ValueMap[string] | undefined = from;
  for (const key of path) value = isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}
