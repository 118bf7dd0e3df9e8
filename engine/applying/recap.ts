import { monotonicMs } from '../monotonic.ts';
import type { HostRecap, RunEvent } from '../planning/plan.ts';

export interface Recap {
  event(event: RunEvent): void;
  list(): readonly HostRecap[];
}

/** Counts, host by host, what the events tell; an ignored failure is not a failure. */
export function createRecap(hosts: readonly string[]): Recap {
  const counts = new Map(hosts.map((host) => [host, emptyRecap(host)]));
  const startedAt = monotonicMs();
  const touch = (host: string, change: (count: Writable<HostRecap>) => void): void => {
    const count = counts.get(host);
    if (count === undefined) return;
    change(count);
    count.ms = monotonicMs() - startedAt;
  };
  return {
    event(event) {
      if (event.type === 'host-unreachable') {
        touch(event.host, (count) => {
          count.unreachable = true;
        });
      }
      if (event.type === 'host-reverted') {
        touch(event.host, (count) => {
          count.reverted = true;
          count.unreachable = false; // no longer
        });
      }
      if (event.type === 'planned') touch(event.host, () => {});
      if (event.type !== 'task-finished') return;
      const { task, outcome } = event.result;
      touch(task.host, (count) => {
        if (outcome === 'unreachable') count.unreachable = true;
        else count[outcome] += 1;
      });
    },
    list: () => [...counts.values()],
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function emptyRecap(host: string): Writable<HostRecap> {
  return {
    host,
    ok: 0,
    changed: 0,
    failed: 0,
    skipped: 0,
    rescued: 0,
    ignored: 0,
    unreachable: false,
    reverted: false,
    ms: 0,
  };
}
