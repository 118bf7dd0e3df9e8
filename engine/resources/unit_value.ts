/** A systemd unit. What is missing is not known: what a mask hides shows when it is lifted. */
export interface UnitValue {
  /** Its own name, where it was asked for by an alias. */
  readonly name: string;
  /** LoadState; `unread`: its file is there, and systemd has not read it yet. */
  readonly load: 'loaded' | 'masked' | 'error' | 'bad-setting' | 'unread' | (string & {});
  /** LoadError. */
  readonly problem?: string;
  /** ActiveState and SubState. */
  readonly active: 'active' | 'activating' | 'reloading' | 'deactivating' | 'inactive' | 'failed' | (string & {});
  readonly sub: string;
  /** As `systemctl is-enabled` would end: static and generated units count as enabled. */
  readonly enabled?: boolean;
  /** UnitFileState. */
  readonly file?: string;
  /** FragmentPath: where its own file stands. */
  readonly path?: string;
  /** It is made from a script in /etc/init.d, which can be enabled though the unit itself is generated. */
  readonly script?: boolean;
  /** A mask is all there is of it: nothing is left when it is lifted. */
  readonly hollow?: boolean;
  readonly masked: boolean;
  readonly canReload: boolean;
  /** `Type=` of a service. */
  readonly type: string;
  /** It runs to its end and is inactive then: `Type=oneshot` without `RemainAfterExit`. */
  readonly once: boolean;
  /** Its files have changed since systemd read them. */
  readonly stale: boolean;
}

/** Running, or about to. */
export function runs(value: UnitValue | null): boolean {
  return value !== null && ['active', 'activating', 'reloading', 'refreshing'].includes(value.active);
}

/** Running, stopping, or neither. */
function phase(value: UnitValue): string {
  return runs(value) ? 'running' : value.active === 'deactivating' ? 'stopping' : 'stopped';
}

export function sameUnit(observed: UnitValue | null, wanted: UnitValue | null): boolean {
  if (observed === null || wanted === null) return observed === wanted;
  return (
    observed.masked === wanted.masked &&
    phase(observed) === phase(wanted) &&
    (wanted.enabled === undefined || observed.enabled === undefined || observed.enabled === wanted.enabled)
  );
}
