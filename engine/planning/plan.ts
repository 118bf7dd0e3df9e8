import type { Span } from '../language/diagnostics.ts';
import type { ValueMap } from '../language/values.ts';
import type { Identity } from '../transport/connection.ts';
import type { Action, Change } from './contracts.ts';
import type { Finding } from './finding.ts';

/** What a planned task does, step by step: changes are known by before and after, actions by what they run. */
export type PlannedStep = PlannedChange | Action;

export interface PlannedChange {
  readonly kind: 'change';
  readonly change: Change;
  /** A task under `no_log` has to do with the same resource: its content is not for everybody's eyes. */
  readonly hidden?: true;
}

export type TaskStatus =
  | 'ok' // nothing to do
  | 'change'
  | 'skip' // `when` is false
  | 'fail' // it cannot be done: known before anything is touched
  | 'provisional'; // hangs on something that an earlier task has to do first

/** One task on one host (one item of its loop), planned. */
export interface PlannedTask {
  /** The task's key, with `#2` for the third item of a loop, and what made it run again (`@flush1`). */
  readonly id: string;
  readonly host: string;
  /** The host it runs on where that is another one (`delegate_to`). */
  readonly delegate?: string;
  readonly play: string;
  /** Rendered name, or the module's where it has none. */
  readonly name: string;
  readonly module: string;
  readonly handler: boolean;
  /** The loop item's label. */
  readonly item?: string;
  readonly identity: Identity;
  readonly status: TaskStatus;
  readonly steps: readonly PlannedStep[];
  /** What a provisional task waits for: the names of earlier tasks. Its steps are then the best guess. */
  readonly waitsFor: readonly string[];
  /** Provisional, and what it would do is not known at all: it may change the host. */
  readonly open: boolean;
  /** Its failure, if it fails, is ignored or rescued: no failure of the host. */
  readonly caught: 'ignored' | 'rescued' | undefined;
  /** Why it is skipped or fails, in the user's words; a directive's message. */
  readonly message?: string;
  readonly warnings: readonly string[];
  readonly noLog: boolean;
  /** What it judges, if it is a check and could; in an audit any task that says how a host is to be. */
  readonly finding?: Finding;
  /** What it registers if all goes as planned. */
  readonly result: ValueMap;
  readonly span: Span;
}

/** How a task ended on a host. */
export type Outcome = 'ok' | 'changed' | 'skipped' | 'failed' | 'ignored' | 'rescued' | 'unreachable';

export interface TaskResult {
  readonly task: PlannedTask;
  readonly outcome: Outcome;
  /** What it registered; in case of failure with `msg`, and for commands `rc`, `stdout`, `stderr`. */
  readonly result: ValueMap;
  /** The failing command's summary, its stderr and the state it left. */
  readonly failure?: TaskFailure;
  readonly ms: number;
}

export interface TaskFailure {
  readonly message: string;
  /** What was run, as a person would write it. */
  readonly command?: string;
  readonly stderr?: string;
  readonly stdout?: string;
  readonly status?: number;
  /** The changes of this task that had been made before it failed, and the one that had not. */
  readonly left?: string;
  readonly hint?: string;
}

/** `audit` is a plan whose tasks are judged, and not what they would do. */
export type RunCommand = 'plan' | 'apply' | 'audit';

/** What happens in a run, in order: the terminal, `--json`, reports and the journal all fold over these. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly command: RunCommand;
      readonly playbooks: readonly string[];
      readonly hosts: readonly string[];
      readonly at: number;
    }
  | { readonly type: 'host-looked'; readonly host: string; readonly ms: number; readonly questions: number }
  | {
      readonly type: 'host-unreachable';
      readonly host: string;
      readonly message: string;
      readonly hint?: string | undefined;
    }
  /** Another run is at work there, or has changed what was planned: nothing more is done. */
  | {
      readonly type: 'host-refused';
      readonly host: string;
      readonly message: string;
      readonly hint?: string | undefined;
    }
  /** The access guard: nobody could log in any more after a play, and the host was put back. `log`: what it did. */
  | {
      readonly type: 'host-reverted';
      readonly host: string;
      readonly message: string;
      readonly log: readonly string[];
      readonly hint?: string | undefined;
    }
  | { readonly type: 'planned'; readonly host: string; readonly tasks: readonly PlannedTask[] }
  | { readonly type: 'apply-started'; readonly at: number }
  | { readonly type: 'play-started'; readonly play: string; readonly hosts: readonly string[] }
  | { readonly type: 'task-started'; readonly task: PlannedTask }
  | { readonly type: 'task-finished'; readonly result: TaskResult }
  | { readonly type: 'warning'; readonly host?: string; readonly message: string }
  | { readonly type: 'run-finished'; readonly at: number; readonly recap: readonly HostRecap[] };

export interface HostRecap {
  readonly host: string;
  readonly ok: number;
  readonly changed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly rescued: number;
  readonly ignored: number;
  readonly unreachable: boolean;
  /** The access guard has put it back. */
  readonly reverted: boolean;
  readonly ms: number;
}
