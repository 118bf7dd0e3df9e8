import type { Change } from '../planning/contracts.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import { scopeFlag, USER_MANAGER } from './unit_look.ts';
import { splitUnitId } from './unit_name.ts';
import { runs, type UnitValue } from './unit_value.ts';

export function unitProgram(changes: readonly Change<UnitValue>[]): Sh {
  return join(changes.map(programFor));
}

/** In Ansible's order: (un)mask, enable or disable, start or stop. */
function programFor({ ref, before, after, options }: Change<UnitValue>): Sh {
  const force = options.force === true;
  const verbs: Sh[] = [];
  const add = (verb: string) => verbs.push(unitVerb(ref.id, verb, { force }));
  const masked = after?.masked === true;
  if (masked !== (before?.masked === true)) add(masked ? 'mask' : 'unmask');
  // What was under a mask is not known.
  const known = before?.masked === true ? undefined : before?.enabled;
  if (!masked && after?.enabled !== undefined && after.enabled !== known) add(after.enabled ? 'enable' : 'disable');
  if (runs(before) && !runs(after)) add('stop');
  if (!runs(before) && runs(after)) {
    verbs.push(unitVerb(ref.id, 'start', { force }), settled(ref.id, after?.type ?? ''));
  }
  return verbs.length === 0 ? sh`:` : join([prepare(ref.id), ...verbs]);
}

/** Defines what the other programs of this file call on failure: why a unit does not run stands in its log. */
export function prepare(id: string): Sh {
  const { scope } = splitUnitId(id);
  const journal = scope === 'user' ? '--user-unit' : '--unit';
  const failed = sh`rb_failed() {
  rb_status=$?
  {
    systemctl ${[...scopeFlag(scope), 'status']} --no-pager -l -n 0 -- "$1"
    journalctl --no-pager -q -n 20 -o short ${journal} "$1"
  } >&2 2>/dev/null
  exit "$rb_status"
}`;
  return scope === 'user' ? sh`${USER_MANAGER}\n${failed}` : failed;
}

export interface VerbOptions {
  readonly force?: boolean | undefined;
  readonly noBlock?: boolean | undefined;
}

/** Needs `prepare`. */
export function unitVerb(id: string, verb: string, { force, noBlock }: VerbOptions): Sh {
  const { scope, name } = splitUnitId(id);
  const flags = [...scopeFlag(scope), ...(noBlock ? ['--no-block'] : []), ...(force ? ['--force'] : [])];
  return sh`systemctl ${[...flags, verb]} -- ${name} || rb_failed ${name}`;
}

/** Types that count as started the moment they are forked (systemd.service(5)). */
const UNCHECKED = new Set(['simple', 'exec', 'idle', '']);

/**
 * `systemctl start` succeeds where a condition of the unit is not met, and where the program ends right away.
 * Needs `prepare`.
 */
export function settled(id: string, type: string): Sh {
  const { scope, name } = splitUnitId(id);
  const wait = UNCHECKED.has(type) && name.endsWith('.service') ? sh`sleep 0.3\n` : sh``;
  return sh`${wait}rb_now=$(systemctl ${[...scopeFlag(scope), 'is-active']} -- ${name})
case $rb_now in
  inactive | failed)
    printf '%s was started and did not stay up: it is %s\\n' ${name} "$rb_now" >&2
    (exit 1) || rb_failed ${name} ;;
esac`;
}
