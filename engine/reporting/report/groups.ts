import type { RecordedTask } from '../recorded_task.ts';
import { countOf } from './fold.ts';
import type { Counts } from './report.ts';

/** What is the same on some hosts, told once. */
export interface TaskGroup {
  /** Its place among all: `t1`. */
  readonly anchor: string;
  readonly status: keyof Counts;
  /** Of the first of its hosts. */
  readonly task: RecordedTask;
  readonly hosts: readonly string[];
}

/** One task of a playbook, and what it came to on each host. */
export interface TaskRow {
  readonly task: RecordedTask;
  readonly groups: readonly TaskGroup[];
}

/** All tasks in the order of the playbook, each with what it came to: what looks the same is one group. */
export function taskRows(tasks: readonly RecordedTask[]): readonly TaskRow[] {
  const rows = new Map<string, Map<string, RecordedTask[]>>();
  for (const task of tasks) {
    const id = `${task.play}\n${task.id}`;
    const variants = rows.get(id) ?? new Map<string, RecordedTask[]>();
    rows.set(id, variants);
    const look = lookOf(task);
    const same = variants.get(look);
    if (same === undefined) variants.set(look, [task]);
    else same.push(task);
  }
  let number = 0;
  return [...rows.values()].map((variants) => {
    const groups = [...variants.values()].map((same): TaskGroup => {
      const task = same[0] as RecordedTask;
      number += 1;
      return { anchor: `t${number}`, status: countOf(task), task, hosts: same.map(({ host }) => host) };
    });
    return { task: (groups[0] as TaskGroup).task, groups };
  });
}

/** All that is shown but where and when. */
function lookOf(task: RecordedTask): string {
  return JSON.stringify({ ...task, host: '', at: 0, ms: 0 });
}
