import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleepSync } from './process.ts';

/**
 * A control group for each host. Sharing one, hosts would share the groups of their services too: one host's
 * `systemctl stop ssh` would wait for the other's sshd.
 */
export function makeCgroup(name: string): string {
  const dir = join(mountPoint(), name);
  mkdirSync(dir, { recursive: true });
  return dir;
}

/** All processes of the group are killed, at once and together. */
export function killCgroup(dir: string): void {
  if (!existsSync(dir)) return;
  writeFileSync(join(dir, 'cgroup.kill'), '1');
  for (let wait = 0; isPopulated(dir); wait++) {
    if (wait > 1000) throw new Error(`processes of ${dir} do not end`);
    sleepSync(5);
  }
  remove(dir);
}

export function freezeCgroup(dir: string, frozen: boolean): void {
  writeFileSync(join(dir, 'cgroup.freeze'), frozen ? '1' : '0');
}

/** The pid (out here) of the first process of the pid namespace that lies in the group: the host's systemd. */
export function initOf(dir: string): number | null {
  for (const pid of processesBelow(dir)) {
    const ids = statusField(pid, 'NSpid')?.split(/\s+/) ?? [];
    if (ids.length > 1 && ids.at(-1) === '1') return pid;
  }
  return null;
}

function processesBelow(dir: string): number[] {
  const own = readOr(join(dir, 'cgroup.procs'), '').split('\n').filter(Boolean).map(Number);
  return [...own, ...folders(dir).flatMap((name) => processesBelow(join(dir, name)))];
}

function statusField(pid: number, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readOr(`/proc/${pid}/status`, ''))?.[1];
}

const isPopulated = (dir: string): boolean => readOr(join(dir, 'cgroup.events'), '').includes('populated 1');

function remove(dir: string): void {
  for (const name of folders(dir)) remove(join(dir, name));
  try {
    rmdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function folders(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // a unit of the host that has just ended
    throw error;
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

function mountPoint(): string {
  const line = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((text) => text.includes(' - cgroup2 '));
  const dir = line?.split(' ')[4];
  if (dir === undefined) throw new Error('the lab needs cgroup2 to be mounted');
  return dir;
}
