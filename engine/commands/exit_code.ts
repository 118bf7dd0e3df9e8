import type { RunEnd } from '../applying/run.ts';
import type { HostRecap } from '../planning/plan.ts';

export const EXIT = { done: 0, wrong: 1, pending: 2, failed: 3, unreachable: 4, refused: 5, interrupted: 130 } as const;

/**
 * The exit code of a run; a failed host outweighs an unreachable one, and both outweigh pending changes. `pending`: what
 * code 2 is for; of an audit that a check fails, which outweighs a host that cannot be reached.
 */
export function exitCode(end: RunEnd, recap: readonly HostRecap[], planFailed: boolean, pending: boolean): number {
  switch (end.kind) {
    case 'audited':
      // What fails there is what was looked for.
      if (pending) return EXIT.pending;
      return recap.some((host) => host.unreachable) ? EXIT.unreachable : EXIT.done;
    case 'wrong':
      return EXIT.wrong;
    case 'declined':
    case 'cannot ask':
    case 'drifted':
      return EXIT.refused;
    case 'interrupted':
      return EXIT.interrupted;
    case 'unreachable':
      return EXIT.unreachable;
    case 'refused':
      return recap.some(hasFailed) ? EXIT.failed : EXIT.refused;
    case 'planned':
    case 'applied':
      if (planFailed || recap.some(hasFailed)) return EXIT.failed;
      if (recap.some((host) => host.unreachable)) return EXIT.unreachable;
      return pending ? EXIT.pending : EXIT.done;
  }
}

export function hasFailed(host: HostRecap): boolean {
  return host.failed > 0 || host.reverted;
}
