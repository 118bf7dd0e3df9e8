import { packageOf } from '../resources/package.ts';
import { path } from '../resources/path.ts';
import { unit } from '../resources/unit.ts';
import type { PlannedStep } from './plan.ts';

/** What decides who gets in: an action that may alter one of these may cut the way to the host. */
const WAYS_IN = [packageOf('openssh-server'), path('/etc/ssh/sshd_config'), unit('ssh.service')];

/**
 * Whether a step may cut SSH, become or the network, as far as anybody can know: what it touches lets people in, it
 * is a package (whose scripts may do anything), or nobody knows what it touches.
 */
export function isGuarded(step: PlannedStep): boolean {
  if (step.kind === 'change') {
    const { type, id } = step.change.ref;
    return type.name === 'package' || type.access?.(id) === true;
  }
  const { disturbs } = step;
  if (step.access === true || disturbs === 'everything') return true;
  return disturbs !== 'nothing' && WAYS_IN.some((way) => disturbs(way, null));
}
