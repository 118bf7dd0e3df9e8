import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ansibleCommand, runbookCommand, runCommand } from '../../test/lab/controllers.ts';
import { sshArguments, type TestHost } from '../../test/lab/host.ts';
import { writeInventory } from '../../test/lab/inventory.ts';
import type { Lab } from '../../test/lab/lab.ts';
import { type Finished, run } from '../../test/lab/process.ts';
import { closeMasters, hostRecords } from '../../test/lab/state.ts';
import { takeTurns, weigh } from './measure.ts';

/** Medians in milliseconds, memory in MB. */
export interface Times {
  readonly first: number;
  readonly converged: number;
  readonly memory: number;
}

export interface Measurements {
  readonly hosts: number;
  readonly node: number;
  /** `ssh HOST true` to all hosts in parallel. */
  readonly login: number;
  readonly runbook: (Times & { readonly plan: number }) | undefined;
  readonly ansible: Times | undefined;
}

export interface Contest {
  readonly playbook: string;
  /** Turns of what takes less than a second. */
  readonly rounds: number;
  readonly runbook: boolean;
  readonly ansible: boolean;
}

/** Everything measured on these hosts, which are made new in between. */
export async function measureFleet(lab: Lab, hosts: readonly TestHost[], contest: Contest): Promise<Measurements> {
  const work = join(lab.record.dir, `bench-${hosts.length}`);
  mkdirSync(work);
  const inventory = join(work, 'inventory.yml');
  const names = hosts.map(({ name }) => name);
  const records = hostRecords(lab.record).filter(({ name }) => names.includes(name));
  writeInventory(inventory, records, lab.files);

  const floor = { node: nodeStart, login: () => loginAll(lab, hosts) };
  const runbook = contest.runbook ? await measureRunbook(work, inventory, hosts, floor, contest) : undefined;
  const ansible = contest.ansible ? await measureAnsible(lab, work, inventory, hosts, contest) : undefined;
  const { node, login } = runbook ?? (await takeTurns(floor, contest.rounds));
  return { hosts: hosts.length, node, login, runbook, ansible };
}

export function nodeStart(): Promise<Finished> {
  return run([process.execPath, '-e', '0'], { env: { PATH: process.env.PATH } });
}

type Floor = Readonly<Record<'node' | 'login', () => Promise<Finished>>>;

async function measureRunbook(
  work: string,
  inventory: string,
  hosts: readonly TestHost[],
  floor: Floor,
  { playbook, rounds }: Contest,
): Promise<Times & { plan: number; node: number; login: number }> {
  const apply = await runbookCommand(work, ['apply', playbook, '-i', inventory, '--yes']);
  // Exits with 0 only where nothing is left to change.
  const plan = await runbookCommand(work, ['plan', playbook, '-i', inventory, '--detailed-exitcode']);
  const onNewHosts = async () => {
    await resetAll(hosts);
    return runCommand(apply);
  };
  const { first } = await takeTurns({ first: onNewHosts }, hosts.length === 1 ? 3 : 1, 0);
  const converged = await takeTurns(
    { ...floor, plan: () => runCommand(plan), converged: () => runCommand(apply) },
    rounds,
  );
  return { ...converged, first, memory: (await weigh(apply, 25)).memory };
}

async function measureAnsible(
  lab: Lab,
  work: string,
  inventory: string,
  hosts: readonly TestHost[],
  { playbook }: Contest,
): Promise<Times> {
  const play = ansibleCommand(lab, work, [playbook, '-i', inventory, '--forks', String(Math.max(10, hosts.length))]);
  await resetAll(hosts);
  const first = await weigh(play, 250); // takes so long that it is weighed and timed in one
  closeMasters(lab.record); // a run begins with a login
  const { converged } = await takeTurns({ converged: () => runCommand(play) }, 1, 0);
  closeMasters(lab.record);
  return { first: first.ms, converged, memory: first.memory };
}

const resetAll = (hosts: readonly TestHost[]): Promise<unknown> => Promise.all(hosts.map((host) => host.reset()));

/** As one program that ends with the last of them. */
async function loginAll(lab: Lab, hosts: readonly TestHost[]): Promise<Finished> {
  const started = performance.now();
  const logins = await Promise.all(
    hosts.map(({ address }) => run(['ssh', ...sshArguments(lab.files), `root@${address}`, 'true'])),
  );
  const failed = logins.find(({ code }) => code !== 0) ?? logins[0];
  return { code: 0, stdout: '', stderr: '', ...failed, ms: performance.now() - started };
}
