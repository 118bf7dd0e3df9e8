import type { PlannedTask } from '../planning/plan.ts';

/** file:line of a task. */
export function placeOf(task: PlannedTask): string {
  const { source, start } = task.span;
  return `${source.path}:${source.text.slice(0, start).split('\n').length}`;
}
