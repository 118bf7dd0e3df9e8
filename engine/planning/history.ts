import type { Unknown, ValueMap } from '../language/values.ts';
import type { DirectiveOutcome } from './contracts.ts';
import type { Outcome } from './plan.ts';

/** What a task left behind for those after it: all that planning needs to know of a task that has run. */
export interface Recorded {
  readonly outcome: Outcome;
  /** What `register` holds. */
  readonly result: ValueMap | Unknown;
  readonly changed: boolean;
  /** Facts and variables it set. */
  readonly facts?: ValueMap | undefined;
  readonly variables?: ValueMap | undefined;
  readonly meta?: DirectiveOutcome['meta'];
  readonly include?: DirectiveOutcome['include'];
}

/**
 * Tasks that have really run on one host in one play, by instance id. Planning walks the whole play each
 * time and takes what is in here as given, so that there is one way through a play: before, during and
 * after it has run.
 */
export type History = ReadonlyMap<string, Recorded>;

/** What a host carries from play to play. */
export interface Situation {
  /** `undefined`: not gathered. */
  readonly facts: ValueMap | Unknown | undefined;
  /** set_fact, register and include_vars. */
  readonly variables: ValueMap;
}

export const FRESH: Situation = { facts: undefined, variables: {} };
