import type { Recorded } from '../planning/history.ts';
import type { Instance } from '../planning/instance.ts';
import type { TaskResult } from '../planning/plan.ts';
import type { State } from '../planning/state.ts';
import type { Connection, Shell } from '../transport/connection.ts';
import type { Sh } from '../transport/sh.ts';
import type { Arming } from './guard_arming.ts';
import type { Numbering, Piece } from './program.ts';

/** What doing tasks on a host needs of the run that they are in. */
export interface Execution {
  shell(target: Instance['target']): Promise<Shell>;
  /** Observed state of the target host; what is done is learnt, what may have moved is forgotten. */
  observed(host: string): State;
  user(instance: Instance): string;
  started(instance: Instance): void;
  /** Called before anything of a task is sent, with all that is about to be sent. */
  intend(instances: readonly Instance[], pieces: readonly Piece[]): void;
  finished(result: TaskResult): void;
  /** The run's place on the host; `undefined` while planning, when nothing is changed that counts. */
  readonly store:
    | {
        readonly numbering: Numbering;
        entering(target: Instance['target']): Sh;
        /** What arms the access guard there; `undefined`: it is armed, or there is none. */
        guarding(target: Instance['target']): Arming | undefined;
      }
    | undefined;
  readonly absence: Absence;
  /** How often this instance has been tried before (`until`). */
  attempts(id: string): number;
  readonly signal: AbortSignal | undefined;
}

/** What is needed where a task sends its host away. */
interface Absence {
  /** It is the machine that all of this runs on. */
  isHere(target: Instance['target']): boolean;
  /** `false`: it is back, and is connected to anew when it is next asked. */
  away(target: Instance['target'], is: boolean): void;
  /** A new login, to be closed by whoever asked. `loginS`: seconds that it may take. */
  login(target: Instance['target'], loginS: number | undefined): Promise<Connection>;
}

export interface Done {
  readonly records: ReadonlyMap<string, Recorded>;
  /** A task whose `until` does not hold yet: to be tried again after its delay. */
  readonly again: Instance | undefined;
  /** Another run is at work on the host, or has just been: nothing of the group was begun. */
  readonly held?: Held | undefined;
}

/** `holder`: what the host says of the run that has the lock; `undefined`: it is over, and the lock is ours. */
export interface Held {
  readonly holder: string | undefined;
}
