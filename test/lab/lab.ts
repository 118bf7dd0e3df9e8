import { join } from 'node:path';
import { ensureBases, type Kind } from './base.ts';
import { boot, reset, seed, untilReady } from './boot.ts';
import { type SshFiles, type TestHost, testHost } from './host.ts';
import { writeInventory, writeKnownHosts } from './inventory.ts';
import { clientKey } from './keys.ts';
import { networkOf } from './network.ts';
import {
  closeMasters,
  type HostRecord,
  hostRecords,
  type LabRecord,
  readLab,
  saveHost,
  takeSlot,
  tearDown,
} from './state.ts';

export type Wanted = Readonly<Partial<Record<Kind, number>>>;

export interface Lab {
  readonly record: LabRecord;
  /** Python hosts first, then bare ones, by number. */
  hosts(): readonly TestHost[];
  readonly files: SshFiles;
  /** All hosts, for `runbook` and `ansible-playbook` alike. */
  readonly inventory: string;
}

export interface LabOptions {
  /** Outlives this process, until `lab down` or a reboot. */
  readonly kept?: boolean;
  readonly say?: (line: string) => void;
}

/** A new lab without hosts. */
export async function openLab({ kept = false, say = console.error }: LabOptions = {}): Promise<Lab> {
  if (process.getuid?.() !== 0) throw new Error('the lab boots real hosts and must be root for that');
  const record = await takeSlot(await ensureBases(say), kept);
  return attach(record);
}

/** A lab that somebody else has opened, by its folder. */
export async function attachLab(dir: string): Promise<Lab> {
  const record = readLab(dir);
  if (record === null) throw new Error(`no lab in ${dir}`);
  return attach(record);
}

export const closeLab = (lab: Lab): void => tearDown(lab.record);

/** Adds hosts until the lab has as many of each kind as are wanted, and waits for the new ones. */
export async function addHosts(lab: Lab, wanted: Wanted): Promise<void> {
  const { record } = lab;
  const present = hostRecords(record);
  const missing = (['python', 'bare'] as const).flatMap((kind) => {
    const count = present.filter((host) => host.kind === kind).length;
    const lacking = Math.max(0, (wanted[kind] ?? 0) - count);
    return Array.from({ length: lacking }, (_, index) => newHost(record, kind, count + index + 1));
  });
  for (const host of missing) await seed(record, saveHost(record, host));
  await writeKnownHosts(lab.files.knownHosts, hostRecords(record));
  await writeInventory(lab.inventory, hostRecords(record), lab.files);
  const added = await Promise.all(missing.map((host) => boot(record, host)));
  await Promise.all(added.map((host) => untilReady(record, host)));
}

/** The first hosts of each kind, marked as used; those that somebody has used before are made new. */
export async function takeHosts(lab: Lab, wanted: Wanted): Promise<readonly HostRecord[]> {
  const { record } = lab;
  const chosen = (['python', 'bare'] as const).flatMap((kind) =>
    hostRecords(record)
      .filter((host) => host.kind === kind)
      .slice(0, wanted[kind] ?? 0),
  );
  await renewHosts(
    lab,
    chosen.flatMap((host) => (host.used ? [host.name] : [])),
  );
  const names = chosen.map(({ name }) => name);
  const taken = hostRecords(record).filter(({ name }) => names.includes(name));
  for (const host of taken) saveHost(record, { ...host, used: true });
  await Promise.all(taken.map((host) => untilReady(record, host)));
  return taken;
}

/** Makes hosts new without waiting until they are ready again: whoever takes them next does. */
export async function renewHosts(lab: Lab, names: readonly string[]): Promise<void> {
  closeMasters(lab.record);
  const hosts = hostRecords(lab.record).filter(({ name }) => names.includes(name));
  await Promise.all(hosts.map((host) => reset(lab.record, host)));
}

async function attach(record: LabRecord): Promise<Lab> {
  const files = { key: await clientKey(), knownHosts: join(record.dir, 'known_hosts') };
  return {
    record,
    files,
    inventory: join(record.dir, 'inventory.yml'),
    hosts: () => hostRecords(record).map((host) => testHost(record, host.name, files)),
  };
}

function newHost(lab: LabRecord, kind: Kind, number: number): HostRecord {
  const { prefix } = networkOf(lab.slot);
  return {
    name: `${kind}${number}`,
    kind,
    machine: `rb${lab.slot}${kind[0]}${number}`,
    address: `${prefix}.${(kind === 'python' ? 10 : 100) + number}`,
    process: null,
    used: false,
  };
}
