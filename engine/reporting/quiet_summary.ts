import { count } from '../language/count.ts';
import type { Style } from './style.ts';

/** All that a converged run has to say. */
export function quietSummary(hosts: number, style: Style): string {
  return style.good(`No changes: ${count(hosts, 'host')} as wanted.`);
}
