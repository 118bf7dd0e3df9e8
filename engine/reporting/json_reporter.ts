import { shownFinding } from '../planning/finding.ts';
import type { PlannedStep, PlannedTask, RunEvent, TaskResult } from '../planning/plan.ts';
import { placeOf } from './place.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { shownDiff } from './shown_diff.ts';

/** For programs: one JSON object a line, as schemas/events.schema.json says. What is secret is left out. */
export function createJsonReporter(options: ReporterOptions): Reporter {
  return {
    event(event) {
      options.out.write(`${JSON.stringify(shape(event, options.secrets.mask))}\n`);
    },
    planned: async () => {},
    close: async () => {},
  };
}

/** An event as it is printed: what scripts/schemas/events_schema.ts describes, field by field. */
export type JsonEvent = ReturnType<typeof shape>;

type Mask = (text: string) => string;

function shape(event: RunEvent, mask: Mask) {
  switch (event.type) {
    case 'planned':
      return { type: event.type, host: event.host, tasks: event.tasks.map((task) => taskShape(task, mask)) };
    case 'task-started':
      return { type: event.type, ...identity(event.task) };
    case 'task-finished':
      return { type: event.type, ...resultShape(event.result) };
    default:
      return event;
  }
}

function identity(task: PlannedTask) {
  const { id, host, delegate, play, name, item, module, handler } = task;
  return { id, host, delegate, play, name, item, module, handler, place: placeOf(task), user: task.identity.user };
}

function taskShape(task: PlannedTask, mask: Mask) {
  const { status, waitsFor, message, warnings, noLog } = task;
  const told = noLog ? { hidden: 'no_log' } : { message };
  return {
    ...identity(task),
    status,
    waitsFor,
    warnings,
    finding: shownFinding(task),
    ...told,
    steps: task.steps.map((step) => stepShape(step, noLog, mask)),
  };
}

function stepShape(step: PlannedStep, noLog: boolean, mask: Mask) {
  if (step.kind === 'action') return noLog ? { run: 'hidden' } : { run: step.summary };
  const { change } = step;
  const { title, action, secret, attributes, content } = shownDiff(step, mask);
  const access = change.ref.type.access?.(change.ref.id) || undefined;
  if (noLog || secret) return { action, title, access, hidden: noLog ? 'no_log' : 'secret' };
  return { action, title, access, attributes, content };
}

function resultShape(result: TaskResult) {
  const { task, outcome, failure, ms } = result;
  const told = task.noLog ? { hidden: 'no_log' } : { message: task.message, result: result.result, failure };
  return { ...identity(task), outcome, ms: Math.round(ms), finding: shownFinding(task), ...told };
}
