import { randomBytes } from 'node:crypto';
import { monotonicMs } from '../monotonic.ts';
import { type BatchAnswer, createBatchParser, OUTPUT_LIMIT, program } from './batch.ts';
import { type Answer, type AskOptions, TransportError } from './connection.ts';
import type { Sh } from './sh.ts';

/** What a batch wants of the shell that runs it. */
export interface BatchShell {
  readonly host: string;
  begun(pid: number): void;
  /** Ends the question that began at least so many milliseconds ago. Whether it is over. */
  stop(ageMs: number): Promise<boolean>;
  interrupt(): void;
  /** Cuts the shell off: nothing more is asked of it. */
  cut(reason: TransportError): void;
  /** It answers what nobody asked, or too much: nothing more is asked of the host. */
  distrust(reason: TransportError): void;
  /** Why a shell has not even begun, after this time. */
  slow(said: string): TransportError;
}

/** A batch under way. */
export interface BatchRun {
  /** For the shell's stdin. */
  readonly text: string;
  readonly done: Promise<readonly (Answer | null)[]>;
  stdout(chunk: Uint8Array): void;
  stderr(chunk: Uint8Array): void;
  /** What was said before it began. */
  noise(): string;
  /** Index of the question that is being answered. */
  at(): number;
  /** It is over, for this reason, if it was not before. */
  fail(error: TransportError): void;
}

/** What a shell may take to start. */
const START_MS = 60_000;

const LIMIT_HINT = `Answers may be ${OUTPUT_LIMIT / 1024 / 1024} MiB in all, and follow the program that was sent. The connection is closed.`;

export function startBatch(questions: readonly Sh[], options: AskOptions, shell: BatchShell): BatchRun {
  const mark = randomBytes(16).toString('hex');
  const answers: (Answer | null)[] = questions.map(() => null);
  const late = new Map<number, TransportError>();
  const { promise, resolve, reject } = pending<readonly (Answer | null)[]>();
  let count = 0;
  let since = monotonicMs();
  let over = false;
  let timer = setTimeout(() => lose(shell.slow(parser.noise())), START_MS);

  function settle(outcome?: unknown): void {
    if (over) return;
    over = true;
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', shell.interrupt);
    const [first] = late.values();
    if (first !== undefined || outcome !== undefined) reject(first ?? outcome);
    else resolve(answers);
  }

  function lose(error: TransportError): void {
    settle(error);
    shell.cut(error);
  }

  /** The clock of the question that comes next. */
  function next(): void {
    clearTimeout(timer);
    const { timeoutMs } = options;
    if (timeoutMs !== undefined && count < questions.length)
      timer = setTimeout(() => void expire(timeoutMs), timeoutMs);
  }

  async function expire(ms: number): Promise<void> {
    const question = count;
    late.set(question, timeout(question, ms, true));
    // By half of its time the question is told from one that has begun since.
    const stopped = await shell.stop(ms / 2);
    if (over || count > question) return;
    if (!stopped) late.set(question, timeout(question, ms, false));
    lose(late.get(question) as TransportError);
  }

  function timeout(question: number, ms: number, stopped: boolean): TransportError {
    const which = questions.length === 1 ? '' : ` (question ${question + 1} of ${questions.length})`;
    const message = `no answer from ${shell.host} within ${ms / 1000} s${which}`;
    const error = stopped
      ? new TransportError('timeout', `${message}; it was stopped`)
      : new TransportError('timeout', message, stillRunning(shell.host));
    error.question = question;
    return error;
  }

  function onAnswer(index: number, answer: BatchAnswer): void {
    const now = monotonicMs();
    const timed: Answer = { ...answer, ms: Math.round(now - since) };
    since = now;
    count = index + 1;
    next();
    if (over || late.has(index)) return;
    answers[index] = timed;
    try {
      options.onAnswer?.(index, timed);
    } catch (bug) {
      settle(bug);
      shell.cut(new TransportError('lost', `the shell on ${shell.host} was cut off`));
    }
  }

  const parser = createBatchParser(mark, {
    onBegin(pid) {
      shell.begun(pid);
      since = monotonicMs();
      next();
    },
    onAnswer,
    onEnd: () => settle(),
    onFault(message) {
      const error = new TransportError('lost', `the answer of ${shell.host} cannot be used: ${message}`, LIMIT_HINT);
      settle(error);
      shell.distrust(error);
    },
  });
  options.signal?.addEventListener('abort', shell.interrupt, { once: true });
  return {
    text: program(questions, mark, options),
    done: promise,
    stdout: parser.stdout,
    stderr: parser.stderr,
    noise: parser.noise,
    at: () => count,
    fail: settle,
  };
}

export function stillRunning(host: string): string {
  return `What it runs on ${host} could not be stopped and may still be running there.`;
}

interface Pending<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

function pending<T>(): Pending<T> {
  let resolve: Pending<T>['resolve'] = () => {};
  let reject: Pending<T>['reject'] = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
