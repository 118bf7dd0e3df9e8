// Runs the tests: `node scripts/test.mjs [unit] [ansible] [hosts] [WORD...] [-WORD...]`, by default all groups; with
// words only the files whose path has one of them, and without those that have one with a dash. The standard summary at the end counts the groups together.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const GROUPS = ['unit', 'ansible', 'hosts'];
const COUNTS = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo'];
const INTERRUPTED = 130;
const CI = process.env.CI === 'true';
// One process loads many unit test files: starting one each would take longer than the tests.
const SHARDS = Math.min(availableParallelism(), 4);
const LANES = 2;
// Of a file; in depth there are hundreds of kills in one.
const FILE_MS = process.env.RUNBOOK_IN_DEPTH === '1' ? 7_200_000 : 900_000;
let interrupted = false;

const scratch = mkdtempSync(join(tmpdir(), 'runbook-test-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const words = process.argv.slice(2).filter((word) => !GROUPS.includes(word) && !word.startsWith('-'));
const without = process.argv.slice(2).flatMap((word) => (word.startsWith('-') ? [word.slice(1)] : []));
const named = GROUPS.filter((group) => process.argv.includes(group));
const plan = (named.length > 0 ? named : GROUPS).map((group) => ({ group, files: filesOf(group) }));
process.exitCode = await main(plan);

async function main(groups) {
  const started = performance.now();
  const onHosts = groups.filter(({ group, files }) => group !== 'unit' && files.length > 0);
  const obstacle = prepareMachine();
  const lanes = Math.min(LANES, onHosts.flatMap(({ files }) => files).length);
  const labs = obstacle === null ? Array.from({ length: lanes }, holdLab) : [];
  const totals = Object.fromEntries(COUNTS.map((name) => [name, 0]));
  const notes = [];
  let failed = false;
  try {
    for (const { group, files } of groups) {
      if (files.length === 0) continue;
      if (group !== 'unit' && obstacle !== null) {
        notes.push(`NOT RUN: ${files.length} files of test/${group}: ${obstacle}`);
        failed ||= CI;
        continue;
      }
      console.log(`\n== ${group}: ${files.length} files`);
      for (const { code, counts } of group === 'unit'
        ? [await runUnits(files)]
        : await runOnHosts(group, files, labs)) {
        for (const name of COUNTS) totals[name] += counts[name] ?? 0;
        if (code === INTERRUPTED) return INTERRUPTED;
        failed ||= code !== 0 || (CI && (counts.skipped > 0 || counts.todo > 0));
      }
    }
  } finally {
    await Promise.all(labs.map((lab) => lab.release()));
  }
  for (const note of notes) console.log(`\n${note}`);
  if (totals.tests === 0) console.log('\nno test matched');
  console.log(`\n== together\n${COUNTS.map((name) => `# ${name} ${totals[name]}`).join('\n')}`);
  console.log(`# duration_ms ${Math.round(performance.now() - started)}`);
  return failed || totals.tests === 0 ? 1 : 0;
}

/** Installs what the tests need; why this machine cannot run those that need hosts, or null. */
function prepareMachine() {
  if (process.getuid() !== 0) return 'they boot real hosts, for which they must be root';
  if (!existsSync('/etc/debian_version')) return 'they need Debian or Ubuntu';
  const { status } = spawnSync('sh', [join(ROOT, 'test/lab/install.sh')], { stdio: ['ignore', 2, 2] });
  return status === 0 ? null : 'the packages they need could not be installed (see above)';
}

/** Starts a lab that the files of a lane share one after the other, beside the unit tests. */
function holdLab() {
  const hold = join(ROOT, 'test/lab/hold.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', hold, '2', '2'], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.once('close', done));
  const ready = new Promise((done, fail) => {
    child.stdout.once('data', (bytes) => done(bytes.toString().trim()));
    child.once('close', (code) => fail(new Error(`the lab did not start (exit ${code}), see above`)));
  });
  ready.catch(() => {}); // reported where it is waited for
  const release = () => {
    child.stdin.end();
    return ended;
  };
  return { ready, release };
}

async function runUnits(files) {
  const tap = join(scratch, 'unit.tap');
  const code = await runNode([...testArguments(tap, 2), ...shards(files)], process.env, 'inherit');
  return { code, counts: readCounts(tap) };
}

/** Files on hosts wait more than they work: a few at once, each lane with a lab of its own. */
async function runOnHosts(group, files, labs) {
  const queue = [...files];
  const results = [];
  await Promise.all(
    labs.map(async (lab, lane) => {
      const env = { ...process.env, RUNBOOK_LAB: await lab.ready };
      for (let file = queue.shift(); file !== undefined && !interrupted; file = queue.shift()) {
        const tap = join(scratch, `${group}-${lane}-${queue.length}.tap`);
        const code = await runNode([...testArguments(tap, 1), file], env, labs.length > 1 ? 'pipe' : 'inherit');
        results.push({ code, counts: readCounts(tap) });
      }
    }),
  );
  return results;
}

function testArguments(tap, concurrency) {
  return [
    '--import=tsx',
    '--test',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${FILE_MS}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=tap',
    `--test-reporter-destination=${tap}`,
  ];
}

/** Files that import the test files; one that cannot be loaded is a failed test and not the end of the others. */
function shards(files) {
  return Array.from({ length: Math.min(SHARDS, files.length) }, (_, shard) => {
    const own = files.filter((_, index) => index % SHARDS === shard);
    const entry = join(scratch, `unit-${shard}.mjs`);
    writeFileSync(
      entry,
      `import { test } from 'node:test';
for (const file of ${JSON.stringify(own)}) {
  await import(file).catch((error) => test(\`load \${file}\`, () => { throw error; }));
}
`,
    );
    return entry;
  });
}

/** `output` pipe: printed when the program has ended, so that two at once do not mix. */
function runNode(args, env, output) {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', output, output] });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => printed.push(bytes));
    const forward = (signal) => {
      interrupted = true;
      child.kill(signal);
    };
    process.on('SIGINT', forward).on('SIGTERM', forward);
    child.once('error', fail);
    child.once('close', (code) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      process.stdout.write(Buffer.concat(printed));
      done(interrupted ? INTERRUPTED : (code ?? 1));
    });
  });
}

/** From the closing lines of node:test's TAP. */
function readCounts(tap) {
  const text = existsSync(tap) ? readFileSync(tap, 'utf8') : '';
  return Object.fromEntries([...text.matchAll(/^# (\w+) (\d+)$/gm)].map(([, name, count]) => [name, Number(count)]));
}

function filesOf(group) {
  const all = readdirSync(join(ROOT, 'test'), { recursive: true }).filter((file) => file.endsWith('.test.ts'));
  const top = (file) => file.split('/')[0];
  const own = all.filter((file) =>
    group === 'unit' ? !['hosts', 'ansible'].includes(top(file)) : top(file) === group,
  );
  const wanted = own.filter((file) => words.length === 0 || words.some((word) => `test/${file}`.includes(word)));
  const kept = wanted.filter((file) => !without.some((word) => `test/${file}`.includes(word)));
  return kept.map((file) => join(ROOT, 'test', file)).sort();
}
