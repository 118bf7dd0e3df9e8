// `npm run bench [-- --hosts N] [--without runbook|ansible] [--playbook FILE]`: bench/play.yml on real hosts, by us, by
// ansible-playbook and by hand, in one run and as ratios.

import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runbookCommand, runCommand } from '../test/lab/controllers.ts';
import { addHosts, closeLab, type Lab, openLab } from '../test/lab/lab.ts';
import { must } from '../test/lab/process.ts';
import { measureFleet, nodeStart } from './bench/fleet.ts';
import { takeTurns } from './bench/measure.ts';
import { table, targets, type Version } from './bench/report.ts';

const { values: options } = parseArgs({
  options: {
    hosts: { type: 'string', default: '10' },
    without: { type: 'string', multiple: true, default: [] },
    playbook: { type: 'string', default: resolve(import.meta.dirname, '../bench/play.yml') },
  },
});
process.exitCode = await main(Number(options.hosts), new Set(options.without));

async function main(hostCount: number, without: ReadonlySet<string>): Promise<number> {
  const lab = await openLab();
  process.on('exit', () => closeLab(lab));
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  console.error(`booting ${hostCount} hosts`);
  await addHosts(lab, { python: hostCount });

  const playbook = resolve(options.playbook);
  const contest = { playbook, runbook: !without.has('runbook'), ansible: !without.has('ansible') };
  const fleets = [await measureFleet(lab, lab.hosts().slice(0, 1), { ...contest, rounds: 15 })];
  if (hostCount > 1) fleets.push(await measureFleet(lab, lab.hosts(), { ...contest, rounds: 7 }));
  const { text, met } = targets(fleets, contest.runbook ? await startTimes(lab) : undefined);
  console.log(`${await machine()}\n\n${table(fleets)}\n\n${text}`);
  return met ? 0 : 1;
}

async function startTimes(lab: Lab): Promise<Version> {
  const version = await runbookCommand(lab.record.dir, ['--version']);
  return takeTurns({ node: nodeStart, version: () => runCommand(version) }, 25);
}

async function machine(): Promise<string> {
  const [ansible = ''] = (await must(['ansible-playbook', '--version'])).split('\n');
  return `Node ${process.version}, ${ansible}, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'unknown make'}`;
}
