import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../test/lab/controllers.ts';
import type { Finished } from '../../test/lab/process.ts';

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('no values');
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export type Contender = () => Promise<Finished>;

/**
 * Median milliseconds of each, all taken in turns so that what else the machine does falls on all of them alike.
 * @param warmUps turns before those that count
 */
export async function takeTurns<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  rounds: number,
  warmUps = 1,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[];
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < warmUps + rounds; round++) {
    for (const name of names) {
      const finished = await contenders[name]();
      requireSuccess(name, finished);
      if (round >= warmUps) times.get(name)?.push(finished.ms);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<Name, number>;
}

export function requireSuccess(name: string, { code, stdout, stderr }: Finished): void {
  if (code !== 0) throw new Error(`${name}: exit ${code}\n${stdout}${stderr}`);
}

export interface Weighed {
  readonly ms: number;
  /** MB. */
  readonly memory: number;
}

/**
 * The most memory that a program and everything it starts hold at one time: shared pages counted once, looked at
 * every `everyMs`; and at least what the largest of its processes held by the kernel's own count.
 */
export async function weigh({ argv, env, cwd }: Command, everyMs: number): Promise<Weighed> {
  const dir = mkdtempSync(join(tmpdir(), 'runbook-bench-'));
  const report = join(dir, 'time');
  const started = performance.now();
  const child = spawn('time', ['-f', '%M', '-o', report, ...argv], { env, cwd, stdio: 'ignore' });
  let peakKb = 0;
  const timer = setInterval(() => {
    peakKb = Math.max(
      peakKb,
      childrenOf(child.pid ?? 0).reduce((sum, pid) => sum + memoryOfTree(pid), 0),
    );
  }, everyMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const ms = performance.now() - started;
    if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}`);
    const largestKb = Number(readFileSync(report, 'utf8').trim().split('\n').at(-1));
    return { ms, memory: Math.max(peakKb, largestKb) / 1024 };
  } finally {
    clearInterval(timer);
    rmSync(dir, { recursive: true });
  }
}

function memoryOfTree(pid: number): number {
  const own = /^Pss:\s+(\d+) kB/m.exec(readOrEmpty(`/proc/${pid}/smaps_rollup`))?.[1];
  return childrenOf(pid).reduce((sum, child) => sum + memoryOfTree(child), Number(own ?? 0));
}

function childrenOf(pid: number): number[] {
  return readOrEmpty(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** Processes end while they are looked at. */
function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
