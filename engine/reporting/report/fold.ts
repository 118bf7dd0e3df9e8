import type { RunEvent } from '../../planning/plan.ts';
import type { RecordedTask } from '../recorded_task.ts';
import {
  type Command,
  type Counts,
  type Look,
  REPORT,
  type Report,
  type ReportHead,
  type ReportHost,
  type ReportRun,
  type Trouble,
  type Verdict,
} from './report.ts';

/** An event as a journal keeps it: without tasks, which it keeps apart. */
export type ToldEvent = Exclude<RunEvent, { readonly type: 'planned' | 'task-started' | 'task-finished' }> & {
  readonly at: number;
};

export type KeptEvent = ToldEvent | { readonly type: 'end'; readonly kind: string; readonly at: number };

/** A run as it is kept: what a report is made from, while it runs or later. */
export interface KeptRun {
  readonly head: ReportHead;
  /** In order. */
  readonly events: readonly KeptEvent[];
  /** In order; a task that was planned and then done is there as it was done. */
  readonly tasks: readonly RecordedTask[];
}

/** The one way from what happened to what is told of it. */
export function foldReport({ head, events, tasks }: KeptRun, version: string): Report {
  const hosts = hostsOf(events, tasks).map((host) => foldHost(host, events, tasks));
  const end = eventOf(events, 'end')?.kind;
  const command = commandOf(events);
  const finished = eventOf(events, 'run-finished');
  const run: ReportRun = {
    ...head,
    startedAt: eventOf(events, 'run-started')?.at ?? head.startedAt,
    command,
    verdict: verdictOf(hosts, end, finished !== undefined),
    appliedAt: eventOf(events, 'apply-started')?.at,
    finishedAt: finished?.at,
    ended: finished === undefined ? 'It was cut off.' : ENDS[end ?? ''],
  };
  return {
    kind: REPORT,
    format: 1,
    version,
    run,
    totals: sum(hosts.map(({ counts }) => counts)),
    hosts,
    tasks: hosts.flatMap(({ host }) => tasks.filter((task) => task.host === host)),
    warnings: events.flatMap((event) =>
      event.type === 'warning' ? [{ host: event.host, message: event.message }] : [],
    ),
  };
}

const ENDS: Readonly<Record<string, string>> = {
  declined: 'Nothing was changed: the plan was declined.',
  'cannot ask': 'Nothing was changed: there was nobody to ask.',
  interrupted: 'It was interrupted; what was running has been finished.',
  drifted: 'Nothing was changed: it was no longer what had been planned.',
  unreachable: 'Nothing was changed: hosts of the plan could not be reached.',
  refused: 'Some hosts were left alone.',
};

function eventOf<T extends KeptEvent['type']>(
  events: readonly KeptEvent[],
  type: T,
): Extract<KeptEvent, { type: T }> | undefined {
  return events.find((event): event is Extract<KeptEvent, { type: T }> => event.type === type);
}

function commandOf(events: readonly KeptEvent[]): Command {
  const said = eventOf(events, 'run-started')?.command;
  return said ?? 'apply'; // journals of old tell of nothing else
}

function hostsOf(events: readonly KeptEvent[], tasks: readonly RecordedTask[]): readonly string[] {
  const named = eventOf(events, 'run-started')?.hosts ?? eventOf(events, 'run-finished')?.recap.map(({ host }) => host);
  return [...new Set([...(named ?? []), ...tasks.map(({ host }) => host)])];
}

function foldHost(host: string, events: readonly KeptEvent[], tasks: readonly RecordedTask[]): ReportHost {
  const looks: Look[] = [];
  let trouble: Trouble | undefined;
  let out: 'unreachable' | 'refused' | 'reverted' | undefined;
  for (const event of events) {
    if (!('host' in event) || event.host !== host) continue;
    if (event.type === 'host-looked')
      looks.push({ at: event.at, ms: Math.round(event.ms), questions: event.questions });
    if (event.type !== 'host-unreachable' && event.type !== 'host-refused' && event.type !== 'host-reverted') continue;
    trouble = { message: event.message, hint: event.hint, ...(event.type === 'host-reverted' && { log: event.log }) };
    out = TROUBLES[event.type];
  }
  const counts = countsOf(tasks.filter((task) => task.host === host));
  return { host, verdict: out ?? verdictOfCounts(counts), counts, trouble, looks };
}

const TROUBLES = {
  'host-unreachable': 'unreachable',
  'host-refused': 'refused',
  'host-reverted': 'reverted',
} as const;

const NONE: Counts = {
  ...{ pass: 0, warn: 0, fail: 0 },
  ...{ ok: 0, changed: 0, pending: 0, failed: 0, excused: 0, skipped: 0 },
};

/** Which number a task counts for: a check for what it came to, unless it could not look. */
export function countOf({ finding, outcome }: Pick<RecordedTask, 'finding' | 'outcome'>): keyof Counts {
  if (finding !== undefined) return finding.level;
  switch (outcome) {
    case 'provisional':
      return 'pending';
    case 'ignored':
    case 'rescued':
      return 'excused';
    case 'unreachable':
      return 'failed';
    default:
      return outcome;
  }
}

export function countsOf(tasks: readonly Pick<RecordedTask, 'finding' | 'outcome'>[]): Counts {
  const counts = { ...NONE };
  for (const task of tasks) counts[countOf(task)] += 1;
  return counts;
}

function sum(all: readonly Counts[]): Counts {
  const counts = { ...NONE };
  for (const one of all) for (const key of Object.keys(counts) as (keyof Counts)[]) counts[key] += one[key];
  return counts;
}

/** Worst first. */
const WORST: readonly Verdict[] = [
  'reverted',
  'failed',
  'unreachable',
  'refused',
  'interrupted',
  'fail',
  'warn',
  'pending',
  'changed',
  'ok',
];

function severity(verdict: Verdict): number {
  return WORST.length - WORST.indexOf(verdict);
}

function verdictOfCounts(counts: Counts): Verdict {
  return WORST.find((verdict) => counts[verdict as keyof Counts] > 0) ?? 'ok';
}

function verdictOf(hosts: readonly ReportHost[], end: string | undefined, finished: boolean): Verdict {
  const own: Verdict | undefined =
    !finished || end === 'interrupted' ? 'interrupted' : end === 'drifted' ? 'refused' : undefined;
  const all = [...hosts.map(({ verdict }) => verdict), ...(own === undefined ? [] : [own])];
  return all.reduce<Verdict>((worst, verdict) => (severity(verdict) > severity(worst) ? verdict : worst), 'ok');
}
