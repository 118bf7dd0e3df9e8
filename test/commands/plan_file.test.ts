import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { isPlanFile } from '../../engine/commands/is_plan_file.ts';
import { openPlan, planKeys, type SavedPlan, writePlan } from '../../engine/commands/plan_file.ts';
import { readPlanKey } from '../../engine/commands/plan_key.ts';
import type { Result } from '../../engine/language/diagnostics.ts';
import { VERSION } from '../../engine/version.ts';

const dir = mkdtempSync(join(tmpdir(), 'runbook-plan-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const KEY = Buffer.alloc(32, 7);
const MADE = 1_700_000_000_000;
const PLAN: SavedPlan<{ word: string }> = {
  version: VERSION,
  madeAt: MADE,
  expiresAt: MADE + 1_000,
  by: 'me@here',
  directory: '/somewhere',
  files: { 'site.yml': 'digest' },
  plays: 'digest',
  hosts: { web1: [] },
  given: { word: 'hunter22' },
};
const file = join(dir, 'a.plan');

function written(plan: SavedPlan<{ word: string }> = PLAN): Buffer {
  writePlan(file, plan, planKeys(KEY));
  return readFileSync(file);
}

function problem(result: Result<unknown>): string {
  return result.ok ? 'it was opened' : (result.diagnostics[0]?.message ?? '');
}

test('what was saved is opened again, by its key only, and known by what it holds', () => {
  written();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const opened = openPlan<{ word: string }>(file, KEY, MADE);
  assert.deepEqual(opened.ok && opened.value.plan, PLAN);
  assert.match(problem(openPlan(file, Buffer.alloc(32, 8), MADE)), /another key than yours/);
  assert.equal(isPlanFile(file), true);
  writeFileSync(join(dir, 'b.plan'), '- hosts: all\n');
  assert.equal(isPlanFile(join(dir, 'b.plan')), false);
  assert.equal(isPlanFile(join(dir, 'none')), false);
});

test('two files of the same plan have nothing in common, and nothing of it can be read', () => {
  const [one, two] = [written(), written()];
  assert.notDeepEqual(one.subarray(-64), two.subarray(-64));
  for (const word of ['hunter22', 'web1', 'site.yml', 'somewhere']) assert.equal(one.includes(word), false, word);
  assert.notEqual(planKeys(KEY).digest('x'), planKeys(KEY).digest('x'));
});

test('a byte that is changed, added or missing is found, wherever it is', () => {
  const bytes = written();
  const opens = (changed: Uint8Array) => {
    writeFileSync(file, changed);
    return openPlan(file, KEY, MADE).ok;
  };
  assert.equal(opens(bytes), true);
  const cases = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
  fc.assert(
    fc.property(cases, ([at, by]) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ by;
      return !opens(changed);
    }),
    { numRuns: 300 },
  );
  assert.equal(opens(Buffer.concat([bytes, Buffer.of(0)])), false);
  for (const length of [0, 1, 13, 60, 70, bytes.length - 1]) assert.equal(opens(bytes.subarray(0, length)), false);
});

test('too old, of another version, of another format', () => {
  written();
  assert.equal(openPlan(file, KEY, PLAN.expiresAt - 1).ok, true);
  assert.match(problem(openPlan(file, KEY, PLAN.expiresAt)), /has expired: it held until 2023-11-14T22:13:21Z/);
  const text = written().toString('latin1');
  writeFileSync(file, text.replace('runbook-plan 1 ', 'runbook-plan 2 '), 'latin1');
  assert.match(problem(openPlan(file, KEY, MADE)), /format 2; this program knows format 1/);
  written({ ...PLAN, version: '0.0.0' });
  assert.match(problem(openPlan(file, KEY, MADE)), /was made by runbook 0.0.0; this is runbook/);
});

test('a key is made once, for its owner alone, and refused where others can read it', () => {
  const path = join(dir, 'config', 'runbook', 'plan.key');
  assert.match(problem(readPlanKey(path, false)), /there is no key of saved plans/);
  const made = readPlanKey(path, true);
  assert.equal(made.ok && made.value.length, 32);
  assert.deepEqual(
    [path, join(dir, 'config')].map((each) => statSync(each).mode & 0o777),
    [0o600, 0o700],
  );
  assert.deepEqual(readPlanKey(path, true), made);
  chmodSync(path, 0o640);
  assert.match(problem(readPlanKey(path, false)), /is open to others/);
  writeFileSync(path, 'short\n');
  chmodSync(path, 0o600);
  assert.match(problem(readPlanKey(path, true)), /is no key of saved plans/);
});
