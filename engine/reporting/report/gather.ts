import type { PlannedTask, RunEvent } from '../../planning/plan.ts';
import { type RecordedTask, recordPlanned, recordTask } from '../recorded_task.ts';
import type { KeptEvent, ToldEvent } from './fold.ts';

/** Follows a run and keeps what is to be told of it, for its journal and for reports. */
export interface Gathering {
  /** As it is kept, without tasks; `undefined`: it is not. */
  event(event: RunEvent): ToldEvent | undefined;
  readonly events: readonly KeptEvent[];
  /** The tasks that were done, in order. */
  readonly done: readonly RecordedTask[];
  /** The tasks as they were planned. */
  planned(): readonly RecordedTask[];
  /** The tasks that were to be done on these hosts and were not reached. */
  unreached(hosts: readonly string[]): readonly RecordedTask[];
  ended(kind: string): void;
}

export function createGathering(mask: (text: string) => string): Gathering {
  const events: KeptEvent[] = [];
  const done: RecordedTask[] = [];
  const plans = new Map<string, readonly PlannedTask[]>();
  return {
    events,
    done,
    event(event) {
      const at = Date.now();
      switch (event.type) {
        case 'planned':
          plans.set(event.host, event.tasks);
          return undefined;
        case 'task-started':
          return undefined;
        case 'task-finished':
          done.push(recordTask(event.result, mask, at));
          return undefined;
        default: {
          const kept: ToldEvent = { at, ...event };
          events.push(kept);
          return kept;
        }
      }
    },
    planned: () => [...plans.values()].flatMap((tasks) => tasks.map((task) => recordPlanned(task, mask))),
    unreached(hosts) {
      const reached = new Set(done.map(({ host, id }) => `${host}\n${id}`));
      const left = hosts.flatMap((host) => plans.get(host) ?? []);
      return left
        .filter(({ host, id, status }) => isDue(status) && !reached.has(`${host}\n${id}`))
        .map((task) => recordPlanned(task, mask));
    },
    ended(kind) {
      events.push({ type: 'end', kind, at: Date.now() });
    },
  };
}

function isDue(status: PlannedTask['status']): boolean {
  return status === 'change' || status === 'provisional';
}
