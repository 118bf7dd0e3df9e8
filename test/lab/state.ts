import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from './base.ts';
import { killCgroup, makeCgroup } from './cgroup.ts';
import { withLock } from './lock.ts';
import { addBridge, isTaken, networkOf, removeLink } from './network.ts';
import { isAlive, kill, markOf, must, type ProcessMark, runSync, sleepSync } from './process.ts';

/** What is known of a lab outside any process: one folder, `/run/runbook-lab/SLOT`, from which it can be removed. */
export interface LabRecord {
  readonly slot: number;
  readonly dir: string;
  /** See ensureBases. */
  readonly base: string;
  /** The lab is left over when this process is gone; null: it is kept until `lab down` or a reboot. */
  readonly owner: ProcessMark | null;
  readonly boot: string;
}

export interface HostRecord {
  readonly name: string;
  readonly kind: Kind;
  /** Short: `vb-MACHINE` names an interface, at most 15 bytes. */
  readonly machine: string;
  readonly address: string;
  /** The systemd-nspawn that runs it; null: it is switched off. */
  readonly process: ProcessMark | null;
  /** Somebody has worked with it since its last reset. */
  readonly used: boolean;
}

const STATE = process.env.RUNBOOK_LAB_STATE ?? '/run/runbook-lab';
const SLOTS = 200;

/** Takes a free slot and makes its folder, network and file system; removes what dead labs left. */
export async function takeSlot(base: string, kept: boolean): Promise<LabRecord> {
  mkdirSync(STATE, { recursive: true, mode: 0o755 });
  return withLock(join(STATE, 'lock'), async () => {
    for (const lab of knownLabs()) if (isLeftOver(lab)) tearDown(lab);
    allowWatching();
    const slot = firstFreeSlot();
    const dir = join(STATE, String(slot));
    const self = markOf(process.pid);
    if (self === null) throw new Error('cannot read /proc/self/stat');
    const lab: LabRecord = { slot, dir, base, owner: kept ? null : self, boot: self.boot };
    mkdirSync(dir);
    writeJson(join(dir, 'lab.json'), lab);
    for (const name of ['hosts', 'fs', 'sockets']) mkdirSync(join(dir, name));
    // In memory: dpkg's many fsyncs cost nothing there, and one unmount removes all.
    await must(['mount', '-t', 'tmpfs', '-o', 'mode=0755,size=8g', 'runbook-lab', join(dir, 'fs')]);
    await addBridge(networkOf(slot));
    return lab;
  });
}

/**
 * Each host's systemd has about eight inotify instances, and all of them count for root: the kernel's 128 are used up
 * by fifteen hosts, and the next one does not boot.
 */
function allowWatching(): void {
  const file = '/proc/sys/fs/inotify/max_user_instances';
  if (Number(readFileSync(file, 'utf8')) < 1024) writeFileSync(file, '1024\n');
}

export function knownLabs(): LabRecord[] {
  return entries(STATE).flatMap((name) => (/^\d+$/.test(name) ? (readLab(join(STATE, name)) ?? []) : []));
}

export function readLab(dir: string): LabRecord | null {
  const file = join(dir, 'lab.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LabRecord) : null;
}

export function hostRecords(lab: LabRecord): HostRecord[] {
  const names = entries(join(lab.dir, 'hosts')).filter((name) => name.endsWith('.json'));
  const records = names.map((name) => JSON.parse(readFileSync(join(lab.dir, 'hosts', name), 'utf8')) as HostRecord);
  return records.sort((a, b) => b.kind.localeCompare(a.kind) || a.name.localeCompare(b.name, 'en', { numeric: true }));
}

export function saveHost(lab: LabRecord, host: HostRecord): HostRecord {
  writeJson(join(lab.dir, 'hosts', `${host.name}.json`), host);
  return host;
}

/** A file system of its own, in memory, for what happens on it: `size` is how large it is. */
export const hostDisk = (lab: LabRecord, host: HostRecord): string => join(lab.dir, 'fs', host.name, 'disk');
export const hostRoot = (lab: LabRecord, host: HostRecord): string => join(lab.dir, 'fs', host.name, 'root');
export const hostCgroup = (host: HostRecord): string => makeCgroup(`runbook-lab/${host.machine}`);
export const hostLink = (host: HostRecord): string => `vb-${host.machine}`;

/** As pulling the plug. Its file system stays mounted. */
export function killHost(host: HostRecord): void {
  if (host.process !== null) kill(host.process, 'SIGKILL');
  killCgroup(hostCgroup(host));
  for (let wait = 0; host.process !== null && isAlive(host.process); wait++) {
    if (wait > 1000) throw new Error(`systemd-nspawn of ${host.name} does not end`);
    sleepSync(5);
  }
  removeLink(hostLink(host));
}

export function unmount(dir: string): void {
  for (let wait = 0; isMounted(dir); wait++) {
    const { code, stderr } = runSync(wait < 20 ? ['umount', dir] : ['umount', '--lazy', dir]);
    if (code !== 0 && wait >= 20) throw new Error(`umount ${dir}: ${stderr}`);
    if (code !== 0) sleepSync(50);
  }
}

/** Removes the lab, however far it got. Needs no other process and no event loop: it may run while the process exits. */
export function tearDown(lab: LabRecord): void {
  closeMasters(lab);
  for (const host of hostRecords(lab)) {
    killHost(host);
    unmount(hostRoot(lab, host));
    unmount(hostDisk(lab, host));
  }
  removeLink(networkOf(lab.slot).bridge);
  unmount(join(lab.dir, 'fs'));
  rmSync(lab.dir, { recursive: true, force: true });
}

/** Ansible's persistent connections: one to a host that was reset would be waited for. */
export function closeMasters(lab: LabRecord): void {
  for (const socket of entries(join(lab.dir, 'sockets'))) {
    runSync(['ssh', '-F', 'none', '-O', 'exit', '-S', join(lab.dir, 'sockets', socket), 'lab']);
  }
}

function isLeftOver(lab: LabRecord): boolean {
  return lab.boot !== markOf(process.pid)?.boot || (lab.owner !== null && !isAlive(lab.owner));
}

function firstFreeSlot(): number {
  for (let slot = 0; slot < SLOTS; slot++) {
    const dir = join(STATE, String(slot));
    if (existsSync(dir) && readLab(dir) === null) rmSync(dir, { recursive: true }); // cut off before it was anything
    if (!existsSync(dir) && !isTaken(networkOf(slot))) return slot;
  }
  throw new Error(`all ${SLOTS} slots of ${STATE} are taken`);
}

export function isMounted(dir: string): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[4] === dir);
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value, null, 2));
  renameSync(`${file}.new`, file);
}

const entries = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir) : []);
