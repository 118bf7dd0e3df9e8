import { APT_LISTS, type AptListsValue } from '../../engine/resources/apt_lists.ts';
import { hasGlob } from '../../engine/resources/fnmatch.ts';
import { packageOf } from '../../engine/resources/package.ts';
import { packageNames } from '../../engine/resources/package_names.ts';
import type { Asked, NeededRun } from './apt_runs.ts';
import type { AptParams } from './apt_schema.ts';
import type { Needs, Refusal } from './apt_study.ts';
import { aptWords } from './apt_words.ts';
import { type Decision, decide, type See } from './package_decision.ts';
import { type PackageRequest, parseRequest, requestProblem } from './package_request.ts';

/** Packages by name. */
export function packageRuns(
  named: readonly string[],
  params: AptParams,
  due: boolean,
  see: See,
): Needs | Refusal | undefined {
  const requests = resolve(named, params, see);
  if (requests === undefined) return undefined;
  const problem = requests.map(requestProblem).find((one) => one !== undefined);
  if (problem !== undefined) return { message: problem, parameter: 'name' };
  if (params.state === 'build-dep' || params.state === 'fixed') return asTold(requests, params, due);
  const decided = requests.map((request) => decidedOn(request, params, due, see));
  if (decided.includes(undefined)) return undefined;
  const all = decided.filter((one) => one !== undefined);
  const failures = all.flatMap(({ decision }) => (decision.kind === 'fail' ? [decision.message] : []));
  if (failures.length > 0) {
    const lists = see(APT_LISTS);
    return lists === undefined ? undefined : { message: `${failures.join('; ')}${ageOf(lists)}`, parameter: 'name' };
  }
  const runs = [
    ...runFor('remove', all, 'remove', params, false),
    ...runFor('install', all, 'install', params, due),
    ...runFor('renew', all, 'install', params, due),
  ];
  return { runs, marks: all.filter(({ decision }) => decision.kind === 'mark').flatMap(({ asked }) => asked) };
}

/** Patterns of names are resolved: for removal among what dpkg has heard of, else among all that apt knows. */
function resolve(named: readonly string[], params: AptParams, see: See): readonly PackageRequest[] | undefined {
  const removal = params.state === 'absent';
  const resolved = named.map(parseRequest).map((request) => {
    if (!hasGlob(request.name)) return [request];
    const matching = see(packageNames(request.name, removal ? 'dpkg' : 'apt'));
    if (matching === undefined) return undefined;
    const names = matching?.names ?? [];
    // What nothing matches stays a pattern, which is no package.
    if (names.length === 0 && !removal) return [request];
    return names.map((name) => ({ ...request, written: name, name }));
  });
  return resolved.includes(undefined) ? undefined : resolved.flatMap((one) => one ?? []);
}

/** `build-dep` and `fixed`: apt alone knows what they need. */
function asTold(requests: readonly PackageRequest[], params: AptParams, due: boolean): Needs {
  const specs = requests.map(({ name, relation, version }) => (relation === '=' ? `${name}=${version}` : name));
  const words = aptWords(params.state === 'fixed' ? 'install' : 'build-dep', params, specs);
  return { runs: [{ words, asked: [], open: due, known: true }], marks: [] };
}

interface Decided {
  readonly decision: Decision;
  /** The package, and with a virtual one that which provides it. */
  readonly asked: readonly Asked[];
}

function decidedOn(request: PackageRequest, params: AptParams, due: boolean, see: See): Decided | undefined {
  const decision = decide(request, params, see, due);
  const found = see(packageOf(request.name));
  if (decision === undefined || found === undefined) return undefined;
  if (decision.kind !== 'install') return { decision, asked: [{ name: request.name, found }] };
  const asked = [{ name: request.name, found, version: decision.version }];
  if (decision.provider === undefined) return { decision, asked };
  const provider = see(packageOf(decision.provider));
  if (provider === undefined) return undefined;
  return { decision, asked: [...asked, { name: decision.provider, found: provider }] };
}

/** All packages with the same decision go into one apt-get. */
function runFor(
  kind: Decision['kind'],
  all: readonly Decided[],
  verb: string,
  params: AptParams,
  open: boolean,
): readonly NeededRun[] {
  const chosen = all.filter(({ decision }) => decision.kind === kind);
  if (chosen.length === 0) return [];
  const specs = chosen.flatMap(({ decision, asked }) =>
    'spec' in decision ? [decision.spec] : asked.map((a) => a.name),
  );
  const known = chosen.every(({ decision }) => decision.kind !== 'install' || decision.known);
  const words = aptWords(verb, params, [...new Set(specs)]);
  return [{ words, asked: chosen.flatMap(({ asked }) => asked), open, known }];
}

/** How old the lists are, for a package that apt does not know. */
function ageOf(lists: AptListsValue | null): string {
  if (lists === null) return '';
  if (lists.updatedAt === 0) return ' (there are no package lists: `update_cache: true` fetches them)';
  const hours = Math.floor(lists.age / 3600);
  const age = hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
  return ` (the package lists are ${age} old: \`update_cache: true\` renews them)`;
}
