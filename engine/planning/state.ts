import type { Change, Ref, Seen } from './contracts.ts';
import { keyOf } from './contracts.ts';

/** What is known of one resource. */
interface Entry {
  readonly ref: Ref;
  readonly aspects: ReadonlySet<string>;
  readonly value: unknown;
  /** Names of the tasks after which the value may be another one: a guess until somebody looks again. */
  readonly doubts: readonly string[];
}

interface Unreadable {
  readonly ref: Ref;
  readonly error: string;
  /** Another user may be able to read it. */
  readonly user: string;
  /** As of an entry: after these tasks it may be there to be read. */
  readonly doubts: readonly string[];
}

export type Known =
  | { readonly kind: 'value'; readonly value: unknown; readonly doubts: readonly string[] }
  | { readonly kind: 'unreadable'; readonly error: string; readonly doubts: readonly string[] };

/**
 * What is known of a host: resource -> value. One copy holds what was observed; a plan forks it and
 * predicts in its fork.
 */
export class State {
  readonly #entries: Map<string, Entry>;
  readonly #unreadable: Map<string, Unreadable>;
  #revision = 0;

  constructor(entries?: Iterable<[string, Entry]>, unreadable?: Iterable<[string, Unreadable]>) {
    this.#entries = new Map(entries);
    this.#unreadable = new Map(unreadable);
  }

  fork(): State {
    return new State(this.#entries, this.#unreadable);
  }

  /** Another number each time that something is learnt or forgotten. */
  get revision(): number {
    return this.#revision;
  }

  /** `undefined`: not seen, or not with all the aspects that are asked for. */
  peek(ref: Ref, user: string): Known | undefined {
    const key = keyOf(ref);
    const unreadable = this.#unreadable.get(key);
    if (unreadable !== undefined && unreadable.user === user)
      return { kind: 'unreadable', error: unreadable.error, doubts: unreadable.doubts };
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // What is not there has no aspects that could be missing.
    if (entry.value !== null && !ref.aspects.every((aspect) => entry.aspects.has(aspect))) return undefined;
    return { kind: 'value', value: entry.value, doubts: entry.doubts };
  }

  /** What has been asked of a resource so far. */
  aspectsOf(ref: Ref): Iterable<string> {
    return this.#entries.get(keyOf(ref))?.aspects ?? [];
  }

  /** Takes in what a look found; nothing is doubted any more. */
  learn(seen: Seen, user: string): void {
    this.#revision += 1;
    const key = keyOf(seen.ref);
    if ('error' in seen) {
      this.#entries.delete(key);
      this.#unreadable.set(key, { ref: seen.ref, error: seen.error, user, doubts: [] });
      return;
    }
    this.#unreadable.delete(key);
    this.#entries.set(key, { ref: seen.ref, aspects: new Set(seen.ref.aspects), value: seen.value, doubts: [] });
  }

  /** After a change the resource is what the change makes it, and what the change may alter is in doubt. */
  predict(change: Change, task: string, doubts: readonly string[]): void {
    const key = keyOf(change.ref);
    const aspects = new Set([...(this.#entries.get(key)?.aspects ?? []), ...change.ref.aspects]);
    this.#unreadable.delete(key);
    this.#entries.set(key, { ref: change.ref, aspects, value: change.after, doubts });
    this.disturb((other, value) => keyOf(other) !== key && alters(change, other, value), task);
  }

  /** From here on these values are guesses until the task has run and somebody has looked again. */
  disturb(touches: (ref: Ref, value: unknown) => boolean, task: string): void {
    for (const [key, entry] of this.#entries) {
      if (!entry.doubts.includes(task) && touches(entry.ref, entry.value)) {
        this.#entries.set(key, { ...entry, doubts: [...entry.doubts, task] });
      }
    }
    for (const [key, entry] of this.#unreadable) {
      if (!entry.doubts.includes(task) && touches(entry.ref, null)) {
        this.#unreadable.set(key, { ...entry, doubts: [...entry.doubts, task] });
      }
    }
  }

  /** Drops what is no longer certain, so that the next look asks for it again. */
  forget(touches: (ref: Ref, value: unknown) => boolean): void {
    this.#revision += 1;
    for (const [key, entry] of this.#entries) if (touches(entry.ref, entry.value)) this.#entries.delete(key);
    for (const [key, entry] of this.#unreadable) if (touches(entry.ref, null)) this.#unreadable.delete(key);
  }

  /** Everything that has been asked so far, with all aspects, to ask it again. */
  refs(): readonly Ref[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry.ref, aspects: [...entry.aspects] }));
  }
}

/** Whether a change may alter another resource too. */
export function alters(change: Change, other: Ref, value: unknown): boolean {
  const { derived } = other.type;
  const hangsOn = typeof derived === 'function' ? derived(change) : derived === true;
  return hangsOn || change.ref.type.affects?.(change, other, value) === true;
}

/** Whether two values of a resource are the same: by its type's own rule, or equal in every key that both have. */
export function sameValue(ref: Ref, observed: unknown, wanted: unknown): boolean {
  return ref.type.same ? ref.type.same(observed, wanted) : agrees(observed, wanted);
}

function agrees(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => agrees(item, b[i]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  return Object.keys(left).every(
    (key) => left[key] === undefined || right[key] === undefined || agrees(left[key], right[key]),
  );
}
