import type { ValueMap } from '../language/values.ts';
import type { Target } from '../planning/walk_context.ts';
import { type Arming, armingOf } from './guard_arming.ts';
import { beat } from './guard_beat.ts';
import { prove } from './guard_proof.ts';
import { bringBack, type Verdict } from './guard_return.ts';
import { type GuardedHost, type GuardOptions, standDown, unguarded } from './guarded_host.ts';

/** The access guards of a run: one for each host and user who changes it, shared by all that change it. */
export interface Guards {
  /** One host's part in them, for a play. */
  hold(): Hold;
}

export interface Hold {
  /** To be asked in the entered shell before the first change that may cut the way to the host. */
  arming(target: Target): Arming | undefined;
  /** A task sends the host away, or it is back: until then its silence means nothing. */
  away(target: Target, is: boolean): void;
  /** Aborted when a guarded host has put itself back, or does not answer any more. */
  readonly signal: AbortSignal;
  /**
   * The play is over: proves a new login (and become) and disarms. `variables`: what the play has set; connection
   * variables among them tell the way that is proved. Where nobody gets in it gives what has the host put itself back,
   * waits for that, and gives what is to be told of hosts that were put back or are lost.
   */
  settle(variables: ValueMap): Promise<(() => Promise<readonly Verdict[]>) | undefined>;
}

export function createGuards(options: GuardOptions): Guards {
  const guards = new Map<string, GuardedHost>();

  function guardOf(target: Target): GuardedHost {
    const key = JSON.stringify([target.host, target.identity.user ?? options.loginUser(target)]);
    const guard = guards.get(key) ?? unguarded(target);
    guards.set(key, guard);
    return guard;
  }

  /** Who may change what lets people in: root, and each user its own keys. Without a login there is only become. */
  function concerns(target: Target): boolean {
    const { user } = target.identity;
    if (options.connections.reach(target).route.kind === 'local') return user === 'root';
    return user === null || user === 'root';
  }

  return {
    hold() {
      const held = new Set<GuardedHost>();
      const holder = new AbortController();
      return {
        signal: holder.signal,
        arming(target) {
          if (!concerns(target)) return undefined;
          const guard = guardOf(target);
          guard.holders.add(holder);
          held.add(guard);
          return guard.state === 'armed' ? undefined : armingOf(guard, options, () => beat(guard, options));
        },
        away(target, is) {
          for (const guard of held) {
            if (guard.target.host !== target.host) continue;
            guard.away = is;
            guard.own = undefined;
          }
        },
        async settle(variables) {
          const returns: (() => Promise<Verdict | undefined>)[] = [];
          for (const guard of held) {
            guard.holders.delete(holder);
            // Whoever changes the host last proves that all is well.
            if (guard.holders.size > 0 || guard.state === 'idle') continue;
            const back = await settle(guard, variables, options);
            if (back !== undefined) returns.push(back);
          }
          if (returns.length === 0) return undefined;
          return async () => (await Promise.all(returns.map((back) => back()))).filter((one) => one !== undefined);
        },
      };
    },
  };
}

/** Gives what brings the host back, if nobody gets in. */
async function settle(
  guard: GuardedHost,
  variables: ValueMap,
  options: GuardOptions,
): Promise<(() => Promise<Verdict | undefined>) | undefined> {
  const alone = guard.tripped !== undefined;
  const problem = alone ? undefined : await prove(guard, variables, options);
  if (!alone && problem === undefined) {
    await standDown(guard);
    return undefined;
  }
  const { user } = guard.target.identity;
  const what = problem?.fault === 'become' ? `${user ?? 'that user'} can be become` : 'a login works';
  const reason = guard.tripped ?? `after the changes no longer ${what}: ${problem?.message}`;
  return async () => {
    try {
      return await bringBack(guard, reason, problem, options);
    } finally {
      await standDown(guard);
    }
  };
}
