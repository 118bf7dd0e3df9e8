import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Diagnostic, error } from '../language/diagnostics.ts';
import type { TaskFinding } from '../planning/finding.ts';
import type { Instance } from '../planning/instance.ts';
import { moment } from '../planning/moment.ts';
import type { PlannedStep, RunEvent } from '../planning/plan.ts';
import { entryOf, type Numbered, type Piece } from './program.ts';
import type { RunNote } from './store.ts';

/** What stands at the head of a run's journal. */
export interface RunHead extends RunNote {
  /** Missing: something was applied. */
  readonly command?: 'audit';
  /** The inventories, as they were named; none: the default one. */
  readonly inventory: readonly string[];
  /** What the playbook's repository had checked out, if it is in one. */
  readonly git?: { readonly commit: string; readonly dirty: boolean } | undefined;
}

export interface Journal {
  readonly dir: string;
  /** Flushed to the disk before it returns: what is about to be done. */
  intend(host: string, instances: readonly Instance[], pieces: readonly Piece[]): void;
  event(event: RunEvent): void;
  /** What a task of an audit came to. */
  found(finding: TaskFinding): void;
  /** A task as it was done, for whoever wants to see it later: a line of `diffs.jsonl`. */
  keep(task: object): void;
  /** How the run ended. */
  end(kind: string): void;
  close(): void;
}

/** Names a run, on the controller and on its hosts: when it began, and four random bytes. */
export function runId(startedAt: number): string {
  return `${moment(startedAt).replaceAll(':', '')}-${randomBytes(4).toString('hex')}`;
}

/** What is to be done cannot be written down first: then it is not done. */
export class JournalFault extends Error {
  override readonly name = 'JournalFault';
}

/** Why there will be no room for a journal below `root`, as far as can be told before it is needed. */
export function journalProblem(root: string): Diagnostic | undefined {
  let dir = join(root, 'runs');
  while (!existsSync(dir) && resolve(dir) !== '/') dir = dirname(dir);
  try {
    if (!statSync(dir).isDirectory()) return unwritable(dir, 'it is not a directory');
    accessSync(dir, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (thrown) {
    return unwritable(dir, (thrown as NodeJS.ErrnoException).code ?? String(thrown));
  }
}

function unwritable(dir: string, why: string): Diagnostic {
  const hint = 'An apply writes down what it is about to do, below the directory it is started in.';
  return error('file', `no journal can be written in ${dir === '.' ? 'this directory' : dir}: ${why}`, undefined, hint);
}

function orFault<T>(job: () => T): T {
  try {
    return job();
  } catch (thrown) {
    throw new JournalFault(`the journal cannot be written: ${(thrown as Error).message}`);
  }
}

/**
 * What a run did, one JSON object a line, append-only. The directory is its owner's alone; contents of files
 * and all that is secret stay out of it: each line goes through `mask`, which gives it back without secrets.
 */
export function openJournal(root: string, head: RunHead, mask: (text: string) => string): Journal {
  const dir = join(root, 'runs', head.id);
  orFault(() => mkdirSync(dir, { recursive: true, mode: 0o700 }));
  const file = orFault(() => openSync(join(dir, 'journal.jsonl'), 'wx', 0o600));
  const diffs = orFault(() => openSync(join(dir, 'diffs.jsonl'), 'wx', 0o600));
  /** As long as nothing is done nothing hangs on what is written, and it is written when it is convenient. */
  let intended = false;
  const waiting = new Map([
    [file, ''],
    [diffs, ''],
  ]);
  const flush = (to: number): void => {
    const text = waiting.get(to) as string;
    waiting.set(to, '');
    if (text !== '') orFault(() => writeSync(to, text));
  };
  const append = (to: number, entry: object): void => {
    waiting.set(to, waiting.get(to) + mask(`${JSON.stringify(entry)}\n`));
    if (intended) flush(to);
  };
  const write = (entry: object): void => append(file, { at: Date.now(), ...entry });
  write({ type: 'run', ...head });
  flush(file);
  return {
    dir,
    intend(host, instances, pieces) {
      const acting = instances.filter((instance) => instance.steps.length > 0);
      const tasks = acting.map((instance) => brief(instance, pieces, mask));
      if (tasks.length === 0) return;
      intended = true;
      write({ type: 'intend', host, tasks });
      orFault(() => fdatasyncSync(file));
    },
    event(event) {
      if (event.type === 'planned' || event.type === 'task-started') return;
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
    found: (finding) => write({ type: 'finding', ...finding }),
    keep: (task) => append(diffs, task),
    end(kind) {
      write({ type: 'end', kind });
    },
    close() {
      flush(file);
      flush(diffs);
      if (intended) fdatasyncSync(file);
      closeSync(file);
      closeSync(diffs);
    },
  };
}

function brief(instance: Instance, pieces: readonly Piece[], mask: (text: string) => string): object {
  const own = pieces.filter((piece) => piece.instance === instance);
  const numbers = own.flatMap((piece) => (piece.kind === 'transition' ? piece.changes : []));
  const { id, name, module, target, delegate } = instance;
  const hidden = instance.noLog || instance.steps.some((step) => isHidden(step, mask));
  return {
    id,
    name,
    module,
    user: target.identity.user,
    method: target.identity.method,
    connection: target.connection,
    remoteUser: target.remoteUser,
    delegate,
    entries: own.flatMap((piece) => entryOf(piece) ?? []),
    again: own.flatMap((piece) => (piece.kind === 'action' && piece.action.again ? (piece.n ?? []) : [])),
    hidden: hidden || undefined,
    steps: instance.noLog ? 'hidden' : instance.steps.map((step) => title(step, numbers)),
  };
}

/** Whoever takes the step back may not know which secrets it holds: then nothing of it is shown. */
function isHidden(step: PlannedStep, mask: (text: string) => string): boolean {
  if (step.kind === 'action') return false;
  const diff = step.change.ref.type.describe(step.change);
  const text = JSON.stringify(diff);
  return step.hidden === true || diff.secret === true || mask(text) !== text;
}

/** `n`: the change's number in the journal that the host keeps. */
function title(step: PlannedStep, numbers: readonly Numbered[]): object {
  if (step.kind === 'action') return { run: step.summary };
  const n = numbers.find(({ change }) => change === step.change)?.n;
  const { title: what, action, attributes, secret } = step.change.ref.type.describe(step.change);
  return { n, [action]: what, ...(secret ? {} : { attributes }) };
}
