import { monotonicMs } from '../monotonic.ts';
import { TransportError } from './connection.ts';

/** The time that one attempt to log in may take, whatever it is at; and the user's interrupt. */
export interface Clock {
  /** Aborts with a TransportError as its reason. */
  readonly signal: AbortSignal;
  /** Rejects when the signal aborts; pending for ever otherwise. */
  readonly expired: Promise<never>;
  /** What is being waited for, as a sentence that says what was not had in time. */
  at(sentence: string): void;
  /** Stands still while a person may have to do something. */
  during<T>(job: () => Promise<T>): Promise<T>;
  stop(): void;
}

/** `ms` 0: no limit. */
export function startClock(ms: number, interrupt: AbortSignal | undefined, host: string): Clock {
  const controller = new AbortController();
  let sentence = `no answer from ${host}`;
  let left = ms;
  let since = 0;
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  let waiting = 0;
  const expire = () => {
    controller.abort(new TransportError('unreachable', `${sentence} within ${ms / 1000} s`, SLOW_HINT));
  };
  const onInterrupt = () =>
    controller.abort(new TransportError('interrupted', `interrupted while connecting to ${host}`));
  const resume = () => {
    if (ms === 0 || over || timer !== undefined) return;
    since = monotonicMs();
    timer = setTimeout(expire, left);
  };
  const pause = () => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    left = Math.max(0, left - (monotonicMs() - since));
  };
  const expired = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
  });
  expired.catch(() => {});
  resume();
  if (interrupt?.aborted === true) onInterrupt();
  else interrupt?.addEventListener('abort', onInterrupt, { once: true });
  return {
    signal: controller.signal,
    expired,
    at(what) {
      sentence = what;
    },
    async during(job) {
      waiting++;
      pause();
      try {
        return await job();
      } finally {
        if (--waiting === 0) resume();
      }
    },
    stop() {
      over = true;
      pause();
      interrupt?.removeEventListener('abort', onInterrupt);
    },
  };
}

const SLOW_HINT = 'Check the host and the way to it; a slow one needs a longer ConnectTimeout (ansible_timeout).';
