import type { Recorded } from '../planning/history.ts';
import type { SharedResults } from '../planning/walk_context.ts';

/** Results of `run_once` tasks in one batch: the first host that is still in the run makes them for all. */
export interface OnceBoard extends SharedResults {
  publish(id: string, record: Recorded): void;
  /** The host is out: another one has to run what it owes. */
  lose(host: string): void;
  /** Resolves when any of these results is there, or when this host has become the one to make them. */
  wait(host: string, ids: readonly string[]): Promise<void>;
}

export function createOnceBoard(hosts: readonly string[]): OnceBoard {
  const results = new Map<string, Recorded>();
  const lost = new Set<string>();
  let waiters: { readonly host: string; readonly ids: readonly string[]; readonly wake: () => void }[] = [];

  const owner = (host: string) => hosts.find((candidate) => !lost.has(candidate)) === host;
  const due = (host: string, ids: readonly string[]) => owner(host) || ids.some((id) => results.has(id));

  function wakeUp(): void {
    const ready = waiters.filter((waiter) => due(waiter.host, waiter.ids));
    waiters = waiters.filter((waiter) => !ready.includes(waiter));
    for (const waiter of ready) waiter.wake();
  }

  return {
    owner,
    get: (id) => results.get(id),
    publish(id, record) {
      results.set(id, record);
      wakeUp();
    },
    lose(host) {
      lost.add(host);
      wakeUp();
    },
    wait(host, ids) {
      if (due(host, ids)) return Promise.resolve();
      return new Promise((wake) => waiters.push({ host, ids, wake }));
    },
  };
}
