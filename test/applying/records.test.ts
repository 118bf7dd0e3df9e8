import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  chooseRun,
  outcomeOf,
  parseRecord,
  pruneRecords,
  type RunRecord,
  readRecords,
  undoneOn,
} from '../../engine/applying/records.ts';

const recap = (host: string, more: object = {}) => ({
  host,
  ok: 0,
  changed: 1,
  failed: 0,
  unreachable: false,
  ...more,
});

interface Given {
  readonly undoes?: string;
  readonly command?: 'audit';
  readonly hosts?: readonly string[];
  readonly recap?: readonly object[];
  readonly end?: string;
  readonly more?: readonly object[];
}

function text(
  id: string,
  { undoes, command, hosts = ['a'], recap: told, end = 'applied', more = [] }: Given = {},
): string {
  const lines = [
    {
      type: 'run',
      id,
      startedAt: 0,
      by: 'me@here',
      playbooks: ['play.yml'],
      inventory: [],
      ...(undoes && { undoes }),
      command,
    },
    ...hosts.map((host, i) => ({
      type: 'intend',
      host,
      tasks: [{ id: '0.tasks.0', name: 'x', user: null, method: 'sudo', entries: [2 * i + 2, 2 * i + 1] }],
    })),
    ...more,
    ...(end === '' ? [] : [{ type: 'run-finished', at: 5, recap: told ?? hosts.map((host) => recap(host)) }]),
    ...(end === '' ? [] : [{ type: 'end', kind: end }]),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

const record = (id: string, given: Given = {}): RunRecord => parseRecord('journal.jsonl', text(id, given)) as RunRecord;

test('a journal gives its entries in order, by the host they were made on, however it was cut off', () => {
  const whole = text('r', {
    hosts: ['a'],
    more: [{ type: 'intend', host: 'b', tasks: [{ id: 't', name: 'y', delegate: 'a', entries: [7], hidden: true }] }],
  });
  const run = parseRecord('j', whole) as RunRecord;
  assert.deepEqual(
    run.entries.get('a')?.map(({ n, hidden }) => [n, hidden]),
    [
      [1, false],
      [2, false],
      [7, true],
    ],
  );
  for (let cut = 0; cut < whole.length; cut++) parseRecord('j', whole.slice(0, cut));
  assert.equal(parseRecord('j', whole.slice(whole.indexOf('\n') + 1)), undefined, 'no head, no run');
});

test('a run is undone where an undo came to its end, unless that was undone itself', () => {
  const run = record('1', { hosts: ['a', 'b'] });
  const half = record('2', { undoes: '1', hosts: ['a', 'b'], recap: [recap('a'), recap('b', { failed: 1 })] });
  assert.deepEqual([...undoneOn(run, [half, run]).keys()], ['a']);
  assert.equal(outcomeOf(run, [half, run]), 'ok');
  const rest = record('3', { undoes: '1', hosts: ['b'] });
  assert.equal(outcomeOf(run, [rest, half, run]), 'undone');
  const again = record('4', { undoes: '3', hosts: ['b'] });
  assert.deepEqual([...undoneOn(run, [again, rest, half, run]).keys()], ['a']);
  const refused = record('5', { undoes: '1', hosts: ['a'], more: [{ type: 'host-refused', host: 'a' }] });
  assert.equal(undoneOn(run, [refused, run]).size, 0);
  const some = record('6', {
    undoes: '1',
    hosts: ['a', 'b'],
    end: 'refused',
    more: [{ type: 'host-refused', host: 'a' }],
  });
  assert.deepEqual([...undoneOn(run, [some, run]).keys()], ['b']);
  const cut = record('7', { undoes: '1', hosts: ['a'], end: 'interrupted' });
  assert.equal(undoneOn(run, [cut, run]).size, 0);
});

test('outcomes', () => {
  const outcome = (given: Given) => outcomeOf(record('1', given), []);
  assert.equal(outcome({}), 'ok');
  assert.equal(outcome({ recap: [recap('a', { failed: 1 })] }), 'failed');
  assert.equal(outcome({ recap: [recap('a', { unreachable: true })] }), 'failed');
  assert.equal(outcome({ end: '' }), 'interrupted');
  assert.equal(outcome({ end: 'interrupted' }), 'interrupted');
  assert.equal(outcome({ more: [{ type: 'host-reverted', host: 'a' }] }), 'reverted');
});

test('a run is chosen by a beginning that fits one, or is the last that is no undo', () => {
  const all = [record('22', { undoes: '21' }), record('21'), record('11'), record('0', { hosts: [] })];
  const chosen = (name?: string) => {
    const found = chooseRun(all, name);
    return 'run' in found ? found.run.head.id : found.problem;
  };
  assert.equal(chosen(), '21');
  assert.equal(chosen('1'), '11');
  assert.match(chosen('2'), /may be 2 runs/);
  assert.match(chosen('9'), /no run `9`/);
});

test('an audit ends as bad as the worst that it found', () => {
  const finding = (level: string) => ({
    type: 'finding',
    host: 'a',
    id: '1',
    name: 'x',
    finding: { level, summary: '' },
  });
  const outcome = (...levels: readonly string[]) => {
    const given = {
      command: 'audit',
      hosts: [],
      recap: [{ host: 'a' }],
      end: 'audited',
      more: levels.map(finding),
    } as const;
    const run = record('r', given);
    assert.equal(run.findings.length, levels.length);
    return outcomeOf(run, [run]);
  };
  assert.equal(outcome(), 'ok');
  assert.equal(outcome('pass', 'pass'), 'ok');
  assert.equal(outcome('pass', 'warn'), 'warned');
  assert.equal(outcome('fail', 'warn'), 'failed');
  assert.deepEqual(record('r', { more: [{ type: 'finding', host: 'a' }] }).findings, []);
});

test('the newest runs stay, those that changed nothing and audits beside them, and what was cut off', () => {
  const root = mkdtempSync(join(tmpdir(), 'runbook-records-'));
  try {
    const put = (id: string, given: Given) => {
      mkdirSync(join(root, 'runs', id), { recursive: true });
      writeFileSync(join(root, 'runs', id, 'journal.jsonl'), text(id, given));
    };
    for (const id of ['1', '3', '5', '7']) put(id, {});
    for (const id of ['2', '4', '6']) put(id, { hosts: [] });
    for (const id of ['a', 'b', 'c']) put(id, { hosts: [], command: 'audit' });
    put('0', { end: '' });
    mkdirSync(join(root, 'runs', 'other'));
    pruneRecords(root, 2);
    assert.deepEqual(readdirSync(join(root, 'runs')).sort(), ['0', '4', '5', '6', '7', 'b', 'c', 'other']);
    assert.deepEqual(
      readRecords(root).map(({ head }) => head.id),
      ['c', 'b', '7', '6', '5', '4', '0'],
    );
    assert.deepEqual(readRecords(join(root, 'nothing')), []);
  } finally {
    rmSync(root, { recursive: true });
  }
});
