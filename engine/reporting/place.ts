import { lineOf } from '../language/lines.ts';
import type { PlannedTask } from '../planning/plan.ts';

/** file:line of a task. */
export function placeOf(task: PlannedTask): string {
  return `${task.span.source.path}:${lineOf(task.span)}`;
}
