import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

export interface Finished {
  /** Exit status; 128 + the signal's number stands for a death by signal, 124 for a timeout. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface RunOptions {
  readonly input?: string | Uint8Array | undefined;
  /** The whole environment; undefined: this process's. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string | undefined;
  /** After it the program and what it started are killed. */
  readonly timeoutMs?: number | undefined;
}

/** What this process has started: it does not outlive it. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) killGroup(child);
});

/** Runs a program to its end; its failure is a value. Throws if it cannot be started. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [program = '', ...args] = argv;
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env ?? process.env, detached: true });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let timedOut = false;
    child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
    child.stdin.on('error', () => {}); // a program need not read its input
    child.stdin.end(options.input ?? '');
    running.add(child);
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child);
    }, options.timeoutMs ?? 600_000);
    const settle = () => {
      clearTimeout(timer);
      running.delete(child);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('close', (code, signal) => {
      settle();
      resolve({
        code: timedOut ? 124 : (code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        ms: performance.now() - started,
      });
    });
  });
}

/** As `run`, for programs that only fail when something is broken. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options);
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}\n${stdout}${stderr}`);
  return stdout;
}

/** The same without a loop to wait in, for clean-up while the process ends. */
export function runSync(argv: readonly string[]): { readonly code: number; readonly stderr: string } {
  const [program = '', ...args] = argv;
  const { status, stderr, error } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 20_000 });
  return { code: status ?? 128, stderr: error === undefined ? stderr.toString() : String(error) };
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Names one process for ever: a pid alone is given again to another. */
export interface ProcessMark {
  readonly pid: number;
  /** In clock ticks since the boot (field 22 of /proc/PID/stat). */
  readonly start: string;
  readonly boot: string;
}

export function markOf(pid: number): ProcessMark | null {
  const start = startOf(pid);
  return start === null ? null : { pid, start, boot: bootId() };
}

/** Zombies count as gone. */
export function isAlive(mark: ProcessMark): boolean {
  return mark.boot === bootId() && startOf(mark.pid) === mark.start;
}

/** Does nothing where the process is gone. */
export function kill(mark: ProcessMark, signal: NodeJS.Signals): void {
  if (!isAlive(mark)) return;
  try {
    process.kill(mark.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
