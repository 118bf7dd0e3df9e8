import { monotonicMs } from '../monotonic.ts';
import { TransportError } from '../transport/connection.ts';
import { beatGuard, GONE } from './guard_questions.ts';
import { askApart, type GuardedHost, type GuardOptions } from './guarded_host.ts';

/** Tells the host over and over that we are there, on a channel that no task holds up. */
export function beat(guard: GuardedHost, options: GuardOptions): void {
  const timeoutMs = options.timeoutS * 1000;
  let heard = monotonicMs();
  let asking = false;
  let over = false;
  const trip = (why: string): void => {
    if (over) return; // a beat that was on its way when the guard was disarmed
    guard.tripped ??= why;
    clearInterval(timer);
    for (const holder of guard.holders) holder.abort();
  };
  const ask = async (): Promise<void> => {
    asking = true;
    try {
      const answer = await askApart(guard, beatGuard(options.run, Date.now()), timeoutMs, options);
      if (answer.status === GONE) trip('a change cut it off for longer than --guard-timeout');
      else heard = monotonicMs();
    } catch (thrown) {
      if (!(thrown instanceof TransportError)) throw thrown; // else the clock tells
    } finally {
      asking = false;
    }
  };
  const timer = setInterval(() => {
    if (guard.away) heard = monotonicMs();
    if (monotonicMs() - heard > timeoutMs)
      trip(`a change has cut it off: nothing was heard of it for ${options.timeoutS} s`);
    else if (!asking) void ask();
  }, timeoutMs / 3);
  guard.stop = () => {
    over = true;
    clearInterval(timer);
  };
  void ask(); // opens the shell now, before become may be broken
}
