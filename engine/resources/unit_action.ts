import type { Action, Ref, UnitVerb } from '../planning/contracts.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import { unitDisturbs, unitType } from './unit.ts';
import { USER_MANAGER } from './unit_look.ts';
import { type UnitScope, unitTitle } from './unit_name.ts';
import { prepare, settled, unitVerb, type VerbOptions } from './unit_program.ts';
import type { UnitValue } from './unit_value.ts';

/** One verb of systemctl(1) for a unit, as an action. `found`: the unit as it is. */
export function unitAction(id: string, verb: string, options: VerbOptions, found: UnitValue | null): Action {
  const { noBlock, force } = options;
  const does = unitVerb(id, verb, { noBlock, force: force ?? false });
  const stays = verb === 'restart' && !noBlock && found?.once === false;
  const script = join([prepare(id), does, ...(stays ? [settled(id, found.type)] : [])]);
  return {
    kind: 'action',
    summary: `${verb} ${unitTitle(id)}${noBlock ? ' and do not wait for it' : ''}`,
    script,
    disturbs: (other, value) => (other.id !== id ? unitDisturbs(id, other, value) : noBlock === true),
    changed: true,
    result: () => ({}),
    access: unitType.access?.(id) === true,
    ...(isAgain(verb) && { again: { verb, unit: id } }),
  };
}

function isAgain(verb: string): verb is 'restart' | 'reload' {
  return verb === 'restart' || verb === 'reload';
}

/** systemd itself reads its files again, or starts anew. */
export function managerAction(verb: 'daemon-reload' | 'daemon-reexec', scope: UnitScope): Action {
  const again: UnitVerb | undefined = verb === 'daemon-reload' && scope === 'system' ? { verb } : undefined;
  return {
    kind: 'action',
    summary: verb === 'daemon-reload' ? 'let systemd read its unit files again' : 'let systemd start itself anew',
    script: managerProgram(verb, scope),
    disturbs: ({ type }: Ref, value) => type.name === 'unit' && mayAppear(value as UnitValue | null),
    changed: false,
    result: () => ({}),
    ...(again && { again }),
  };
}

function managerProgram(verb: string, scope: UnitScope): Sh {
  // There is no manager of all users; what is on disk is all there is.
  if (scope === 'global') return sh`:`;
  return scope === 'user' ? sh`${USER_MANAGER}\nsystemctl --user ${verb}` : sh`systemctl ${verb}`;
}

/** Units whose files systemd has not read, or not since they changed. */
function mayAppear(value: UnitValue | null): boolean {
  return value === null || value.stale || value.load !== 'loaded';
}
