import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from '../planning/instance.ts';
import type { PlannedStep, RunEvent } from '../planning/plan.ts';

export interface Journal {
  readonly dir: string;
  /** Flushed to the disk before it returns: what is about to be done. */
  intend(host: string, instances: readonly Instance[]): void;
  event(event: RunEvent): void;
  close(): void;
}

/**
 * What a run did, one JSON object a line, append-only. The directory is its owner's alone; contents of files
 * and all that is secret stay out of it: each line goes through `mask`, which gives it back without secrets.
 */
export function openJournal(root: string, startedAt: number, mask: (text: string) => string): Journal {
  const time = new Date(startedAt)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '');
  const dir = join(root, 'runs', `${time}-${randomBytes(4).toString('hex')}`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = openSync(join(dir, 'journal.jsonl'), 'wx', 0o600);
  const write = (entry: object): void => {
    writeSync(file, mask(`${JSON.stringify({ at: Date.now(), ...entry })}\n`));
  };
  return {
    dir,
    intend(host, instances) {
      const tasks = instances.filter((instance) => instance.steps.length > 0).map(brief);
      if (tasks.length === 0) return;
      write({ type: 'intend', host, tasks });
      fdatasyncSync(file);
    },
    event(event) {
      if (event.type === 'planned' || event.type === 'host-looked' || event.type === 'task-started') return;
      if (event.type !== 'task-finished') return write(event);
      const { task, outcome, failure, ms } = event.result;
      const why =
        failure && !task.noLog ? { message: failure.message, left: failure.left } : failure && { message: 'hidden' };
      write({
        type: event.type,
        host: task.host,
        id: task.id,
        name: task.name,
        outcome,
        ms: Math.round(ms),
        failure: why,
      });
    },
    close() {
      fdatasyncSync(file);
      closeSync(file);
    },
  };
}

function brief(instance: Instance): object {
  const { id, name, module, identity, delegate } = instance;
  return {
    id,
    name,
    module,
    user: identity.user,
    delegate,
    steps: instance.noLog ? 'hidden' : instance.steps.map(title),
  };
}

function title(step: PlannedStep): object {
  if (step.kind === 'action') return { run: step.summary };
  const { title: what, action, attributes, secret } = step.change.ref.type.describe(step.change);
  return { [action]: what, ...(secret ? {} : { attributes }) };
}
