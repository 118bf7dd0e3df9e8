import type { ValueMap } from '../language/values.ts';
import type { Module, View, Wish } from './contracts.ts';
import { defineModule } from './contracts.ts';
import type { PlannedTask } from './plan.ts';
import { Unreadable } from './unreadable.ts';

/** What a check came to on one host. */
export interface Finding {
  readonly level: 'pass' | 'warn' | 'fail';
  /** One line: what is so, with its numbers. */
  readonly summary: string;
  /** What it rests on, as a table; no rows: the summary says it all. */
  readonly evidence?: Evidence;
  /** What to do about it, where it is not `pass`. */
  readonly remedy?: string;
  /** Where the rule comes from: `CIS Debian 12 5.1.20`, a section of the guide, a man page. */
  readonly reference?: string;
  /** Numbers worth following from one run to the next. */
  readonly measures?: readonly Measure[];
}

/** A table of text as the host has it: it may hold anything. */
export interface Evidence {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Rows that were left out because there were too many. */
  readonly more?: number;
}

/** `name` tells it from the others of the same check: a mount point, a domain. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'days' | '%' | 'bytes' | 'seconds' | 'count';
}

/** A module that only looks and judges: nothing is ever changed for it. */
export interface Check<P> extends Omit<Module<P>, 'kind' | 'wants'> {
  /**
   * Called when all that looksAt names has been seen. Synchronous and pure, as `wants`. What could not be read fails
   * the check with the reason: nobody knows that it is in order.
   */
  judge(params: P, view: View): Finding;
}

export function defineCheck<P>({ judge, ...spec }: Check<P>): Module<P> {
  return defineModule<P>({
    ...spec,
    wants: (params, view): Wish => {
      const finding = judged(() => judge(params, view));
      return { steps: [], finding, result: { finding: plainFinding(finding) } };
    },
  });
}

function judged(judge: () => Finding): Finding {
  try {
    return judge();
  } catch (thrown) {
    if (thrown instanceof Unreadable) return { level: 'fail', summary: `it could not be looked at: ${thrown.message}` };
    throw thrown;
  }
}

/** As much as a table shows: a host may have thousands. */
const MOST_ROWS = 200;

/** A table of what was found, cut where it would be too long to read. */
export function evidence(columns: readonly string[], rows: readonly (readonly string[])[]): Evidence {
  const more = rows.length - MOST_ROWS;
  return { columns, rows: rows.slice(0, MOST_ROWS), ...(more > 0 && { more }) };
}

/** What the task registers, as `finding`. */
function plainFinding({ level, summary, evidence: table, remedy, reference, measures }: Finding): ValueMap {
  return {
    level,
    summary,
    ...(table && {
      evidence: table.rows.map((row) => Object.fromEntries(table.columns.map((c, i) => [c, row[i] ?? '']))),
    }),
    ...(remedy !== undefined && { remedy }),
    ...(reference !== undefined && { reference }),
    ...(measures && { measures: measures.map(({ name, value, unit }) => ({ name, value, unit })) }),
  };
}

/** Whether somebody has to see to it. */
export function isBad(finding: Finding | undefined): boolean {
  return finding !== undefined && finding.level !== 'pass';
}

/** A finding, and whose it is: what a journal keeps and an audit shows. */
export interface TaskFinding {
  readonly host: string;
  /** The task's instance in its run. */
  readonly id: string;
  readonly play: string;
  readonly name: string;
  readonly module: string;
  readonly item?: string | undefined;
  readonly finding: Finding;
}

/** What was found, as it may be shown: of a task under `no_log` only how bad it is. */
export function findingsOf(tasks: readonly PlannedTask[]): readonly TaskFinding[] {
  return tasks.flatMap((task) => {
    const finding = shownFinding(task);
    if (finding === undefined) return [];
    const { host, id, play, name, module, item } = task;
    return [{ host, id, play, name, module, ...(item !== undefined && { item }), finding }];
  });
}

export function shownFinding({ finding, noLog }: Pick<PlannedTask, 'finding' | 'noLog'>): Finding | undefined {
  if (finding === undefined || !noLog) return finding;
  return { level: finding.level, summary: '(hidden: no_log)' };
}
