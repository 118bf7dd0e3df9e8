import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { reportFiles } from '../../../engine/commands/report_files.ts';

const CLI = join(import.meta.dirname, '..', '..', '..', 'engine', 'cli.ts');
const dir = mkdtempSync(join(tmpdir(), 'runbook-report-'));
after(() => rmSync(dir, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly stderr: string;
}

function runbook(...args: readonly string[]): Promise<Ended> {
  const argv = ['--import', import.meta.resolve('tsx'), CLI, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { cwd: dir, timeout: 120_000 }, (fault, _stdout, stderr) => {
      resolve({ code: typeof fault?.code === 'number' ? fault.code : 0, stderr });
    });
  });
}

const read = (name: string): string => readFileSync(join(dir, name), 'utf8');

const PLAY = `- hosts: all
  gather_facts: false
  tasks:
    - {name: first, copy: {dest: "${dir}/made", content: "a hunter2-of-here\\n", mode: "0600"}}
    - {name: hidden, copy: {dest: "${dir}/hidden", content: hush}, no_log: true}
    - {name: breaks, shell: "echo hunter2-of-here >&2; exit 3"}
    - {name: never, copy: {dest: "${dir}/never", content: x}}
`;

test('a run and what is later made from its journal are the same, and hold no secret', {
  timeout: 300_000,
}, async () => {
  writeFileSync(join(dir, 'play.yml'), PLAY);
  writeFileSync(
    join(dir, 'hosts'),
    'here ansible_connection=local ansible_become_password=hunter2-of-here\naway ansible_host=127.0.0.1 ansible_port=1\n',
  );
  const formats = ['html', 'json', 'xml', 'md'];
  const reports = (name: string): readonly string[] => formats.flatMap((format) => ['--report', `${name}.${format}`]);
  assert.equal((await runbook('apply', 'play.yml', '-i', 'hosts', '--yes', ...reports('live'))).code, 3);
  const [run] = readdirSync(join(dir, '.runbook', 'runs'));
  assert.equal((await runbook('show', run as string, ...reports('later'))).code, 0);
  for (const format of formats) {
    const text = read(`live.${format}`);
    assert.equal(read(`later.${format}`), text, format);
    assert.equal(statSync(join(dir, `live.${format}`)).mode & 0o777, 0o600);
    assert.equal(text.includes('hunter2') || text.includes('hush'), false, `${format} tells a secret`);
  }
  const { run: whole, hosts, tasks } = JSON.parse(read('live.json'));
  assert.equal(whole.verdict, 'failed');
  assert.deepEqual(
    hosts.map(({ host, verdict }: { host: string; verdict: string }) => [host, verdict]),
    [
      ['here', 'failed'],
      ['away', 'unreachable'],
    ],
  );
  assert.deepEqual(
    tasks.map(({ name, outcome }: { name: string; outcome: string }) => [name, outcome]),
    [
      ['first', 'changed'],
      ['hidden', 'changed'],
      ['breaks', 'failed'],
      ['never', 'provisional'],
    ],
  );
  assert.match(read('live.html'), /a \*{8}/);
});

test('where no report can be written, nothing is contacted', async () => {
  const ended = await runbook(
    'apply',
    'play.yml',
    '-i',
    'hosts',
    '--yes',
    '--report',
    'x.txt',
    '--report',
    'no/x.html',
  );
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /--report x\.txt: there is no such kind of report/);
  assert.match(ended.stderr, /ends in \.html, \.json, \.xml or \.md/);
  assert.match(ended.stderr, /no report can be written to no\/x\.html: no is not there/);
});

test('a file that is no report is not written over, and neither is a directory', () => {
  const path = (name: string): string => join(dir, name);
  mkdirSync(path('folder.md'));
  writeFileSync(path('notes.md'), '# Notes\n');
  writeFileSync(path('empty.md'), '');
  writeFileSync(path('old.md'), '## runbook: play.yml: in order\n');
  writeFileSync(path('file'), '');
  const told = (name: string): string | undefined => {
    const files = reportFiles([path(name)]);
    return files.ok ? undefined : files.diagnostics[0]?.message.replace(`${dir}/`, '');
  };
  assert.deepEqual(['empty.md', 'old.md', 'new.MD', 'new.html'].map(told), [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(told('notes.md'), 'notes.md is there and is no report');
  assert.equal(told('folder.md'), 'folder.md is there and is no report');
  assert.match(told('file/x.md') ?? '', /no report can be written to file\/x\.md/);
  assert.match(told('report') ?? '', /there is no such kind of report/);
  if (process.getuid?.() !== 0) {
    mkdirSync(path('locked'));
    chmodSync(path('locked'), 0o500);
    assert.match(told('locked/x.md') ?? '', /EACCES/);
  }
});
