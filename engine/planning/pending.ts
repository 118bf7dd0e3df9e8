import type { PlannedTask } from './plan.ts';

/** Whether a task changes its host, or may: what `--detailed-exitcode` tells and what apply asks about. */
export function isPending(task: PlannedTask): boolean {
  return task.status === 'change' || (task.status === 'provisional' && (task.open || task.steps.length > 0));
}
