import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import type { RunEvent } from '../../engine/planning/plan.ts';
import { createReporter } from '../../engine/reporting/reporter.ts';
import { createSecrets } from '../../engine/secrets/secrets.ts';
import { eventsSchema } from '../../scripts/schemas/events_schema.ts';
import { compileSchema } from '../../scripts/schemas/validators.ts';
import { action, change, result, task } from './fake_plan.ts';

const isEvent = compileSchema(eventsSchema());
const CLI = join(import.meta.dirname, '..', '..', 'engine', 'cli.ts');
const dir = mkdtempSync(join(tmpdir(), 'runbook-events-'));
after(() => rmSync(dir, { recursive: true }));

type Line = Readonly<Record<string, unknown>> & { readonly type: string };

function linesOf(text: string): readonly Line[] {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  for (const line of lines) assert.ok(isEvent(line), `not as the schema says: ${JSON.stringify(line)}`);
  return lines;
}

function runbook(...args: readonly string[]): Promise<readonly Line[]> {
  const argv = ['--import', import.meta.resolve('tsx'), CLI, ...args];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, argv, { cwd: dir, timeout: 60_000 }, (_fault, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr));
      else resolve(linesOf(stdout));
    });
  });
}

const PLAY = `- hosts: all
  gather_facts: false
  tasks:
    - name: written
      copy: {dest: "${dir}/{{ item }}", content: text, mode: "0644"}
      loop: [a, b]
      register: written
    - {name: bytes, copy: {dest: "${dir}/bytes", src: bytes}}
    - {name: hidden, copy: {dest: "${dir}/hidden", content: hush}, no_log: true}
    - {name: run, command: "echo hush", no_log: true}
    - {name: skipped, command: "true", when: false}
    - {name: hangs on it, debug: {msg: "{{ written.results }} {{ 1.5 }}"}}
    - {name: fails, shell: "echo why >&2; exit 3", ignore_errors: true}
    - {name: counts, shell: "exit 3"}
`;

test('the events of a plan and of an apply are as the schema says', { timeout: 120_000 }, async () => {
  writeFileSync(join(dir, 'play.yml'), PLAY);
  writeFileSync(join(dir, 'bytes'), Buffer.from([0, 255]));
  writeFileSync(join(dir, 'hosts'), 'here ansible_connection=local\naway ansible_host=127.0.0.1 ansible_port=1\n');
  const args = ['play.yml', '-i', 'hosts', '--json'];
  const plan = await runbook('plan', ...args);
  const apply = await runbook('apply', ...args, '--yes');
  const types = (lines: readonly Line[]) => [...new Set(lines.map(({ type }) => type))].sort();
  const both = ['host-looked', 'host-unreachable', 'planned', 'run-finished', 'run-started'];
  assert.deepEqual(types(plan), both);
  assert.deepEqual(types(apply), [...both, 'apply-started', 'play-started', 'task-finished', 'task-started'].sort());
  assert.equal(JSON.stringify([plan, apply]).includes('hush'), false);
  const outcomes = apply.flatMap((line) => (line.type === 'task-finished' ? [line.outcome] : []));
  assert.deepEqual(new Set(outcomes), new Set(['changed', 'skipped', 'ok', 'ignored', 'failed']));
});

test('so are those that need another kind of host', () => {
  const secret = task('web1', 'key', { steps: [change({ title: 'user a', secret: true }, true), action('restart x')] });
  const quiet = task('web1', 'x', { noLog: true, delegate: 'b', item: 'c', identity: { user: 'root', method: 'su' } });
  const failure = { message: 'no', command: 'x', status: 1, stderr: 'e', stdout: 'o', left: 'all', hint: 'try' };
  const events: readonly RunEvent[] = [
    { type: 'host-unreachable', host: 'web1', message: 'gone', hint: undefined },
    { type: 'warning', message: 'of no host' },
    { type: 'warning', host: 'web1', message: 'of a host' },
    { type: 'planned', host: 'web1', tasks: [secret, quiet] },
    { type: 'task-finished', result: result(secret, { outcome: 'failed', failure }) },
    { type: 'task-finished', result: result(quiet, { outcome: 'unreachable', failure }) },
  ];
  const out = new PassThrough();
  const reporter = createReporter({
    ...{ out, err: out, json: true, color: false, terminal: false },
    ...{ verbosity: 0, width: 80, command: 'apply', secrets: createSecrets() },
  });
  for (const event of events) reporter.event(event);
  assert.equal(linesOf(String(out.read())).length, events.length);
});

test('what the schema does not name is refused, and what must be there must be there', () => {
  const good = { type: 'warning', message: 'x' };
  assert.ok(isEvent(good));
  for (const bad of [
    { ...good, more: 1 },
    { type: 'warning' },
    { ...good, type: 'wraning' },
    { ...good, host: null },
  ]) {
    assert.equal(isEvent(bad), false, JSON.stringify(bad));
  }
});
