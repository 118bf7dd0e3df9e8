import type { Ref, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import { complaint, lines, partText } from './answer_text.ts';
import { quietApt } from './apt_cache.ts';
import { isPackageName } from './package_value.ts';
import { readingType } from './reading.ts';

/** What apt could install under a name. `null`: it knows no such package. */
export interface CandidateValue {
  /** What `apt-get install NAME` would install; null: nothing (a virtual package, or no source has it). */
  readonly version: string | null;
  /** Every version that a source or dpkg has, newest first. */
  readonly versions: readonly string[];
  /** For a virtual package: those that provide it. */
  readonly providers: readonly string[];
}

/** Answered by apt-cache(8), which takes some 300 ms: asked only where a package is to be installed or renewed. */
export const candidateType = readingType<CandidateValue>({
  name: 'candidate',
  collect,
  parse,
});

/** `release` as for `apt-get -t`: the candidate that this release's priority gives. */
export function candidate(name: string, release = ''): Ref<CandidateValue> {
  return { type: candidateType, id: release === '' ? name : `${name}/${release}`, aspects: [] };
}

function split(id: string): { readonly name: string; readonly release: string } {
  const slash = id.indexOf('/');
  return slash === -1 ? { name: id, release: '' } : { name: id.slice(0, slash), release: id.slice(slash + 1) };
}

function byRelease(refs: readonly Ref<CandidateValue>[]): readonly (readonly [string, readonly string[]])[] {
  const groups = new Map<string, string[]>();
  for (const { name, release } of refs.map((ref) => split(ref.id))) {
    if (isPackageName(name)) groups.set(release, [...(groups.get(release) ?? []), name]);
  }
  return [...groups];
}

/** One apt-cache for each release that is asked for, and one more where a name may be a virtual package. */
function collect(refs: readonly Ref<CandidateValue>[]): Sh {
  const questions = byRelease(refs).map(([release, names], i) => {
    const options = release === '' ? [] : ['-o', `APT::Default-Release=${release}`];
    return sh`rb_policy=$(rb_apt apt-cache policy ${options} -- ${names} 2>&1)
rb_status=$?
rb_part ${`status ${i}`}
echo "$rb_status"
rb_part ${`policy ${i}`}
printf '%s\\n' "$rb_policy"
rb_virtual=$(printf '%s\\n' "$rb_policy" | sed -n -e '/^[^ ].*:$/{s/:$//;h;}' -e '/^  Candidate: (none)$/{g;p;}')
if [ -n "$rb_virtual" ]; then
  rb_part ${`virtual ${i}`}
  # shellcheck disable=SC2086 # a word for each name
  (set -f; rb_apt apt-cache showpkg -- $rb_virtual) | sed -n -e '/^Package: /p' -e '/^Reverse Provides: *$/,/^Package: /p'
fi`;
  });
  if (questions.length === 0) return sh`:`;
  const qualified = refs.some((ref) => ref.id.includes(':'));
  return join([quietApt(), ...(qualified ? [sh`rb_part native\ndpkg --print-architecture`] : []), ...questions]);
}

function parse(answer: Answer, refs: readonly Ref<CandidateValue>[]): readonly Seen[] {
  const native = partText(answer, 'native').trim();
  const groups = byRelease(refs).map(([release], i) => ({
    release,
    status: partText(answer, `status ${i}`).trim(),
    said: partText(answer, `policy ${i}`),
    policies: parsePolicy(partText(answer, `policy ${i}`)),
    providers: parseProviders(partText(answer, `virtual ${i}`)),
  }));
  return refs.map((ref) => {
    const { name, release } = split(ref.id);
    if (!isPackageName(name)) return { ref, error: `\`${name}\` is not a package name` };
    const group = groups.find((one) => one.release === release);
    if (group === undefined || group.status !== '0') {
      return { ref, error: group?.said.trim().replace(/^E: /gm, '') || complaint(answer) };
    }
    // apt leaves out the architecture where it is the host's own.
    const shown = name.endsWith(`:${native}`) ? name.slice(0, -native.length - 1) : name;
    const policy = group.policies.get(shown);
    if (policy === undefined) return { ref, value: null };
    const providers = group.providers.get(shown) ?? [];
    // A name that only others' dependencies mention has neither versions nor providers.
    const known = policy.versions.length > 0 || providers.length > 0;
    return { ref, value: known ? { ...policy, providers } : null };
  });
}

interface Policy {
  readonly version: string | null;
  readonly versions: string[];
}

/** `apt-cache policy`: a block for each package that apt has heard of, the installed version marked by stars. */
function parsePolicy(text: string): ReadonlyMap<string, Policy> {
  const found = new Map<string, Policy>();
  let name = '';
  for (const line of lines(text)) {
    const heading = /^(\S+):$/.exec(line)?.[1];
    if (heading !== undefined) name = heading;
    const chosen = /^ {2}Candidate: (\S+)$/.exec(line)?.[1];
    if (chosen !== undefined) found.set(name, { version: chosen === '(none)' ? null : chosen, versions: [] });
    const version = /^ (?:\*\*\*| {3}) (\S+)(?: -?\d+.*)?$/.exec(line)?.[1];
    if (version !== undefined) found.get(name)?.versions.push(version);
  }
  return found;
}

/** `apt-cache showpkg`: under `Reverse Provides:` a line for each version that provides the name. */
function parseProviders(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  let name = '';
  for (const line of lines(text)) {
    const heading = /^Package: (\S+)$/.exec(line)?.[1];
    if (heading !== undefined) {
      name = heading;
      found.set(name, new Set());
    }
    const provider = /^([a-z0-9][a-z0-9+.-]+(?::[a-z0-9-]+)?) \S+/.exec(line)?.[1];
    if (provider !== undefined && heading === undefined) found.get(name)?.add(provider);
  }
  return new Map([...found].map(([key, providers]) => [key, [...providers].sort()]));
}
