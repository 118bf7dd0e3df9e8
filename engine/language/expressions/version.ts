import { Problem } from './problem.ts';
import { compareText } from './text.ts';

/** How versions are read, as Ansible's test `version` names it. */
export const VERSION_TYPES: readonly string[] = ['loose', 'strict', 'semver', 'semantic', 'pep440'];

/** Negative, zero or positive. */
export function compareVersions(left: string, right: string, type: string): number {
  switch (type) {
    case 'strict':
      return compareParts(strict(left), strict(right));
    case 'semver':
    case 'semantic':
      return compareParts(semantic(left), semantic(right));
    case 'pep440':
      return compareParts(pep440(left), pep440(right));
    default:
      return compareLoose(loose(left), loose(right));
  }
}

type Part = number | string;

/** Numbers come before texts; what is shorter comes first. */
function compareParts(left: readonly Part[], right: readonly Part[]): number {
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const [a, b] = [left[at] ?? 0, right[at] ?? 0];
    if (a === b) continue;
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
    return typeof a === 'number' ? -1 : 1;
  }
  return left.length - right.length;
}

/** distutils.version.LooseVersion: runs of digits and of letters. */
function loose(version: string): readonly Part[] {
  return version
    .split(/(\d+|[a-z]+|\.)/)
    .filter((part) => part !== '' && part !== '.')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function compareLoose(left: readonly Part[], right: readonly Part[]): number {
  const odd = left.findIndex((part, at) => part !== right[at]);
  const [a, b] = [left[odd], right[odd]];
  if (a !== undefined && b !== undefined && typeof a !== typeof b) {
    throw new Problem(
      `the versions ${left.join('.')} and ${right.join('.')} cannot be compared: \`${a}\` with \`${b}\``,
      {
        hint: "Pass `version_type='semver'` or compare other parts of them.",
      },
    );
  }
  return compareParts(left, right);
}

/** distutils.version.StrictVersion: `1.2`, `1.2.3`, `1.2a1`. */
function strict(version: string): readonly Part[] {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(version);
  if (match === null) throw notA(version, 'strict');
  const [, major, minor, patch, kind, count] = match;
  const numbers = [Number(major), Number(minor), Number(patch ?? 0)];
  return kind === undefined ? [...numbers, 'final'] : [...numbers, kind, Number(count)];
}

const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

/** semver.org, 11: a prerelease comes before its release, build metadata does not count. */
function semantic(version: string): readonly Part[] {
  const match = SEMVER.exec(version);
  if (match === null) throw notA(version, 'semantic');
  const [, major, minor, patch, prerelease] = match;
  const parts = prerelease?.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return [Number(major), Number(minor), Number(patch), ...(parts === undefined ? [1] : [0, ...parts])];
}

const PEP440 =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:(?:-(\d+))|(?:[-_.]?(post|rev|r)[-_.]?(\d*)))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i;
const PHASES: Readonly<Record<string, number>> = { a: 1, alpha: 1, b: 2, beta: 2, c: 3, rc: 3, pre: 3, preview: 3 };

/** PEP 440: epoch, release, then dev before alpha before beta before candidate before the release before post. */
function pep440(version: string): readonly Part[] {
  const match = PEP440.exec(version.trim());
  if (match === null) throw notA(version, 'PEP 440');
  const [, epoch, release = '', phase, phaseCount, implicitPost, post, postCount, dev, devCount, local] = match;
  const numbers = release
    .replace(/(?:\.0+)+$/, '')
    .split('.')
    .map(Number);
  const padded = [...numbers, ...Array<number>(Math.max(0, 12 - numbers.length)).fill(0)];
  const hasPost = implicitPost !== undefined || post !== undefined;
  const onlyDev = phase === undefined && !hasPost && dev !== undefined;
  return [
    Number(epoch ?? 0),
    ...padded,
    phase === undefined ? (onlyDev ? 0 : 4) : (PHASES[phase.toLowerCase()] ?? 0),
    Number(phaseCount || 0),
    hasPost ? 1 + Number(implicitPost ?? (postCount || 0)) : 0,
    dev === undefined ? Number.MAX_SAFE_INTEGER : Number(devCount || 0),
    ...localParts(local),
  ];
}

/** In a local version a number comes after a text. */
function localParts(local: string | undefined): readonly Part[] {
  if (local === undefined) return [];
  return local
    .toLowerCase()
    .split(/[-_.]/)
    .flatMap((part): Part[] => (/^\d+$/.test(part) ? [1, Number(part)] : [0, part]));
}

function notA(version: string, type: string): Problem {
  return new Problem(`\`${version}\` is no ${type} version`);
}
