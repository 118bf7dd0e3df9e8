import { setTimeout } from 'node:timers/promises';
import { monotonicMs } from '../monotonic.ts';
import { TransportError } from '../transport/connection.ts';

interface Persistence {
  /** How often it is tried again. */
  readonly retries: number;
  /** Nothing is begun again after so long, however many tries are left. 0: there is no limit. */
  readonly budgetMs: number;
  readonly signal: AbortSignal | undefined;
}

const FIRST_PAUSE_MS = 500;

/**
 * Reaches a host, again where what went wrong may pass: nobody listens yet, too many log in at once, the network
 * blinked. A refused key, host key or user is final, and so is a host that was silent for all of its time. Pauses double;
 * how long exactly is up to chance, so that a fleet that was refused does not come back as one.
 */
export async function persistently<T>(
  reach: () => Promise<T>,
  { retries, budgetMs, signal }: Persistence,
  pause: (ms: number) => Promise<unknown> = (ms) => setTimeout(ms, undefined, { ...(signal && { signal }) }),
): Promise<T> {
  const startedAt = monotonicMs();
  for (let tries = 0; ; tries++) {
    try {
      return await reach();
    } catch (thrown) {
      if (!mayPass(thrown) || tries >= retries || signal?.aborted === true) throw thrown;
      const ms = FIRST_PAUSE_MS * 2 ** tries * (0.5 + Math.random());
      if (budgetMs > 0 && monotonicMs() - startedAt + ms > budgetMs) throw thrown;
      // Interrupted in a pause: what went wrong before is told.
      await pause(ms).catch(() => Promise.reject(thrown));
    }
  }
}

function mayPass(thrown: unknown): boolean {
  return thrown instanceof TransportError && (thrown.fault === 'unreachable' || thrown.fault === 'lost');
}
