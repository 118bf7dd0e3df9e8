import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { difference, recordTasks, type TaskRecord } from '../../engine/applying/plan_record.ts';
import type { Change } from '../../engine/planning/contracts.ts';
import type { Instance } from '../../engine/planning/instance.ts';
import { path } from '../../engine/resources/path.ts';
import type { FileValue } from '../../engine/resources/path_value.ts';
import { sh } from '../../engine/transport/sh.ts';

const recording = {
  digest: (text: string) => createHash('sha256').update(text).digest('hex'),
  mask: (text: string) => text.replaceAll('s3cret', '***'),
};

const BASE = {
  status: 'change',
  target: { host: 'web1', connection: undefined, remoteUser: undefined, identity: { user: 'root', method: 'sudo' } },
  environment: {},
  waitsFor: [],
  checkMode: undefined,
  notifies: [],
  noLog: false,
};

function task(id: string, steps: readonly unknown[], more: object = {}): Instance {
  return { ...BASE, id, name: `task ${id}`, steps, ...more } as unknown as Instance;
}

function written(text: string, more: Partial<Change<FileValue>> & { mode?: number } = {}) {
  const { mode = 0o644, ...rest } = more;
  const after: FileValue = { kind: 'file', mode, content: { text } };
  return { kind: 'change', change: { ref: path('/etc/motd'), before: null, after, options: {}, ...rest } };
}

function run(command: string) {
  return { kind: 'action', summary: `run: ${command}`, script: sh`${command}`, disturbs: 'everything', changed: true };
}

const record = (...tasks: readonly Instance[]): readonly TaskRecord[] => recordTasks(tasks, recording);
const KEPT = record(task('1', [written('hello\n')]), task('2', [run('true')]));

test('the same plan is the same, whenever its backups are named and in whatever order its keys come', () => {
  const again = record(
    task('1', [written('hello\n')], { environment: {} }),
    task('2', [run('true')]),
    task('3', [], { status: 'ok' }),
    task('4', [run('false')], { status: 'skip' }),
  );
  assert.equal(difference(KEPT, again), undefined);
  const backup = (name: string) => record(task('1', [written('hello\n', { options: { backup: name } })]));
  assert.equal(difference(backup('/etc/motd.1~'), backup('/etc/motd.2~')), undefined);
  const environment = (value: object) => record(task('1', [run('true')], { environment: value }));
  assert.equal(difference(environment({ A: '1', B: '2' }), environment({ B: '2', A: '1' })), undefined);
});

const DIFFERENT: readonly (readonly [string, readonly Instance[], RegExp])[] = [
  [
    'content',
    [task('1', [written('bye\n')]), task('2', [run('true')])],
    /`task 1` .*file \/etc\/motd: content differs$/,
  ],
  ['mode', [task('1', [written('hello\n', { mode: 0o600 })]), task('2', [run('true')])], /motd: mode differs$/],
  [
    'what was there',
    [task('1', [written('hello\n', { before: { kind: 'file', mode: 0o644 } })]), task('2', [run('true')])],
    /motd: change instead of create$/,
  ],
  [
    'options',
    [task('1', [written('hello\n', { options: { validate: 'x %s' } })]), task('2', [run('true')])],
    /options/,
  ],
  ['command', [task('1', [written('hello\n')]), task('2', [run('false')])], /run: false in the place of run: true$/],
  [
    'script',
    [task('1', [written('hello\n')]), task('2', [{ ...run('true'), script: sh`other` }])],
    /the command differs$/,
  ],
  ['order', [task('2', [run('true')]), task('1', [written('hello\n')])], /`task 2` would come before `task 1`$/],
  ['less', [task('2', [run('true')])], /`task 1` has nothing to do any more$/],
  [
    'more',
    [task('1', [written('hello\n')]), task('2', [run('true')]), task('3', [run('true')])],
    /`task 3` has something to do now/,
  ],
  [
    'a further step',
    [task('1', [written('hello\n'), run('true')]), task('2', [run('true')])],
    /run: true is a further step$/,
  ],
  ['no step', [task('1', []), task('2', [run('true')])], /file \/etc\/motd is not among its steps any more$/],
  [
    'provisional',
    [task('1', [written('hello\n')], { status: 'provisional', waitsFor: ['x'] }), task('2', [run('true')])],
    /what comes of it, what it waits for differ$/,
  ],
  [
    'user',
    [
      task('1', [written('hello\n')], { target: { ...BASE.target, identity: { user: 'www', method: 'sudo' } } }),
      task('2', [run('true')]),
    ],
    /where it runs differs$/,
  ],
];

for (const [what, now, pattern] of DIFFERENT) {
  test(`another plan by its ${what}`, () => assert.match(difference(KEPT, record(...now)) ?? 'no difference', pattern));
}

test('contents, commands and secrets stand in no record', () => {
  const kept = record(
    task('s3cret', [written('a content that is long\n'), run('echo s3cret')]),
    task('2', [run('quietly')], { noLog: true }),
  );
  const text = JSON.stringify(kept.map(({ name, steps }) => [name, steps]));
  for (const word of ['long', 's3cret', 'quietly']) assert.equal(text.includes(word), false, word);
});
