import type { Change } from '../planning/contracts.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import { aptGet } from './apt_get.ts';
import { isInstalled, type PackageValue } from './package_value.ts';

/**
 * Options of a change of a package. They tell the way there and not the way back: where they are missing the
 * program follows from before and after alone.
 */
export interface AptOptions {
  /** The words for apt-get, as a JSON list; changes with the same words are made by one apt-get. */
  readonly command?: string;
  /** The changes are all that a simulation foresaw: apt does just that or nothing. */
  readonly exact?: boolean;
  readonly policyRcD?: number;
  /** Seconds. */
  readonly lockTimeout?: number;
}

type PackageChange = Change<PackageValue>;

/** Seconds that Ansible's apt module waits for dpkg's lock. */
const LOCK_TIMEOUT = 60;

export function packageProgram(changes: readonly PackageChange[]): Sh {
  const groups = new Map<string, PackageChange[]>();
  for (const change of changes) {
    for (const words of wordsFor(change)) groups.set(words, [...(groups.get(words) ?? []), change]);
  }
  const runs = [...groups].map(([words, group]) => run(words, group));
  const all = [...runs, ...marks(changes)];
  return all.length === 0 ? sh`:` : join(all, ' && ');
}

/** Which apt-get makes the change; none where only a mark changes. */
function wordsFor({ before, after, options }: PackageChange): readonly string[] {
  if (typeof options.command === 'string') return [options.command];
  if (after === null) return ['purge'];
  if (after.state === 'config-files') return ['remove'];
  return before?.state === 'installed' && before.version === after.version ? [] : ['install'];
}

function run(words: string, group: readonly PackageChange[]): Sh {
  const { command, exact, lockTimeout = LOCK_TIMEOUT, policyRcD } = (group[0]?.options ?? {}) as AptOptions;
  const allowed = { lines: group.flatMap(foreseen), anyInstall: exact !== true };
  const argv = command === undefined ? plainWords(words, group) : (JSON.parse(words) as string[]);
  return aptGet(argv, { lockTimeout, policyRcD, allowed });
}

function plainWords(verb: string, group: readonly PackageChange[]): readonly string[] {
  if (verb !== 'install') return [verb, ...group.map((change) => change.ref.id)];
  const specs = group.map(({ ref, after }) => (after?.version === undefined ? ref.id : `${ref.id}=${after.version}`));
  return ['install', '--allow-downgrades', '--allow-change-held-packages', ...specs];
}

/** What `apt-get -s` calls the change. It leaves the architecture out where it is the host's own. */
function foreseen({ ref, after }: PackageChange): readonly string[] {
  return [ref.id, ref.id.split(':')[0] as string].flatMap((name) => {
    if (after === null) return [`Remv ${name}`, `Purg ${name}`];
    if (after.state === 'config-files') return [`Remv ${name}`];
    return after.version === undefined ? [] : [`Inst ${name} ${after.version}`];
  });
}

/** apt-mark(8), one for each mark. Marks are set last: installing by name unmarks a dependency. */
function marks(changes: readonly PackageChange[]): readonly Sh[] {
  const verbs = new Map<string, string[]>();
  const add = (verb: string, name: string) => verbs.set(verb, [...(verbs.get(verb) ?? []), name]);
  for (const { ref, before, after, options } of changes) {
    if (after?.state !== 'installed') continue;
    // What comes along with another package is marked by apt itself.
    const brought = options.command !== undefined && !isInstalled(before);
    if (!brought && differs(before?.auto, after.auto)) add(after.auto === true ? 'auto' : 'manual', ref.id);
    if (differs(before?.held, after.held)) add(after.held === true ? 'hold' : 'unhold', ref.id);
  }
  return [...verbs].map(([verb, names]) => sh`apt-mark ${verb} ${names} >/dev/null`);
}

/** A mark that is not mentioned is left as it is; one that is not known was not set. */
function differs(before: boolean | undefined, after: boolean | undefined): boolean {
  return after !== undefined && after !== (before === true);
}
