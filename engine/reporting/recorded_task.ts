import type { Diff, ResourceType } from '../planning/contracts.ts';
import { type Finding, shownFinding } from '../planning/finding.ts';
import type { Outcome, PlannedStep, PlannedTask, TaskFailure, TaskResult } from '../planning/plan.ts';
import { placeOf } from './place.ts';
import { shownDiff } from './shown_diff.ts';

/** A task as it was done or planned, without what nobody may see: plain data, to be shown again later. */
export interface RecordedTask {
  readonly id: string;
  readonly host: string;
  readonly delegate?: string | undefined;
  readonly play: string;
  readonly name: string;
  readonly module: string;
  readonly handler: boolean;
  readonly item?: string | undefined;
  /** Where it is written: `file:line`. */
  readonly place: string;
  /** `pending`, `provisional`: it has not been done. */
  readonly outcome: Outcome | 'pending' | 'provisional';
  readonly noLog: boolean;
  /** What changed, or would; none where it is in order. */
  readonly steps: readonly RecordedStep[];
  readonly message?: string | undefined;
  /** Names of the tasks that a provisional one waits for. */
  readonly waitsFor?: readonly string[] | undefined;
  readonly warnings?: readonly string[] | undefined;
  readonly finding?: Finding | undefined;
  readonly failure?: TaskFailure | undefined;
  /** When it ended, in milliseconds since 1970, and how long it took. */
  readonly at?: number | undefined;
  readonly ms?: number | undefined;
}

export type RecordedStep = { readonly run: string } | (Diff & { readonly access?: true });

type Mask = (text: string) => string;

/** `at`: when it ended. */
export function recordTask({ task, outcome, failure, ms }: TaskResult, mask: Mask, at: number): RecordedTask {
  return { ...told(task, outcome, mask), failure: failure && toldFailure(failure, task), at, ms: Math.round(ms) };
}

/** A task that was planned and not done. */
export function recordPlanned(task: PlannedTask, mask: Mask): RecordedTask {
  const waitsFor = task.status === 'provisional' ? task.waitsFor : undefined;
  const failure =
    task.status === 'fail' ? toldFailure({ message: task.message ?? 'it cannot be done' }, task) : undefined;
  return { ...told(task, planned(task), mask), waitsFor, failure, ...(failure && { message: undefined }) };
}

function planned(task: PlannedTask): RecordedTask['outcome'] {
  switch (task.status) {
    case 'ok':
      return 'ok';
    case 'skip':
      return 'skipped';
    case 'fail':
      return task.caught ?? 'failed';
    case 'change':
      return 'pending';
    case 'provisional':
      return 'provisional';
  }
}

function told(task: PlannedTask, outcome: RecordedTask['outcome'], mask: Mask): RecordedTask {
  const { id, host, delegate, play, name, module, handler, item, noLog, message, warnings } = task;
  const idle = outcome === 'ok' || outcome === 'skipped';
  return {
    ...{ id, host, delegate, play, name, module, handler, item, place: placeOf(task), outcome, noLog },
    steps: idle ? [] : task.steps.map((step) => recordStep(step, noLog, mask)),
    warnings: warnings.length > 0 ? warnings : undefined,
    finding: shownFinding(task),
    ...(!noLog && { message }),
  };
}

function toldFailure({ left, ...failure }: TaskFailure, { noLog }: PlannedTask): TaskFailure {
  return { ...(noLog ? { message: '(hidden: no_log)' } : failure), ...(left !== undefined && { left }) };
}

/** Whether it did something that there is to see. */
export function hasActed({ outcome, steps }: RecordedTask): boolean {
  return steps.length > 0 && outcome !== 'pending' && outcome !== 'provisional';
}

function recordStep(step: PlannedStep, noLog: boolean, mask: Mask): RecordedStep {
  if (step.kind === 'action') return { run: noLog ? 'hidden' : step.summary };
  const { title, action, secret, attributes, content } = shownDiff(step, mask);
  const access = step.change.ref.type.access?.(step.change.ref.id) ? { access: true as const } : {};
  if (noLog || secret) return { title, action, ...access, secret: true, attributes: [] };
  return { title, action, ...access, attributes, ...(content && { content }) };
}

/** A recorded task as a plan would show it. */
export function plannedAgain(task: RecordedTask): PlannedTask {
  const failed = task.outcome !== 'changed';
  return {
    id: task.id,
    host: task.host,
    ...(task.delegate !== undefined && { delegate: task.delegate }),
    play: task.play,
    name: task.name,
    module: task.module,
    handler: task.handler,
    ...(task.item !== undefined && { item: task.item }),
    identity: { user: null, method: 'sudo' },
    status: 'change',
    steps: task.steps.map(stepAgain),
    waitsFor: [],
    open: false,
    caught: undefined,
    ...(failed && { message: `it did not come to its end: ${task.outcome}` }),
    warnings: [],
    noLog: task.noLog,
    result: {},
    span: { source: { path: '', text: '' }, start: 0, end: 0 },
  };
}

const NOTHING = { text: '', attachments: [] };

function stepAgain(step: RecordedStep): PlannedStep {
  if ('run' in step) {
    return {
      kind: 'action',
      summary: step.run,
      script: NOTHING,
      disturbs: 'nothing',
      changed: true,
      result: () => ({}),
    };
  }
  const type: ResourceType<unknown> = {
    name: 'recorded',
    collect: () => NOTHING,
    parse: () => [],
    transition: () => NOTHING,
    describe: () => step,
    access: () => step.access === true,
  };
  return {
    kind: 'change',
    change: { ref: { type, id: step.title, aspects: [] }, before: null, after: null, options: {} },
  };
}
