import { APT_LISTS, type AptListsValue } from '../../engine/resources/apt_lists.ts';
import { simulation } from '../../engine/resources/simulation.ts';
import { debRuns } from './apt_debs.ts';
import { packageRuns } from './apt_packages.ts';
import { type Asked, type NeededRun, type Run, simulate, unforeseen } from './apt_runs.ts';
import { type AptParams, upgradeOf } from './apt_schema.ts';
import { aptWords } from './apt_words.ts';
import type { See } from './package_decision.ts';

/** Everything about the host that the task hangs on, once it has been seen. */
export interface Study {
  readonly lists: AptListsValue | null;
  /** The lists will be renewed first: what apt would do then is not known yet. */
  readonly due: boolean;
  /** A dpkg was cut off: it is finished first. */
  readonly interrupted: boolean;
  /** Packages that only have to be marked as asked for. */
  readonly marks: readonly Asked[];
  readonly runs: readonly Run[];
  /** Package files that `autoclean` would delete. */
  readonly deleted: readonly string[];
}

/** It cannot be done, and which parameter is to blame. */
export interface Refusal {
  readonly message: string;
  readonly parameter: keyof AptParams;
}

/** What has to be run and marked. */
export interface Needs {
  readonly runs: readonly NeededRun[];
  readonly marks: readonly Asked[];
}

/** `undefined`: more has to be looked at, which `see` has noted. */
export function study(params: AptParams, see: See): Study | Refusal | undefined {
  const renews = params.update_cache === true || params.cache_valid_time > 0;
  const lists = renews || params.clean ? see(APT_LISTS) : null;
  const due = renews && (!lists || isDue(params, lists));
  const files = params.autoclean ? see(simulation(['autoclean'])) : null;
  const needs = needsOf(params, due, see);
  if (needs === undefined || 'message' in needs) return needs;
  const simulated = simulate(needs.runs, see);
  if (simulated === undefined || files === undefined || lists === undefined) return undefined;
  if ('refused' in simulated) return { message: simulated.refused, parameter: blamed(params) };
  if ('runs' in simulated) {
    return { lists, due, interrupted: false, ...needs, runs: simulated.runs, deleted: files?.deleted ?? [] };
  }
  const later = needsOf(params, true, see);
  if (later === undefined || 'message' in later) return later;
  return { lists, due, interrupted: true, ...later, runs: unforeseen(later.runs), deleted: [] };
}

function isDue({ cache_valid_time }: AptParams, lists: AptListsValue): boolean {
  return cache_valid_time === 0 || lists.updatedAt === 0 || lists.age > cache_valid_time;
}

function blamed(params: AptParams): keyof AptParams {
  if (params.deb?.length) return 'deb';
  if (params.name?.length) return 'name';
  return upgradeOf(params) === undefined ? 'autoremove' : 'upgrade';
}

function needsOf(params: AptParams, due: boolean, see: See): Needs | Refusal | undefined {
  const upgrade = upgradeOf(params);
  const named = (params.name ?? []).map((one) => one.trim()).filter((one) => one !== '*' && one !== '');
  if (upgrade !== undefined) {
    if (named.length > 0)
      return { message: '`*` means all packages: it can have no others beside it', parameter: 'name' };
    return one(upgradeWords(upgrade, params), due);
  }
  if (params.deb?.length) return debRuns(params.deb, params, due, see);
  if (named.length > 0) return packageRuns(named, params, due, see);
  return params.autoremove ? one(aptWords('autoremove', params, []), false) : { runs: [], marks: [] };
}

function upgradeWords(upgrade: 'safe' | 'full', params: AptParams): readonly string[] {
  return upgrade === 'full' ? aptWords('dist-upgrade', params, []) : aptWords('upgrade', params, ['--with-new-pkgs']);
}

/** A run that names no package: what it does is what its simulation says. */
function one(words: readonly string[], open: boolean): Needs {
  return { runs: [{ words, asked: [], open, known: true }], marks: [] };
}
