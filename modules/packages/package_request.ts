import { compareVersions } from '../../engine/resources/debian_version.ts';
import { fnmatch, hasGlob } from '../../engine/resources/fnmatch.ts';
import { isPackageName } from '../../engine/resources/package_value.ts';

/** `nginx`, `nginx=1.22.*`, `nginx>=1.22`, taken apart. */
export interface PackageRequest {
  readonly written: string;
  readonly name: string;
  readonly relation: '' | '=' | '>=';
  readonly version: string;
}

export function parseRequest(written: string): PackageRequest {
  const [, name = '', relation = '', version = ''] = /^(.*?)(?:(>?=)(.*))?$/s.exec(written.trim()) ?? [];
  return { written, name: name.trim(), relation: relation as PackageRequest['relation'], version: version.trim() };
}

/** Why it is no request for a package; a pattern of names is none yet. */
export function requestProblem({ written, name, relation, version }: PackageRequest): string | undefined {
  if (hasGlob(name)) return `apt on this host knows no package that matches \`${name}\``;
  if (!isPackageName(name))
    return `\`${written}\` is not a package: write \`name\`, \`name=version\` or \`name>=version\``;
  if (relation !== '' && !/^[A-Za-z0-9][A-Za-z0-9.+~:*?[\]!_-]*$|^[*?[]/.test(version)) {
    return `\`${written}\` asks for a version that cannot be one`;
  }
  return undefined;
}

/** Whether a version is one that the request asks for. */
export function fits(request: PackageRequest, version: string | undefined): boolean {
  if (request.relation === '') return true;
  if (version === undefined) return false;
  return request.relation === '=' ? fnmatch(version, request.version) : compareVersions(version, request.version) >= 0;
}

/** Whether exactly one version can be right. */
export function isPinned(request: PackageRequest): boolean {
  return request.relation === '=' && !hasGlob(request.version);
}
