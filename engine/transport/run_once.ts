import { type Entry, enter, startOf } from './become.ts';
import { becomeRefusal } from './become_refusal.ts';
import { TransportError } from './connection.ts';
import type { Link, RemoteProcess } from './link.ts';
import type { Sh } from './sh.ts';

const OUTPUT_LIMIT = 64 * 1024;

export interface Outcome {
  readonly status: number | null;
  readonly stderr: string;
}

export interface OnceOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/** Runs a program as an identity, on a channel of its own, from its stdin. */
export async function runOnce(link: Link, entry: Entry, program: Sh, options: OnceOptions = {}): Promise<Outcome> {
  return await run(link, entry, undefined, [Buffer.from(program.text)], options);
}

/** Runs a one-line script as an identity with data on its stdin. */
export async function feedOnce(
  link: Link,
  entry: Entry,
  script: Sh,
  data: Iterable<Uint8Array>,
  options: OnceOptions = {},
): Promise<Outcome> {
  return await run(link, entry, script.text, data, options);
}

async function run(
  link: Link,
  entry: Entry,
  script: string | undefined,
  data: Iterable<Uint8Array>,
  options: OnceOptions,
): Promise<Outcome> {
  const start = startOf(entry, script);
  const process = await link.exec(start.command);
  if (start.gate !== undefined) await enter(process, entry, start.gate, options.signal);
  let stderr = '';
  process.stderr.on('data', (chunk: Uint8Array) => {
    if (stderr.length < OUTPUT_LIMIT) stderr += Buffer.from(chunk).toString('utf8');
  });
  process.stderr.resume();
  process.stdout.resume();
  const cut = cutter(process, options);
  void send(process, data);
  const ended = await process.ended;
  const broken = cut.stop() ?? lost(link);
  if (broken !== undefined) throw broken;
  if (ended.status === null && ended.signal === null) throw becomeRefusal(entry, stderr, ended);
  return { status: ended.status, stderr };
}

/** Writes as fast as the other side reads. Ends without a word where that has gone: `ended` tells. */
async function send(process: RemoteProcess, data: Iterable<Uint8Array>): Promise<void> {
  const { stdin } = process;
  const gone = process.ended.then(() => true);
  for (const chunk of data) {
    if (stdin.write(chunk)) continue;
    const drained = new Promise<boolean>((resolve) => stdin.once('drain', () => resolve(false)));
    if (await Promise.race([drained, gone])) return;
  }
  stdin.end();
}

function cutter(process: RemoteProcess, options: OnceOptions): { stop(): TransportError | undefined } {
  let broken: TransportError | undefined;
  const cut = (error: TransportError) => {
    broken ??= error;
    process.destroy();
  };
  const onAbort = () => cut(new TransportError('interrupted', 'interrupted'));
  const { timeoutMs } = options;
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => cut(new TransportError('timeout', `no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  if (options.signal?.aborted === true) onAbort();
  else options.signal?.addEventListener('abort', onAbort, { once: true });
  return {
    stop() {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      return broken;
    },
  };
}

function lost(link: Link): TransportError | undefined {
  const why = link.failure();
  return why === undefined ? undefined : new TransportError('lost', why);
}
