import { spawnSync } from 'node:child_process';
import { sshArguments } from './host.ts';
import { addHosts, attachLab, closeLab, type Lab, openLab, type Wanted } from './lab.ts';
import { hostRecords, knownLabs } from './state.ts';

const USAGE = `usage: npm run lab -- COMMAND
  up [N | python=N bare=N]   boots hosts in the lab, which stays until it is taken down (default: python=1 bare=1)
  list                       its hosts and their addresses
  inventory                  the path of an inventory of them
  ssh HOST [COMMAND...]      a login as root
  reset [HOST...]            as new (default: all)
  down [--all]               removes it; --all: every lab of this machine that was brought up by hand
`;

async function main([command, ...rest]: readonly string[]): Promise<number> {
  switch (command) {
    case 'up':
      return up(rest);
    case 'list':
      return list(await currentLab());
    case 'inventory':
      console.log((await currentLab()).inventory);
      return 0;
    case 'ssh':
      return ssh(await currentLab(), rest);
    case 'reset':
      return reset(await currentLab(), rest);
    case 'down':
      return down(rest.includes('--all'));
    default:
      process.stderr.write(USAGE);
      return 1;
  }
}

async function up(words: readonly string[]): Promise<number> {
  const wanted = parseWanted(words);
  if (wanted === null) {
    process.stderr.write(USAGE);
    return 1;
  }
  const kept = keptLabs().at(0);
  const lab = kept === undefined ? await openLab({ kept: true }) : await attachLab(kept);
  await addHosts(lab, wanted);
  return list(lab);
}

function list(lab: Lab): number {
  for (const host of hostRecords(lab.record)) {
    console.log(`${host.name}\t${host.address}\t${host.process === null ? 'off' : `pid ${host.process.pid}`}`);
  }
  console.log(`inventory\t${lab.inventory}`);
  return 0;
}

function ssh(lab: Lab, [name, ...command]: readonly string[]): number {
  const host = lab.hosts().find((candidate) => candidate.name === name);
  if (host === undefined) {
    console.error(
      `no such host; there are: ${lab
        .hosts()
        .map((one) => one.name)
        .join(' ')}`,
    );
    return 1;
  }
  const result = spawnSync('ssh', [...sshArguments(lab.files), `root@${host.address}`, ...command], {
    stdio: 'inherit',
  });
  return result.status ?? 1;
}

async function reset(lab: Lab, names: readonly string[]): Promise<number> {
  const hosts = lab.hosts().filter(({ name }) => names.length === 0 || names.includes(name));
  await Promise.all(hosts.map((host) => host.reset()));
  return list(lab);
}

async function down(all: boolean): Promise<number> {
  for (const dir of all ? keptLabs() : keptLabs().slice(0, 1)) closeLab(await attachLab(dir));
  return 0;
}

const keptLabs = (): string[] => knownLabs().flatMap(({ owner, dir }) => (owner === null ? [dir] : []));

async function currentLab(): Promise<Lab> {
  const dir = process.env.RUNBOOK_LAB ?? keptLabs().at(0);
  if (dir === undefined) throw new Error('no lab is up: npm run lab -- up');
  return attachLab(dir);
}

function parseWanted(words: readonly string[]): Wanted | null {
  if (words.length === 0) return { python: 1, bare: 1 };
  const wanted: { python?: number; bare?: number } = {};
  for (const word of words) {
    const [, kind = 'python', count] = /^(?:(python|bare)=)?(\d{1,2})$/.exec(word) ?? [];
    if (count === undefined) return null;
    wanted[kind === 'bare' ? 'bare' : 'python'] = Number(count);
  }
  return wanted;
}

process.exitCode = await main(process.argv.slice(2));
