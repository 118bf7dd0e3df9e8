import type { Diagnostic } from '../language/diagnostics.ts';
import type { TaskSyntax } from '../language/syntax.ts';
import type { ValueMap } from '../language/values.ts';
import type { Recorded } from './history.ts';
import type { PlannedTask } from './plan.ts';
import type { State } from './state.ts';
import type { Target } from './walk_context.ts';

/** What a task's result means, by its own `changed_when`, `failed_when` and `until`. */
export interface Verdict {
  readonly changed: boolean;
  readonly failed: string | undefined;
  /** `until` does not hold yet. */
  readonly again: boolean;
}

/** A planned task with all that is needed to make it so. */
export interface Instance extends PlannedTask {
  readonly syntax: TaskSyntax;
  readonly target: Target;
  /** A look at the host, or another host's result, will tell more: not a plan yet. */
  readonly pending: boolean;
  /** What it leaves behind if all goes as planned. */
  readonly predicted: Recorded;
  /** What the module told beforehand of its result. */
  readonly told: ValueMap;
  /** What it tells once it is done: what could not be known before, such as a new user's number. */
  readonly retell: ((observed: State) => ValueMap) | undefined;
  readonly judge: (result: ValueMap, changed: boolean, failed: string | undefined) => Verdict;
  readonly until: { readonly retries: number; readonly delayMs: number } | undefined;
  /** Where its host cannot be reached, the host goes on with the next task. */
  readonly ignoreUnreachable: boolean;
  readonly anyErrorsFatal: boolean;
  readonly runOnce: boolean;
  /** Handlers that it notifies if it changes something. */
  readonly notifies: readonly string[];
  /** `check_mode` of the task: `false` runs it while planning too, `true` never runs it. */
  readonly checkMode: boolean | undefined;
  readonly timeoutMs: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Why it fails, where the playbook itself is wrong. */
  readonly diagnostics: readonly Diagnostic[];
}
