import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type BatchParser, createBatchParser, OUTPUT_LIMIT, preamble, program } from './batch.ts';
import { type Entry, enter, startOf } from './become.ts';
import { becomeRefusal } from './become_refusal.ts';
import { type Answer, type AskOptions, TransportError } from './connection.ts';
import type { Ended, Link, RemoteProcess } from './link.ts';
import type { Sh } from './sh.ts';
import { stopQuestion } from './stop.ts';

/** How long a shell may take to end by itself once its question has been stopped. */
const GRACE_MS = 3_000;

/** What a shell may take to start, before the time of its first question begins to count. */
const START_MS = 30_000;

/** One running `sh` on a host. */
export interface Session {
  /** Name of its staging directory, which it removes when it ends. */
  readonly stage: string;
  /** Names of the attachments that are in there. */
  readonly staged: Set<string>;
  readonly alive: () => boolean;
  /** One batch at a time. Rejects with a TransportError; what had been answered before went to `onAnswer`. */
  run(questions: readonly Sh[], options: AskOptions): Promise<readonly (Answer | null)[]>;
  /** Ends the shell, and first what it is at; its batch rejects with the reason. Resolves when it is gone. */
  end(reason: TransportError): Promise<void>;
}

/** Starts a `sh` as the entry's user. It costs one exec and waits for nothing more, unless a password may be asked. */
export async function startSession(link: Link, entry: Entry, signal: AbortSignal | undefined): Promise<Session> {
  const start = startOf(entry);
  const process = await link.exec(start.command);
  if (start.gate !== undefined) await enter(process, entry, start.gate, signal);
  return createSession(link, entry, process);
}

/** A batch under way. */
interface Batch {
  readonly parser: BatchParser;
  /** The question that is being answered. */
  readonly at: () => number;
  fail(error: TransportError): void;
}

function createSession(link: Link, entry: Entry, process: RemoteProcess): Session {
  const stage = `runbook-${randomBytes(16).toString('hex')}`;
  const staged = new Set<string>();
  let introduction = preamble(stage).text;
  let pid: number | undefined;
  let announce = (): void => {};
  const begun = new Promise<void>((resolve) => {
    announce = resolve;
  });
  let batch: Batch | undefined;
  let ended: Ended | undefined;
  /** Why it is being ended by us. */
  let ending: TransportError | undefined;

  process.stdout.on('data', (chunk: Uint8Array) => batch?.parser.stdout(chunk)).resume();
  process.stderr.on('data', (chunk: Uint8Array) => batch?.parser.stderr(chunk)).resume();
  process.stdin.on('error', () => {}); // `ended` tells
  void process.ended.then((how) => {
    ended = how;
    batch?.fail(endOfShell(batch, how));
  });

  function endOfShell(at: Batch, how: Ended): TransportError {
    if (ending !== undefined) return ending;
    const gone = link.failure();
    if (gone !== undefined) return new TransportError('lost', gone);
    if (pid === undefined) return becomeRefusal(entry, at.parser.noise(), how);
    const by = how.signal !== null ? `by ${how.signal}` : `with status ${how.status ?? 'unknown'}`;
    return new TransportError(
      'lost',
      `the shell on ${entry.host} was ended ${by} while it ran question ${at.at() + 1}`,
      'What it runs killed its own shell, or the host is out of memory or shutting down.',
    );
  }

  /** Tells whether the question is over; the shell may go on. */
  async function stop(shell: boolean): Promise<boolean> {
    if (pid === undefined) await Promise.race([begun, process.ended, delay(GRACE_MS, undefined, { ref: false })]);
    return pid !== undefined && ended === undefined ? await stopQuestion(link, entry, pid, shell) : ended !== undefined;
  }

  return {
    stage,
    staged,
    alive: () => ended === undefined && ending === undefined,

    run(questions, options) {
      const mark = randomBytes(16).toString('hex');
      return new Promise((resolve, reject) => {
        const watch = createWatch(questions.length, options);
        const answers: (Answer | null)[] = questions.map(() => null);
        let count = 0;
        let since = performance.now();
        const late = new Map<number, TransportError>();

        const settle = (outcome: TransportError | undefined): void => {
          if (batch !== current) return;
          batch = undefined;
          watch.stop();
          const [first] = late.values();
          if (first !== undefined || outcome !== undefined) reject(first ?? outcome);
          else resolve(answers);
        };

        const parser = createBatchParser(mark, {
          onBegin(number) {
            pid = number;
            announce();
            since = performance.now();
            watch.next(0);
          },
          onAnswer(index, answer) {
            const now = performance.now();
            const timed: Answer = { ...answer, ms: Math.round(now - since) };
            since = now;
            count = index + 1;
            watch.next(count);
            if (late.has(index)) return;
            answers[index] = timed;
            try {
              options.onAnswer?.(index, timed);
            } catch (bug) {
              batch = undefined;
              watch.stop();
              reject(bug);
              process.destroy();
            }
          },
          onEnd: () => settle(undefined),
          onFault(message) {
            settle(new TransportError('lost', `the answer of ${entry.host} cannot be used: ${message}`, FAULT_HINT));
            void link.close();
          },
        });
        const current: Batch = { parser, at: () => count, fail: settle };
        batch = current;

        watch.start({
          onTimeout(question, ms) {
            late.set(question, timeoutError(entry, question, questions.length, ms));
            // Where a failure stops the batch, the shell has to go: what is told to end may well exit with 0.
            void stop(options.stopOnFailure === true).then(async (stopped) => {
              if (stopped) await Promise.race([process.ended, delay(GRACE_MS, undefined, { ref: false })]);
              if (batch !== current || count > question) return;
              late.set(question, cannotStop(late.get(question) as TransportError, entry));
              settle(undefined);
              process.destroy();
            });
          },
          onAbort: () => void end(new TransportError('interrupted', `interrupted on ${entry.host}`)),
        });
        process.stdin.write(introduction + program(questions, mark, options));
        introduction = '';
        if (ended !== undefined) settle(endOfShell(current, ended));
      });
    },

    end,
  };

  async function end(reason: TransportError): Promise<void> {
    ending ??= reason;
    const running = batch;
    if (ended === undefined && running !== undefined) {
      running.fail((await stop(true)) ? ending : cannotStop(ending, entry));
    }
    process.stdin.end();
    await Promise.race([process.ended, delay(GRACE_MS, undefined, { ref: false })]);
    process.destroy();
  }
}

const FAULT_HINT = `Answers may be ${OUTPUT_LIMIT / 1024 / 1024} MiB in all and follow the protocol of the program that was sent; the connection is closed.`;

function timeoutError(entry: Entry, question: number, count: number, ms: number): TransportError {
  const which = count === 1 ? '' : ` (question ${question + 1} of ${count})`;
  const error = new TransportError(
    'timeout',
    `no answer from ${entry.host} within ${ms / 1000} s${which}; it was stopped`,
  );
  error.question = question;
  return error;
}

function cannotStop(error: TransportError, entry: Entry): TransportError {
  const said = new TransportError(
    error.fault,
    error.message.replace(/; it was stopped$/, ''),
    `What it runs on ${entry.host} could not be stopped and may still be running there.`,
  );
  said.question = error.question;
  return said;
}

interface WatchEvents {
  onTimeout(question: number, ms: number): void;
  onAbort(): void;
}

interface Watch {
  start(events: WatchEvents): void;
  /** The question that is being answered from now on. */
  next(question: number): void;
  stop(): void;
}

/** The clock of a batch's questions, and its interrupt. */
function createWatch(count: number, options: AskOptions): Watch {
  const { timeoutMs, signal } = options;
  let timer: NodeJS.Timeout | undefined;
  let events: WatchEvents | undefined;
  const onAbort = () => events?.onAbort();
  function next(question: number, ms = timeoutMs): void {
    clearTimeout(timer);
    if (ms === undefined || question >= count) return;
    timer = setTimeout(() => events?.onTimeout(question, ms), ms);
  }
  return {
    start(all) {
      events = all;
      if (signal?.aborted === true) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      if (timeoutMs !== undefined) next(0, timeoutMs + START_MS);
    },
    next,
    stop() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}
