import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { restore } from '../../engine/applying/undo/restore.ts';
import { type RunJournal, runJournal } from '../../engine/applying/undo/run_journal.ts';
import type { Ref, SetStep, View } from '../../engine/planning/contracts.ts';
import { answer } from '../resources/programs.ts';

const ref = runJournal('run-1', 'root');
const parse = (journal: string, images = '') =>
  ref.type.parse(
    answer({ 'dir run-1': '/store/runs/run-1', 'journal run-1': journal, 'images run-1': images, end: '' }),
    [ref],
  )[0] as { readonly value: RunJournal | null };

function view(journal: RunJournal | null, values: ReadonlyMap<string, unknown> = new Map()): View {
  const find = (asked: Ref) => (asked.type === (ref.type as unknown) ? journal : (values.get(asked.id) ?? null));
  return { user: 'root', get: find, peek: find } as unknown as View;
}

const params = { run: 'run-1', entry: 1, force: true };

test('whatever a host claims to have journaled, reading it and undoing it does not throw', () => {
  const KINDS = ['path', 'package', 'unit', 'user', 'group', 'crontab', 'sysctl', 'nonsense'];
  const shape = fc.record(
    {
      kind: fc.constantFrom('file', 'directory', 'link', 'other', 3),
      ...{ mode: fc.oneof(fc.integer(), fc.constant(0o644), fc.jsonValue()), owner: fc.jsonValue() },
      ...{ name: fc.oneof(fc.string(), fc.jsonValue()), state: fc.string(), version: fc.string(), text: fc.string() },
      ...{ value: fc.jsonValue(), target: fc.string(), flags: fc.string(), times: fc.jsonValue(), gid: fc.jsonValue() },
      content: fc.oneof(fc.jsonValue(), fc.record({ size: fc.nat(), sha256: fc.constant('0'.repeat(64)) })),
    },
    { requiredKeys: [] },
  );
  const value = fc.oneof(fc.constant(null), shape, fc.jsonValue());
  const change = fc.record({
    n: fc.constant(1),
    type: fc.constantFrom(...KINDS),
    id: fc.oneof(fc.constantFrom('/etc/x', 'ssh', 'net.ipv4.ip_forward', '../..', '/\0'), fc.string()),
    aspects: fc.oneof(fc.constant(['content']), fc.jsonValue()),
    before: value,
    after: value,
    options: fc.oneof(fc.constant({}), fc.jsonValue()),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3 }), fc.string(), (changes, images) => {
      const { value: journal } = parse(`${JSON.stringify({ n: 1, changes })}\n`, `1\n${images}`);
      const seen = view(journal);
      restore.looksAt(params, seen);
      for (const step of restore.wants(params, seen).steps as readonly SetStep[]) {
        const made = { ref: step.ref, before: null, after: step.to, options: step.options };
        assert.ok(step.ref.type.transition([made]).text.length > 0);
        step.ref.type.describe(made);
      }
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.string(), fc.string(), (journal, images) => {
      parse(journal, images);
    }),
  );
});

test('what was run is told as what cannot be undone, and what was not come to is nothing', () => {
  const { value } = parse('{"n":1,"name":"x","run":"run: reboot"}\n{"n":1,"status":0}\n');
  assert.deepEqual(restore.wants(params, view(value)).warnings, ['cannot be undone: run: reboot']);
  assert.deepEqual(restore.wants({ ...params, entry: 2 }, view(value)), { steps: [] });
  assert.match(restore.wants(params, view(null)).warnings?.[0] ?? '', /keeps nothing of run run-1/);
});

test('where the host has moved on, what differs is named', () => {
  const before = { kind: 'file', mode: 0o644, owner: 'root', group: 'root', content: { text: 'old' } };
  const after = { ...before, mode: 0o600 };
  const record = (value: object) => ({ ...value, content: { size: 3, sha256: sha('old') } });
  const change = {
    n: 1,
    type: 'path',
    id: '/etc/x',
    aspects: ['content'],
    before: record(before),
    after: record(after),
  };
  const { value: journal } = parse(`${JSON.stringify({ n: 1, changes: [change] })}\n`);
  const undo = (now: unknown, force: boolean) =>
    restore.wants({ ...params, force }, view(journal, new Map([['/etc/x', now]])));
  const steps = undo(after, false).steps as readonly SetStep[];
  assert.deepEqual(
    steps.map(({ to }) => to),
    [{ kind: 'file', mode: 0o644, owner: 'root', group: 'root' }],
  );
  assert.deepEqual(undo(before, false).steps, []);
  const other = { ...after, owner: 'nobody', content: { text: 'new' } };
  assert.equal(undo(other, false).failed?.message, 'file /etc/x: owner, content are not what run run-1 left');
  assert.equal(undo(null, false).failed?.message, 'file /etc/x: it is not there any more, and run run-1 left it there');
  assert.equal(undo(other, true).steps.length, 1);
});

function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
