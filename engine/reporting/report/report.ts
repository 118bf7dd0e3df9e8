import type { Finding, Measure } from '../../planning/finding.ts';
import type { RecordedTask } from '../recorded_task.ts';

/** What stands in the head of `report.json`, and tells such a file from any other. */
export const REPORT = 'runbook report';

/** A run as a whole, for people and programs: what all of `--report`'s formats are written from. */
export interface Report {
  readonly kind: typeof REPORT;
  /** Of this shape. */
  readonly format: 1;
  /** Of the program. */
  readonly version: string;
  readonly run: ReportRun;
  readonly totals: Counts;
  readonly hosts: readonly ReportHost[];
  /** Host by host, in the order they were done or planned in. */
  readonly tasks: readonly RecordedTask[];
  readonly warnings: readonly { readonly host?: string | undefined; readonly message: string }[];
  /** Missing: no earlier run of these playbooks is known. */
  readonly trend?: Trend | undefined;
}

export type Command = 'plan' | 'apply' | 'audit';

/** How a run ended as a whole; the worst of what there was. */
export type Verdict =
  | 'ok'
  | 'changed'
  | 'pending'
  | 'warn'
  | 'fail' // a check
  | 'refused'
  | 'unreachable'
  | 'failed' // a host
  | 'reverted'
  | 'interrupted';

/** Who started what. */
export interface ReportHead {
  readonly id: string;
  readonly by: string;
  readonly playbooks: readonly string[];
  /** The run that this one takes back. */
  readonly undoes?: string | undefined;
  readonly git?: { readonly commit: string; readonly dirty: boolean } | undefined;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

export interface ReportRun extends ReportHead {
  readonly command: Command;
  readonly verdict: Verdict;
  /** When hosts began to be changed. */
  readonly appliedAt?: number | undefined;
  /** Missing: it was cut off. */
  readonly finishedAt?: number | undefined;
  /** Why nothing was done, or not all, in words; missing: it went through. */
  readonly ended?: string | undefined;
}

export interface Counts {
  /** Findings of checks. */
  readonly pass: number;
  readonly warn: number;
  readonly fail: number;
  /** Other tasks. */
  readonly ok: number;
  readonly changed: number;
  readonly pending: number;
  readonly failed: number;
  /** Failed, and ignored or rescued. */
  readonly excused: number;
  readonly skipped: number;
}

export interface ReportHost {
  readonly host: string;
  readonly verdict: Verdict;
  readonly counts: Counts;
  /** Why it took no part, or not to the end. */
  readonly trouble?: Trouble | undefined;
  /** Its round trips: when each ended, how long it took, how much it asked. */
  readonly looks: readonly Look[];
}

export interface Trouble {
  readonly message: string;
  readonly hint?: string | undefined;
  /** What the access guard did. */
  readonly log?: readonly string[] | undefined;
}

export interface Look {
  readonly at: number;
  readonly ms: number;
  readonly questions: number;
}

/** What became of things from run to run of the same playbooks. */
export interface Trend {
  /** Oldest first; the last one is this run. */
  readonly runs: readonly TrendRun[];
  /** Against the last run before this one that has findings. */
  readonly since?: { readonly id: string; readonly startedAt: number } | undefined;
  readonly better: readonly Turn[];
  readonly worse: readonly Turn[];
  readonly series: readonly Series[];
}

export interface TrendRun extends Pick<Counts, 'pass' | 'warn' | 'fail' | 'changed' | 'failed'> {
  readonly id: string;
  readonly startedAt: number;
  readonly command: Command;
}

/** A check that came to something else than before. */
export interface Turn {
  readonly host: string;
  readonly check: string;
  readonly from: Finding['level'];
  readonly to: Finding['level'];
  readonly summary: string;
}

/** A number over the runs, oldest first; its last point is this run's. */
export interface Series extends Pick<Measure, 'name' | 'unit'> {
  readonly host: string;
  readonly check: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

/** A task as a person calls it. */
export function labelOf({ name, item }: Pick<RecordedTask, 'name' | 'item'>): string {
  return item === undefined ? name : `${name} (${item})`;
}
