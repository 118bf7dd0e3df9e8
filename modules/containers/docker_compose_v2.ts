import { posix } from 'node:path';
import type { ValueMap } from '../../engine/language/values.ts';
import { type Action, defineModule, type Wish } from '../../engine/planning/contracts.ts';
import {
  type ComposeProject,
  type ComposeProjectValue,
  composeFunction,
  composeProject,
  containersIn,
  INSPECT_PROJECT,
} from '../../engine/resources/readings/compose_project.ts';
import { field } from '../../engine/resources/readings/docker_containers.ts';
import { type Sh, sh } from '../../engine/transport/sh.ts';
import { type ComposeParams, composeSchema } from './compose_parameters.ts';

export const docker_compose_v2 = defineModule<ComposeParams>({
  name: 'docker_compose_v2',
  collection: 'community.docker',
  summary: 'Brings the services of a Docker compose project up and down',
  description: [
    'Through the command line, in the spelling that the host has: `docker compose`, or `docker-compose` of version 1 (Debian 12).',
    'A plan compares the containers with the hashes that compose itself makes of the files, and shows only what would come up, be made anew, or go.',
  ],
  schema: composeSchema,
  examples: `- name: The application is up
  docker_compose_v2:
    project_src: /opt/app
    files: [docker-compose.prod.yml]
    remove_orphans: true
    wait: true
`,
  returns: {
    containers: 'Containers of the project, each with Name, Service, State, Health, Image, ID.',
    stdout: 'What compose printed.',
    stderr: 'What it told of its progress.',
  },
  looksAt: (params) => [composeProject(projectOf(params))],
  wants: (params, view) => {
    const project = projectOf(params);
    const found = view.get(composeProject(project));
    if (found === null) return { steps: [], failed: { message: `there is no project in ${project.directory}` } };
    return wrongWith(params, found) ?? wish(params, project, found);
  },
});

function projectOf(params: ComposeParams): ComposeProject {
  const { project_src: directory, project_name, files, env_files, profiles } = params;
  const beside = (path: string) => posix.resolve(directory, path);
  return {
    directory,
    options: [
      ...(files ?? []).flatMap((file) => ['-f', beside(file)]),
      ...(project_name ? ['-p', project_name] : []),
      ...(env_files ?? []).flatMap((file) => ['--env-file', beside(file)]),
      ...(profiles ?? []).flatMap((profile) => ['--profile', profile]),
    ],
  };
}

function wrongWith(params: ComposeParams, { plugin, services }: ComposeProjectValue): Wish | undefined {
  const failed = (message: string, parameter: keyof ComposeParams): Wish => ({
    steps: [],
    failed: { message, parameter: [parameter] },
  });
  const names = services.map(({ name }) => name);
  const unknown = params.services?.find((name) => !names.includes(name));
  if (unknown !== undefined) return failed(`there is no service ${unknown}; there are ${names.join(', ')}`, 'services');
  for (const [service, number] of Object.entries(params.scale ?? {})) {
    if (!names.includes(service)) return failed(`there is no service ${service}`, 'scale');
    if (!Number.isSafeInteger(number) || (number as number) < 0)
      return failed(`${service} cannot be scaled to ${String(number)}`, 'scale');
  }
  if (plugin) return undefined;
  if (params.pull === 'never') return failed('version 1 of compose cannot be kept from pulling', 'pull');
  return (params.env_files?.length ?? 0) > 1 ? failed('version 1 of compose takes one file', 'env_files') : undefined;
}

function label(container: ValueMap, name: string): string {
  const value = field(container, 'Config', 'Labels', `com.docker.compose.${name}`);
  return typeof value === 'string' ? value : '';
}

function isRunning(container: ValueMap): boolean {
  return field(container, 'State', 'Running') === true;
}

function wish(params: ComposeParams, project: ComposeProject, found: ComposeProjectValue): Wish {
  const all = found.services.map(({ name }) => name);
  const services = params.services?.length ? params.services : all;
  const own = found.containers.filter((one) => label(one, 'oneoff') !== 'True');
  const theirs = own.filter((one) => services.includes(label(one, 'service')));
  const result = { changed: false, containers: own.map(told), stdout: '', stderr: '' };
  const act = (what: string, run: Sh): Wish => ({ steps: [composeAction(project, what, run)] });
  switch (params.state) {
    case 'present': {
      const due = dueOf(params, found, services, theirs);
      const orphans = own.filter((one) => !all.includes(label(one, 'service')));
      if (params.remove_orphans && orphans.length > 0) due.push(`without ${orphans.map(nameOf).join(', ')}`);
      return due.length === 0 ? { steps: [], result } : act(`up: ${due.join('; ')}`, upProgram(params, found));
    }
    case 'stopped': {
      const running = theirs.filter(isRunning);
      if (running.length === 0) return { steps: [], result };
      return act(
        `stop ${running.map(nameOf).join(', ')}`,
        sh`rb_compose stop ${timeoutOf(params)} ${params.services ?? []}`,
      );
    }
    case 'absent': {
      if (own.length === 0) return { steps: [], result };
      const options = [
        ...timeoutOf(params),
        ...(params.remove_orphans ? ['--remove-orphans'] : []),
        ...(params.remove_volumes ? ['--volumes'] : []),
        ...(params.remove_images ? ['--rmi', params.remove_images] : []),
      ];
      return act(`down: ${own.map(nameOf).join(', ')}`, sh`rb_compose down ${options}`);
    }
    case 'restarted':
      return act(
        `restart ${services.join(', ')}`,
        sh`rb_compose restart ${timeoutOf(params)} ${params.services ?? []}`,
      );
  }
}

/** What has to be done for the services to be up, in words. */
function dueOf(
  params: ComposeParams,
  found: ComposeProjectValue,
  services: readonly string[],
  containers: readonly ValueMap[],
): string[] {
  const due: string[] = [];
  if (params.pull === 'always') due.push('pull images');
  if (params.build === 'always') due.push('build images');
  for (const service of services) {
    const own = containers.filter((one) => label(one, 'service') === service);
    const wanted = params.scale?.[service];
    const running = own.filter(isRunning).length;
    const hash = found.services.find(({ name }) => name === service)?.hash;
    const stale = own.filter((one) => hash !== undefined && label(one, 'config-hash') !== hash);
    if (own.length === 0 && wanted !== 0) due.push(`make ${service}`);
    else if (params.recreate === 'always') due.push(`make ${service} anew`);
    else if (params.recreate !== 'never' && stale.length > 0) due.push(`make ${service} anew, which has changed`);
    else if (typeof wanted === 'number' && running !== wanted) due.push(`${service}: ${running} -> ${wanted}`);
    else if (wanted !== 0 && running < own.length) due.push(`start ${service}`);
  }
  return due;
}

function timeoutOf({ timeout }: ComposeParams): readonly string[] {
  return typeof timeout === 'number' ? ['--timeout', String(timeout)] : [];
}

function upProgram(params: ComposeParams, { plugin }: ComposeProjectValue): Sh {
  const { services, scale, pull, build, recreate, wait, wait_timeout } = params;
  const options = [
    ...(plugin && pull !== 'policy' ? ['--pull', pull] : []),
    ...(params.remove_orphans ? ['--remove-orphans'] : []),
    ...(recreate === 'auto' ? [] : [recreate === 'always' ? '--force-recreate' : '--no-recreate']),
    ...(params.renew_anon_volumes ? ['--renew-anon-volumes'] : []),
    ...(params.dependencies ? [] : ['--no-deps']),
    ...timeoutOf(params),
    ...(build === 'policy' ? [] : [build === 'always' ? '--build' : '--no-build']),
    ...Object.entries(scale ?? {}).flatMap(([service, number]) => ['--scale', `${service}=${String(number)}`]),
    ...(plugin && wait ? ['--wait', ...(wait_timeout ? ['--wait-timeout', String(wait_timeout)] : [])] : []),
  ];
  const first = !plugin && pull === 'always' ? sh`rb_compose pull ${services ?? []} && ` : sh``;
  const after = !plugin && wait ? sh` && {\n${waitProgram(services ?? [], wait_timeout ?? 60)}\n}` : sh``;
  return sh`${first}rb_compose up --detach --no-color ${options} ${services ?? []}${after}`;
}

/** What `--wait` of version 2 does. */
function waitProgram(services: readonly string[], seconds: number): Sh {
  return sh`rb_left=${seconds}
while :; do
  rb_waits=
  for rb_id in $(rb_compose ps -q ${services}); do
    rb_is=$(docker inspect --format '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}' "$rb_id")
    case "$rb_is" in 'running ' | 'running healthy') ;; *) rb_waits="$rb_waits $rb_id ($rb_is)" ;; esac
  done
  [ -n "$rb_waits" ] || break
  rb_left=$((rb_left - 1))
  if [ "$rb_left" -le 0 ]; then echo "not up and healthy:$rb_waits" >&2; exit 1; fi
  sleep 1
done`;
}

function composeAction(project: ComposeProject, what: string, run: Sh): Action {
  return {
    kind: 'action',
    summary: `compose project ${project.directory}: ${what}`,
    script: sh`${composeFunction(project)}
${run} || exit "$?"
rb_part containers
${INSPECT_PROJECT}`,
    // What containers do reaches beyond Docker: ports, files, mounts.
    disturbs: ({ type }) => type.derived !== undefined,
    changed: true,
    result: (answer) => ({
      containers: (containersIn(text(answer.parts.get('containers'))) ?? []).map(told),
      stdout: text(answer.stdout),
      stderr: text(answer.stderr),
    }),
  };
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

function nameOf(container: ValueMap): string {
  return String(field(container, 'Name') ?? '').replace(/^\//, '');
}

/** As `docker compose ps` tells of one. */
function told(container: ValueMap): ValueMap {
  return {
    ID: field(container, 'Id') ?? '',
    Name: nameOf(container),
    Service: label(container, 'service'),
    Project: label(container, 'project'),
    Image: field(container, 'Config', 'Image') ?? '',
    State: field(container, 'State', 'Status') ?? '',
    Health: field(container, 'State', 'Health', 'Status') ?? '',
    ExitCode: field(container, 'State', 'ExitCode') ?? 0,
  };
}
