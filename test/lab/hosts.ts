import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before } from 'node:test';
import { ansibleCommand, runbookCommand, runCommand } from './controllers.ts';
import type { TestHost } from './host.ts';
import { writeInventory } from './inventory.ts';
import { addHosts, attachLab, closeLab, type Lab, openLab, renewHosts, takeHosts, type Wanted } from './lab.ts';
import type { Finished, RunOptions } from './process.ts';
import { atTerminal, type Session, type Turn } from './terminal.ts';

/** The hosts of one test file. Fresh when the file starts; what its tests do to them is theirs to reset. */
export interface TestLab {
  /** By name (`python1`, `bare1`) or by index: the Python hosts first. */
  host(which: string | number): TestHost;
  readonly hosts: readonly TestHost[];
  /** A folder for this file's playbooks, in which both programs run. */
  readonly work: string;
  /** Writes a file there and gives its path. */
  write(name: string, content: string | Uint8Array): string;
  /** An inventory of these hosts in the group `fleet`, for both programs. */
  inventory(): string;
  /** Runs the built program; the arguments are its own, `-i` included. */
  runbook(args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** The same at a terminal, answered as `turns` say. */
  runbookAtTerminal(args: readonly string[], turns: readonly Turn[]): Promise<Session>;
  ansible(args: readonly string[], options?: RunOptions): Promise<Finished>;
}

/**
 * For a test file's top level. In a run of the whole suite the hosts are lent from its lab (RUNBOOK_LAB), else the
 * file has a lab of its own.
 */
export function useHosts(wanted: Wanted): TestLab {
  let opened: Opened | null = null;
  const now = (): Opened => {
    if (opened === null) throw new Error('the hosts are there from the before hooks on, not while a file is loaded');
    return opened;
  };
  const removeOnExit = () => opened?.owned && closeLab(opened.lab);
  before(async () => {
    process.on('exit', removeOnExit); // an interrupt ends in `exit` too: node:test sees to that
    opened = await open(wanted);
  });
  after(async () => {
    if (opened === null) return;
    if (opened.owned) closeLab(opened.lab);
    else await renewHosts(opened.lab, opened.names);
    opened = null;
    process.off('exit', removeOnExit);
  });

  const host = (which: string | number): TestHost => {
    const found = now().hosts.find((one, index) => one.name === which || index === which);
    if (found === undefined) throw new Error(`no host ${which} in ${now().names.join(', ')}`);
    return found;
  };
  const write = (name: string, content: string | Uint8Array): string => {
    const file = join(now().work, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  return {
    host,
    get hosts() {
      return now().hosts;
    },
    get work() {
      return now().work;
    },
    write,
    inventory: () => join(now().work, 'inventory.yml'),
    runbook: async (args, options) => runCommand(await runbookCommand(now().work, args), options),
    runbookAtTerminal: async (args, turns) => atTerminal(await runbookCommand(now().work, args), turns),
    ansible: (args, options) => runCommand(ansibleCommand(now().lab, now().work, args), options),
  };
}

interface Opened {
  readonly lab: Lab;
  readonly owned: boolean;
  readonly names: readonly string[];
  readonly hosts: readonly TestHost[];
  readonly work: string;
}

async function open(wanted: Wanted): Promise<Opened> {
  const dir = process.env.RUNBOOK_LAB;
  const lab = dir === undefined ? await openLab() : await attachLab(dir);
  try {
    await addHosts(lab, wanted);
    const records = await takeHosts(lab, wanted);
    const work = mkdtempSync(join(lab.record.dir, 'work-'));
    writeInventory(join(work, 'inventory.yml'), records, lab.files);
    const names = records.map(({ name }) => name);
    const hosts = lab.hosts().filter(({ name }) => names.includes(name));
    return { lab, owned: dir === undefined, names, hosts, work };
  } catch (error) {
    if (dir === undefined) closeLab(lab);
    throw error;
  }
}
