import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { preamble } from './batch.ts';
import { type BatchRun, type BatchShell, startBatch, stillRunning } from './batch_run.ts';
import { type Entry, enter, startOf } from './become.ts';
import { becomeRefusal, slowBecome } from './become_refusal.ts';
import { type Answer, type AskOptions, TransportError } from './connection.ts';
import type { Ended, Link, RemoteProcess } from './link.ts';
import type { Sh } from './sh.ts';
import { stopQuestion } from './stop.ts';

/** How long a shell may take to go on, or to end, once its question has been stopped. */
const GRACE_MS = 3_000;

/** One running `sh` on a host. */
export interface Session {
  /** Name of its staging directory, which it removes when it ends. */
  readonly stage: string;
  /** Names of the attachments that are in there. */
  readonly staged: Set<string>;
  alive(): boolean;
  /** Whether it has been heard of: it is not refused any more. */
  begun(): boolean;
  /** One batch at a time. Rejects with a TransportError; what had been answered before went to `onAnswer`. */
  run(questions: readonly Sh[], options: AskOptions): Promise<readonly (Answer | null)[]>;
  /** Ends the shell, and first what it is at; its batch rejects with the reason. Resolves when it is gone. */
  end(reason: TransportError): Promise<void>;
  /**
   * As `end`, for a link that is closed next: an idle shell without files to remove has only to see its stdin end,
   * which the link's own end brings about, and is not waited for.
   */
  leave(reason: TransportError): Promise<void>;
}

/** Starts a `sh` as the entry's user. It costs one exec and waits for nothing more, unless a password may be asked. */
export async function startSession(link: Link, entry: Entry, signal: AbortSignal | undefined): Promise<Session> {
  const start = startOf(entry);
  const process = await link.exec(start.command);
  if (start.gate !== undefined) await enter(process, entry, start.gate, signal);
  return createSession(link, entry, process);
}

function createSession(link: Link, entry: Entry, process: RemoteProcess): Session {
  const stage = `runbook-${randomBytes(16).toString('hex')}`;
  const staged = new Set<string>();
  let introduction = preamble(stage).text;
  let batch: BatchRun | undefined;
  let pid: number | undefined;
  let ended: Ended | undefined;
  /** Why it is being ended by us. */
  let ending: TransportError | undefined;

  process.stdout.on('data', (chunk: Uint8Array) => batch?.stdout(chunk)).resume();
  process.stderr.on('data', (chunk: Uint8Array) => batch?.stderr(chunk)).resume();
  process.stdin.on('error', () => {}); // `ended` tells
  void process.ended.then((how) => {
    ended = how;
    batch?.fail(causeOfDeath(batch, how));
  });

  function causeOfDeath(running: BatchRun, how: Ended): TransportError {
    if (ending !== undefined) return ending;
    const gone = link.failure();
    if (gone !== undefined) return new TransportError('lost', gone);
    if (pid === undefined) return becomeRefusal(entry, running.noise(), how);
    const by = how.signal !== null ? `by ${how.signal}` : `with status ${how.status ?? 'unknown'}`;
    return new TransportError(
      'lost',
      `the shell on ${entry.host} was ended ${by} while it ran question ${running.at() + 1}`,
      'What it runs killed its own shell, or the host is out of memory or shutting down.',
    );
  }

  function cut(reason: TransportError): void {
    ending ??= reason;
    process.destroy();
  }

  /** Ends the question, and the shell too if told so. Whether that is over; one that has not begun is waited for. */
  async function stop(ageMs: number, shell: boolean): Promise<boolean> {
    for (let waited = 0; pid === undefined && ended === undefined && waited < GRACE_MS; waited += 50) await delay(50);
    if (ended !== undefined) return true;
    return pid !== undefined && (await stopQuestion(link, entry, { pid, ageMs, shell }));
  }

  function shellOf(options: AskOptions): BatchShell {
    return {
      host: entry.host,
      begun(number) {
        pid = number;
      },
      async stop(ageMs) {
        // Where a failure stops the batch, the shell has to go: what is told to end may well exit with 0.
        const stopped = await stop(ageMs, options.stopOnFailure === true);
        if (stopped) await Promise.race([process.ended, delay(GRACE_MS, undefined, { ref: false })]);
        return stopped;
      },
      interrupt: () => void end(new TransportError('interrupted', `interrupted on ${entry.host}`)),
      cut,
      distrust(reason) {
        cut(reason);
        void link.close();
      },
      slow: (said) => slowBecome(entry, said),
    };
  }

  async function end(reason: TransportError): Promise<void> {
    ending ??= reason;
    const running = batch;
    if (ended === undefined && running !== undefined) {
      const stopped = await stop(0, true);
      running.fail(stopped ? ending : new TransportError(ending.fault, ending.message, stillRunning(entry.host)));
    }
    process.stdin.end();
    await Promise.race([process.ended, delay(GRACE_MS, undefined, { ref: false })]);
    process.destroy();
  }

  return {
    stage,
    staged,
    alive: () => ended === undefined && ending === undefined,
    begun: () => pid !== undefined,
    async run(questions, options) {
      const running = startBatch(questions, options, shellOf(options));
      batch = running;
      process.stdin.write(introduction + running.text);
      introduction = '';
      if (ended !== undefined) running.fail(causeOfDeath(running, ended));
      try {
        return await running.done;
      } finally {
        batch = undefined;
      }
    },
    end,
    async leave(reason) {
      if (batch !== undefined || staged.size > 0) return await end(reason);
      ending ??= reason;
      process.stdin.end();
    },
  };
}
