/**
 * A lab for a run of the whole suite: says on standard output where it is, and removes it when standard input ends,
 * which it does also when the runner is killed. Usage: hold.ts PYTHON BARE
 */
import { addHosts, closeLab, type Lab, openLab } from './lab.ts';

let lab: Lab | null = null;
process.on('exit', () => lab !== null && closeLab(lab));
process.on('SIGINT', () => {}); // meant for the runner, whose tests are still on the hosts
process.on('SIGTERM', () => process.exit(143));
process.stdin.resume().on('end', () => process.exit());

lab = await openLab();
await addHosts(lab, { python: Number(process.argv[2]), bare: Number(process.argv[3]) });
console.log(lab.record.dir);
