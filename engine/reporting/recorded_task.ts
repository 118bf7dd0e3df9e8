import type { Diff, ResourceType } from '../planning/contracts.ts';
import type { PlannedStep, PlannedTask, TaskResult } from '../planning/plan.ts';
import { shownDiff } from './shown_diff.ts';

/** A task as it was done, without what nobody may see: plain data, to be shown again later. */
export interface RecordedTask {
  readonly id: string;
  readonly host: string;
  readonly delegate?: string | undefined;
  readonly play: string;
  readonly name: string;
  readonly module: string;
  readonly handler: boolean;
  readonly item?: string | undefined;
  readonly outcome: TaskResult['outcome'];
  readonly noLog: boolean;
  readonly steps: readonly RecordedStep[];
}

type RecordedStep = { readonly run: string } | (Diff & { readonly access?: true });

/** `undefined`: it did nothing that there is to see. */
export function recordTask({ task, outcome }: TaskResult, mask: (text: string) => string): RecordedTask | undefined {
  if (outcome === 'ok' || outcome === 'skipped' || task.steps.length === 0) return undefined;
  const { id, host, delegate, play, name, module, handler, item, noLog } = task;
  const steps = task.steps.map((step) => recordStep(step, noLog, mask));
  return { id, host, delegate, play, name, module, handler, item, outcome, noLog, steps };
}

function recordStep(step: PlannedStep, noLog: boolean, mask: (text: string) => string): RecordedStep {
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
