import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measurements } from '../../scripts/bench/fleet.ts';
import { median } from '../../scripts/bench/measure.ts';
import { table, targets } from '../../scripts/bench/report.ts';

const fleet: Measurements = {
  hosts: 10,
  node: 100,
  login: 900,
  runbook: { first: 4000, converged: 1500, plan: 1400, memory: 150 },
  ansible: { first: 90_000, converged: 45_000, memory: 500 },
};

test('the median of an odd and of an even number of times', () => {
  assert.equal(median([30, 10, 20]), 20);
  assert.equal(median([10, 40, 20, 30]), 25);
  assert.throws(() => median([]));
});

test('ratios are to node and the logins together', () => {
  assert.match(table([fleet]), /^runbook apply, converged +1\.50 s \(1\.50 x\)$/m);
  assert.match(table([{ ...fleet, runbook: undefined }]), /^runbook apply, converged +-$/m);
});

test('a target is met at its limit and missed beyond it', () => {
  const met = targets([fleet], { version: 150, node: 100 });
  assert.equal(met.met, true);
  assert.equal(met.text.split('\n').length, 4);
  assert.match(met.text, /^pass +10 hosts, ansible-playbook to runbook, converged +30\.00 x +at least 30 x$/m);

  const slower = { first: 4000, converged: 1501, plan: 1400, memory: 201 };
  const missed = targets([{ ...fleet, runbook: slower }], { version: 151, node: 100 });
  assert.equal(missed.met, false);
  assert.equal(missed.text.match(/^MISS/gm)?.length, 4);
});
