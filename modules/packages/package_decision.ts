import type { Ref } from '../../engine/planning/contracts.ts';
import { type CandidateValue, candidate } from '../../engine/resources/candidate.ts';
import { packageOf } from '../../engine/resources/package.ts';
import { isInstalled, type PackageValue } from '../../engine/resources/package_value.ts';
import type { AptParams } from './apt_schema.ts';
import { fits, isPinned, type PackageRequest } from './package_request.ts';

/** What is to become of one package. */
export type Decision =
  | { readonly kind: 'keep' }
  /** It is there, as a dependency of another: from now on it stays in its own right. */
  | { readonly kind: 'mark' }
  | {
      readonly kind: 'install';
      readonly spec: string;
      /** apt has it now, before any update. */
      readonly known: boolean;
      /** The one version that can come of it. */
      readonly version?: string | undefined;
      /** What is installed in the name of a virtual package. */
      readonly provider?: string | undefined;
    }
  /** It is there, and whether there is a better version only the coming update will tell. */
  | { readonly kind: 'renew'; readonly spec: string }
  | { readonly kind: 'remove' }
  | { readonly kind: 'fail'; readonly message: string };

/** Reads what was seen and notes what is still to be looked at (`undefined`). */
export type See = <V>(ref: Ref<V>) => V | null | undefined;

const KEEP: Decision = { kind: 'keep' };

/** `undefined`: something is not seen yet. `due`: the lists will be renewed before. */
export function decide(request: PackageRequest, params: AptParams, see: See, due: boolean): Decision | undefined {
  const found = see(packageOf(request.name));
  if (found === undefined) return undefined;
  if (params.state === 'absent') return isToGo(request, found, params) ? { kind: 'remove' } : KEEP;
  if (!isInstalled(found)) return params.only_upgrade ? KEEP : install(request, params, see, due);
  const kept: Decision = found?.auto === true ? { kind: 'mark' } : KEEP;
  if (found?.providedBy !== undefined) return kept;
  const right = fits(request, found?.version);
  // As with Ansible, a pattern follows the newest version that matches even with `present`.
  const follows = params.state === 'latest' || (request.relation === '=' && !isPinned(request));
  if (right && (!follows || isPinned(request))) return kept;
  if (due && isPinned(request)) return later(request);
  if (due) return { kind: 'renew', spec: later(request).spec };
  const best = see(candidate(request.name, params.default_release ?? ''));
  if (best === undefined) return undefined;
  const version = best === null ? null : bestVersion(request, best);
  if (version === null) return right ? kept : { kind: 'fail', message: noVersion(request, best) };
  return version === found?.version ? kept : { kind: 'install', spec: `${request.name}=${version}`, known: true };
}

function isToGo(request: PackageRequest, found: PackageValue | null, { purge }: AptParams): boolean {
  if (found === null || found.providedBy !== undefined) return false;
  if (found.state === 'config-files') return purge;
  return fits(request, found.version);
}

function install(request: PackageRequest, params: AptParams, see: See, due: boolean): Decision | undefined {
  const best = see(candidate(request.name, params.default_release ?? ''));
  if (best === undefined) return undefined;
  const { name } = request;
  if (best === null) {
    if (due) return later(request);
    return { kind: 'fail', message: `apt on this host knows no package \`${name}\`` };
  }
  if (best.versions.length === 0) return virtual(request, best, due);
  const version = bestVersion(request, best);
  if (version !== null) {
    const spec = request.relation === '' ? name : `${name}=${version}`;
    return { kind: 'install', spec, known: true };
  }
  if (due) return later(request);
  return { kind: 'fail', message: noVersion(request, best) };
}

/** apt takes the one that provides it, and leaves the choice to the user where there are several. */
function virtual(request: PackageRequest, { providers }: CandidateValue, due: boolean): Decision {
  const [provider, ...others] = providers;
  if (provider !== undefined && others.length === 0) return { kind: 'install', spec: provider, known: true, provider };
  if (due) return later(request);
  return { kind: 'fail', message: `\`${request.name}\` is a virtual package: name one of ${providers.join(', ')}` };
}

/** What apt itself would take for a version it may choose; with a pattern, the newest that matches. */
function bestVersion(request: PackageRequest, { version, versions }: CandidateValue): string | null {
  if (request.relation === '=') return versions.find((one) => fits(request, one)) ?? null;
  return version !== null && fits(request, version) ? version : null;
}

function noVersion(request: PackageRequest, best: CandidateValue | null): string {
  const { name, relation, version } = request;
  const versions = best?.versions ?? [];
  if (relation === '') return `no source on this host has a version of \`${name}\` to install`;
  const wanted = relation === '=' ? version : `${version} or newer`;
  return `apt on this host has no \`${name}\` in version ${wanted}; it has ${versions.join(', ') || 'none'}`;
}

/** For apt to choose from once the lists are new. */
function later(request: PackageRequest): Extract<Decision, { kind: 'install' }> {
  const { name, relation, version } = request;
  const pinned = isPinned(request) ? { version } : {};
  return { kind: 'install', spec: relation === '=' ? `${name}=${version}` : name, known: false, ...pinned };
}
