import { monotonicMs } from '../monotonic.ts';
import type { Ref, Seen } from '../planning/contracts.ts';
import type { Instance } from '../planning/instance.ts';
import { observe } from '../planning/observe.ts';
import type { RunEvent } from '../planning/plan.ts';
import { State } from '../planning/state.ts';
import { actingUser, addQuestion, type Surroundings, type Target, type Unseen } from '../planning/walk_context.ts';
import { TransportError } from '../transport/connection.ts';
import type { Connections } from './connections.ts';
import { type GivenUp, giveUp } from './given_up.ts';
import type { HostStore } from './host_store.ts';

export interface HostEyesOptions {
  readonly surroundings: Surroundings;
  readonly connections: Connections;
  readonly emit: (event: RunEvent) => void;
  readonly lookTimeoutMs: number;
  readonly store: HostStore;
  /** What ends a look. */
  readonly signal: () => AbortSignal;
}

/** What one host of a run has seen: of itself, and of those that its tasks are delegated to. */
export interface HostEyes {
  /** What is known of a host. */
  observed(host: string): State;
  /**
   * One round trip for each shell that is asked. Throws TransportError. `meanwhile` is given what is known of a host
   * so far, as soon as that is most of it.
   */
  look(unseen: readonly Unseen[], meanwhile?: (host: string, soFar: State) => void): Promise<void>;
  /** Looks; where that cannot be, the task that asked for it is given up instead, if it can be without the host. */
  lookOrGiveUp(unseen: readonly Unseen[], instances: readonly Instance[]): Promise<GivenUp | undefined>;
  /** Looks at everything again, as it was looked at before. */
  lookAgain(): Promise<void>;
}

export function createHostEyes(name: string, options: HostEyesOptions): HostEyes {
  const { surroundings, connections, store } = options;
  const states = new Map<string, State>();
  const looked = new Map<string, Unseen>();
  let blind: Target | undefined;

  function observed(host: string): State {
    let state = states.get(host);
    if (state === undefined) {
      state = new State();
      states.set(host, state);
    }
    return state;
  }

  async function look(unseen: readonly Unseen[], meanwhile?: (host: string, soFar: State) => void): Promise<void> {
    const startedAt = monotonicMs();
    const how = { timeoutMs: options.lookTimeoutMs, signal: options.signal() };
    const looks = await Promise.allSettled(
      unseen.map(async ({ target, refs }) => {
        const each = meanwhile && most(refs.size, target, meanwhile);
        const seen = await observe(await connections.shell(target), refs.values(), how, each).catch((thrown) =>
          unseenByNobody(thrown, refs.values()),
        );
        for (const one of seen) observed(target.host).learn(one, actingUser(surroundings, target));
        store.saw(target, seen);
      }),
    );
    const first = looks.findIndex(({ status }) => status === 'rejected');
    if (first !== -1) {
      blind = (unseen[first] as Unseen).target;
      throw (looks[first] as PromiseRejectedResult).reason;
    }
    gather(unseen, looked);
    const questions = unseen.reduce((sum, { refs }) => sum + refs.size, 0);
    options.emit({ type: 'host-looked', host: name, ms: monotonicMs() - startedAt, questions });
  }

  /** Gathers answers, and tells once of them: when they are most of so many, and not all. */
  function most(all: number, target: Target, tell: (host: string, soFar: State) => void) {
    const soFar = observed(target.host).fork();
    let count = 0;
    let told = false;
    return (seen: readonly Seen[]) => {
      for (const one of seen) soFar.learn(one, actingUser(surroundings, target));
      count += seen.length;
      if (told || count <= all / 2 || count >= all) return;
      told = true;
      setImmediate(() => tell(target.host, soFar));
    };
  }

  return {
    observed,
    look,
    async lookOrGiveUp(unseen, instances) {
      try {
        await look(unseen);
        return undefined;
      } catch (thrown) {
        if (!(thrown instanceof TransportError)) throw thrown;
        const given = giveUp(instances, blind as Target, thrown);
        if (given === undefined) throw thrown;
        return given;
      }
    },
    async lookAgain() {
      states.clear();
      store.forget();
      await look([...looked.values()]);
    },
  };
}

/** As a user who is not there nothing can be seen; an earlier task may be about to make them. */
function unseenByNobody(thrown: unknown, refs: Iterable<Ref>): readonly Seen[] {
  if (!(thrown instanceof TransportError && thrown.nobody)) throw thrown;
  return [...refs].map((ref) => ({ ref, error: thrown.message }));
}

/** Questions of several walks for one shell become one look. */
export function merge(unseen: readonly Unseen[]): readonly Unseen[] {
  return [...gather(unseen, new Map()).values()];
}

function gather(unseen: readonly Unseen[], into: Map<string, Unseen>): ReadonlyMap<string, Unseen> {
  for (const { target, refs } of unseen) for (const ref of refs.values()) addQuestion(into, target, ref);
  return into;
}
