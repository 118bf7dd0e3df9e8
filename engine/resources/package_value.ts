export interface PackageValue {
  /** Missing: whichever apt installs, or a virtual package. */
  readonly version?: string;
  /** As dpkg(1) names it. `config-files`: removed, its configuration kept. */
  readonly state:
    | 'installed'
    | 'config-files'
    | 'half-installed'
    | 'unpacked'
    | 'half-configured'
    | 'triggers-awaited'
    | 'triggers-pending'
    | (string & {});
  /** It came as a dependency, and goes when nothing needs it any more (apt-mark(8)). */
  readonly auto?: boolean;
  /** It is to stay in its version. */
  readonly held?: boolean;
  /** When it is removed and not purged, something stays: configuration, or a script that purges it. */
  readonly keeps?: boolean;
  /** For a virtual package: the installed one that provides it. */
  readonly providedBy?: string;
}

/** deb-control(5): a name is safe as a word for dpkg and apt, and no pattern, option or relation. */
export function isPackageName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9+._-]*(:[a-z0-9-]+)?$/.test(text);
}

/** Whether a package is there and works. */
export function isInstalled(value: PackageValue | null): boolean {
  return value?.state === 'installed';
}

/** What the wish does not name may be as it likes: version, marks; of a removed package the version does not matter. */
export function samePackage(observed: PackageValue | null, wanted: PackageValue | null): boolean {
  if (observed === null || wanted === null) return observed === wanted;
  if (observed.state !== wanted.state) return false;
  if (wanted.state === 'config-files') return true;
  return (
    (wanted.version === undefined || observed.version === undefined || observed.version === wanted.version) &&
    (wanted.auto === undefined || (observed.auto === true) === wanted.auto) &&
    (wanted.held === undefined || (observed.held === true) === wanted.held)
  );
}
