import { isMap, type ValueMap } from '../../language/values.ts';
import type { Ref, ResourceType, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { join, type Sh, sh } from '../../transport/sh.ts';
import { partLines, partText } from '../answer_text.ts';
import { readJson } from '../json_text.ts';
import { readingType } from '../reading.ts';

/** Which project of Docker compose is meant: its directory, and the options that stand before a command. */
export interface ComposeProject {
  readonly directory: string;
  readonly options: readonly string[];
}

export interface ComposeProjectValue {
  /** Whether the host says `docker compose`; else it says `docker-compose` (version 1). */
  readonly plugin: boolean;
  /** Services of the files, and the hash of what each is to be; missing: compose could not tell. */
  readonly services: readonly { readonly name: string; readonly hash?: string }[];
  /** As `docker inspect` tells of them. */
  readonly containers: readonly ValueMap[];
}

/** What the files of a project say, and which of its containers there are. */
export function composeProject(project: ComposeProject): Ref<ComposeProjectValue> {
  return { type: projectType, id: JSON.stringify([project.directory, ...project.options]), aspects: [] };
}

const projectType: ResourceType<ComposeProjectValue> = readingType({
  name: 'compose project',
  collect: (refs) => join(refs.map(({ id }, n) => ask(n, projectOf(id)))),
  parse: (answer, refs) => refs.map((ref, n): Seen => seen(answer, ref, n)),
  derived: true,
});

function projectOf(id: string): ComposeProject {
  const [directory = '/', ...options] = JSON.parse(id) as string[];
  return { directory, options };
}

/** `rb_compose`, in the spelling that the host has. */
export function composeFunction(project: ComposeProject): Sh {
  return sh`rb_compose() {
  if [ "$rb_plugin" = yes ]; then docker compose ${project.options} "$@"; else docker-compose ${project.options} "$@"; fi
}
if docker compose version >/dev/null 2>&1; then rb_plugin=yes
elif command -v docker-compose >/dev/null; then rb_plugin=no
else echo 'there is neither docker compose nor docker-compose on the host' >&2; exit 127; fi
cd -- ${project.directory} || exit 1`;
}

/** Prints what docker says of the project's containers. */
export const INSPECT_PROJECT = sh`rb_ids=$(rb_compose ps -a -q) || exit 1
# shellcheck disable=SC2086 # a list of ids
if [ -n "$rb_ids" ]; then docker inspect --type container $rb_ids; else echo '[]'; fi`;

function ask(n: number, project: ComposeProject): Sh {
  return sh`(
${composeFunction(project)}
rb_part ${`plugin ${n}`}
echo "$rb_plugin"
rb_part ${`services ${n}`}
rb_compose config --services || exit 1
rb_part ${`hashes ${n}`}
rb_compose config --hash '*' 2>/dev/null || :
rb_part ${`containers ${n}`}
${INSPECT_PROJECT}
) 2>&1; rb_status=$?
rb_part ${`end ${n}`}
echo "$rb_status"`;
}

function seen(answer: Answer, ref: Ref<ComposeProjectValue>, n: number): Seen {
  const containers = containersIn(partText(answer, `containers ${n}`));
  if (partText(answer, `end ${n}`).trim() !== '0' || containers === undefined) {
    const said = ['containers', 'services', 'plugin'].map((part) => partText(answer, `${part} ${n}`).trim());
    return { ref, error: said.find((text) => text !== '' && !/^(yes|no)$/.test(text)) ?? complaintOf(answer) };
  }
  const hashes = new Map(
    partLines(answer, `hashes ${n}`).flatMap((line) => {
      const [, service, hash] = /^(\S+) ([0-9a-f]{64})$/.exec(line) ?? [];
      return service === undefined ? [] : [[service, hash] as const];
    }),
  );
  const names = partLines(answer, `services ${n}`).filter((line) => /^[a-zA-Z0-9._-]+$/.test(line));
  const plugin = partText(answer, `plugin ${n}`).trim() === 'yes';
  const services = names.map((name) => {
    const hash = hashes.get(name);
    return { name, ...(hash !== undefined && { hash }) };
  });
  return { ref, value: { plugin, services, containers } };
}

function complaintOf(answer: Answer): string {
  const said = new TextDecoder().decode(answer.stdout).trim() || new TextDecoder().decode(answer.stderr).trim();
  return said || 'docker compose failed and said nothing';
}

/** What `docker inspect` printed; a warning may stand before it. */
export function containersIn(text: string): readonly ValueMap[] | undefined {
  const found = readJson(text.slice(Math.max(0, text.search(/^\[/m))));
  return Array.isArray(found) ? found.filter(isMap) : undefined;
}
