import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from '../planning/instance.ts';
import type { PlannedStep, RunEvent } from '../planning/plan.ts';
import type { Numbered, Piece } from './program.ts';

export interface Journal {
  readonly dir: string;
  /** Flushed to the disk before it returns: what is about to be done. */
  intend(host: string, instances: readonly Instance[], pieces: readonly Piece[]): void;
  event(event: RunEvent): void;
  close(): void;
}

/** Names a run, on the controller and on its hosts: when it began, and four random bytes. */
export function runId(startedAt: number): string {
  const time = new Date(startedAt).toISOString().replace(/\.\d+Z$/, 'Z');
  return `${time.replaceAll(':', '')}-${randomBytes(4).toString('hex')}`;
}

/**
 * What a run did, one JSON object a line, append-only. The directory is its owner's alone; contents of files
 * and all that is secret stay out of it: each line goes through `mask`, which gives it back without secrets.
 */
export function openJournal(root: string, id: string, mask: (text: string) => string): Journal {
  const dir = join(root, 'runs', id);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = openSync(join(dir, 'journal.jsonl'), 'wx', 0o600);
  const write = (entry: object): void => {
    writeSync(file, mask(`${JSON.stringify({ at: Date.now(), ...entry })}\n`));
  };
  return {
    dir,
    intend(host, instances, pieces) {
      const acting = instances.filter((instance) => instance.steps.length > 0);
      const tasks = acting.map((instance) => brief(instance, pieces));
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

function brief(instance: Instance, pieces: readonly Piece[]): object {
  const numbers = pieces.flatMap((piece) =>
    piece.instance === instance && piece.kind === 'transition' ? piece.changes : [],
  );
  const { id, name, module, identity, delegate } = instance;
  return {
    id,
    name,
    module,
    user: identity.user,
    delegate,
    steps: instance.noLog ? 'hidden' : instance.steps.map((step) => title(step, numbers)),
  };
}

/** `n`: the change's number in the journal that the host keeps. */
function title(step: PlannedStep, numbers: readonly Numbered[]): object {
  if (step.kind === 'action') return { run: step.summary };
  const n = numbers.find(({ change }) => change === step.change)?.n;
  const { title: what, action, attributes, secret } = step.change.ref.type.describe(step.change);
  return { n, [action]: what, ...(secret ? {} : { attributes }) };
}
