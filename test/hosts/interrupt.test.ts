import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { runbookCommand } from '../lab/controllers.ts';
import { useHosts } from '../lab/hosts.ts';
import { sleep } from '../lab/process.ts';

const lab = useHosts({ bare: 1 });
const host = () => lab.host(0);

interface Interrupted {
  readonly code: number | null;
  readonly output: string;
  readonly ms: number;
}

/** Applies, and sends SIGINT as often as told once the host has begun, as Ctrl-C does. */
async function interrupted(play: string, times: number): Promise<Interrupted> {
  await host().inside('rm -f /tmp/begun');
  const { argv, env, cwd } = await runbookCommand(lab.work, ['apply', play, '-i', lab.inventory(), '--yes']);
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for (let i = 0; i < 400 && (await host().inside('test -e /tmp/begun')).code !== 0; i++) await sleep(50);
  const startedAt = performance.now();
  for (let i = 0; i < times; i++) {
    child.kill('SIGINT');
    await sleep(300);
  }
  return { code: await ended, output, ms: performance.now() - startedAt };
}

const book = (name: string, seconds: number) =>
  lab.write(
    name,
    `- hosts: fleet
  gather_facts: false
  tasks:
    - name: slow
      command: sh -c 'touch /tmp/begun; sleep ${seconds}; touch /tmp/finished'
      args: {creates: /tmp/finished}
      notify: told
    - name: next
      copy: {dest: /etc/next, content: "1\\n", mode: "0600"}
  handlers:
    - name: told
      command: touch /etc/told
`,
  );

test('Ctrl-C once: what runs is finished, nothing more is begun, and the next apply goes on', async () => {
  const play = book('once.yml', 3);
  const { code, output } = await interrupted(play, 1);
  assert.equal(code, 130, output);
  assert.match(output, /What was running has been finished/);
  assert.equal((await host().inside('ls /tmp/finished')).code, 0);
  assert.equal((await host().inside('ls /etc/told')).code, 2);
  const again = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.equal((await host().inside('ls /etc/next /etc/told')).code, 0, 'the handler is not forgotten');
});

test('Ctrl-C twice: it stops now, and nothing of it goes on running there', async () => {
  await host().reset();
  const { code, output, ms } = await interrupted(book('twice.yml', 90), 2);
  assert.equal(code, 130, output);
  assert.ok(ms < 60_000, `it took ${ms} ms`);
  assert.equal((await host().inside('pgrep -f "^sleep 90"')).code, 1, 'the command still runs');
  assert.equal((await host().inside('ls /tmp/finished')).code, 2);
});
