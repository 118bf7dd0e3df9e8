// Runs the freshly built program once over a plan of this machine that looks and touches nothing, so that V8 has
// compiled what a run needs, and writes that beside the bundle. Without it the program only starts more slowly.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMain } from './load_main.mjs';

const [dir, playbook] = process.argv.slice(2);
const { script, main } = loadMain(dir);
process.stdout.write = () => true;
process.stderr.write = () => true;
await main(['plan', playbook, '-i', 'inventory/local.yml']).catch(() => 1);
writeFileSync(join(dir, 'main.cache'), script.createCachedData());
process.exit(0);
