import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, nearest } from '../../engine/language/suggest.ts';

const NAMES = [
  'copy',
  'file',
  'force',
  'gather_facts',
  'when',
  'state',
  'src',
  'include_tasks',
  'service',
  'systemd_service',
];

const MEANT: readonly (readonly [string, string | undefined])[] = [
  ['cpoy', 'copy'],
  ['copyy', 'copy'],
  ['wehn', 'when'],
  ['satte', 'state'],
  ['gather-facts', 'gather_facts'],
  ['GatherFact', 'gather_facts'],
  ['include_task', 'include_tasks'],
  ['servcie', 'service'],
  ['systemd_servise', 'systemd_service'],
  ['source', undefined],
  ['xyz', undefined],
  ['', undefined],
  ['copy', undefined],
];

for (const [written, meant] of MEANT) {
  test(`${written} means ${meant ?? 'nothing known'}`, () => assert.equal(nearest(written, NAMES), meant));
}

test('as a hint', () => {
  assert.equal(didYouMean('cpoy', NAMES), 'Did you mean `copy`?');
  assert.equal(didYouMean('xyz', NAMES), undefined);
});
