import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');
const dir = mkdtempSync(join(tmpdir(), 'runbook-input-'));
after(() => rmSync(dir, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runbook(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [CLI, ...args],
      { cwd: dir, env: { ...process.env, NO_COLOR: '1' } },
      (fault, stdout, stderr) => {
        resolve({ code: fault === null ? 0 : (fault.code as unknown as number), stdout, stderr });
      },
    );
  });
}

function file(name: string, text: string | Uint8Array): string {
  writeFileSync(join(dir, name), text);
  return name;
}

// Nothing listens there: whoever contacts it fails with 4 and not with 1.
const nowhere = file(
  'hosts',
  'web1 ansible_host=127.0.0.1 ansible_port=1\nweb2 ansible_host=127.0.0.1 ansible_port=1\n',
);
const play = (tasks: string) => `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`;
mkdirSync(join(dir, 'folder'));

interface Case {
  readonly name: string;
  /** What stands in the playbook, or its path where it is another one. */
  readonly text?: string | Uint8Array;
  readonly path?: string;
  readonly args?: readonly string[];
  readonly says: readonly RegExp[];
}

const cases: readonly Case[] = [
  { name: 'no such file', path: 'nothing.yml', says: [/nothing\.yml/, /no file/] },
  { name: 'a directory', path: 'folder', says: [/folder/, /directory/] },
  { name: 'an empty file', text: '', says: [/play\.yml/, /empty|list of plays/] },
  { name: 'broken YAML', text: '- hosts: [a\n', says: [/play\.yml:\d+:\d+/] },
  { name: 'a tab', text: '- hosts: all\n\ttasks: []\n', says: [/play\.yml:2:1/, /tab/i] },
  { name: 'a key twice', text: play('    - debug: {msg: a, msg: b}\n'), says: [/play\.yml:4:\d+/, /msg/] },
  { name: 'not UTF-8', text: new Uint8Array([0x2d, 0x20, 0xff, 0xfe]), says: [/UTF-8/] },
  {
    name: 'an unknown module',
    text: play('    - lineinfiel: {path: /x, line: y}\n'),
    says: [/play\.yml:4:7/, /lineinfiel/, /lineinfile/],
  },
  {
    name: 'an unknown parameter',
    text: play('    - lineinfile: {pth: /x, line: y}\n'),
    says: [/play\.yml:4:\d+/, /pth/, /path/],
  },
  {
    name: 'an unknown keyword',
    text: play('    - debug: {msg: x}\n      wehn: true\n'),
    says: [/play\.yml:5:7/, /wehn/, /when/],
  },
  {
    name: 'a wrong type',
    text: play('    - file: {path: /x, state: directory, recurse: perhaps}\n'),
    says: [/play\.yml:4:\d+/, /recurse/],
  },
  {
    name: 'a mode that YAML has mangled',
    text: play('    - file: {path: /x, mode: 644}\n'),
    says: [/play\.yml:4:\d+/, /"0644"/],
  },
  {
    name: 'an undefined variable',
    text: play('    - debug: {msg: "{{ nmae }}"}\n      vars: {name: x}\n'),
    says: [/play\.yml:4:\d+/, /nmae/],
  },
  { name: 'template syntax', text: play('    - debug: {msg: "{{ a | }}"}\n'), says: [/play\.yml:4:\d+/] },
  {
    name: 'a value that begins with a template',
    text: play('    - debug:\n        msg: {{ x }}\n'),
    says: [/play\.yml:5:\d+/, /quote/i],
  },
  { name: 'an include that includes itself', text: play('    - import_tasks: loop.yml\n'), says: [/loop\.yml/] },
  {
    name: 'an unknown host',
    text: play('    - debug: {msg: x}\n').replace('all', 'wbe1'),
    says: [/play\.yml:1:10/, /wbe1/, /web1/],
  },
  { name: 'a limit that leaves nobody', text: play('    - debug: {msg: x}\n'), args: ['-l', 'web9'], says: [/web9/] },
  {
    name: 'an empty inventory',
    text: play('    - debug: {msg: x}\n'),
    args: ['-i', file('none', '\n')],
    says: [/host/],
  },
  {
    name: 'an inventory that is not there',
    text: play('    - debug: {msg: x}\n'),
    args: ['-i', 'nosuch'],
    says: [/nosuch/],
  },
  {
    name: 'an ssh option that nobody honours',
    text: play('    - debug: {msg: x}\n'),
    args: ['-i', file('odd', 'a ansible_ssh_common_args="-o TunnelDevice=1"\n')],
    says: [/TunnelDevice/],
  },
  {
    name: 'variables that are none',
    text: play('    - debug: {msg: x}\n'),
    args: ['-e', '@nosuch.yml'],
    says: [/nosuch\.yml/],
  },
  ...['copy: {src: circle, dest: /x}', 'include_tasks: circle', 'import_tasks: circle'].map((task) => ({
    name: `a link that leads to itself: ${task}`,
    text: play(`    - ${task}\n`),
    says: [/play\.yml:4:\d+/, /circle/],
  })),
  {
    name: 'vars_files with a link that leads to itself',
    text: play('    - debug: {msg: x}\n').replace('  tasks:', '  vars_files: [circle]\n  tasks:'),
    says: [/play\.yml:3:\d+/, /circle/],
  },
  {
    name: 'a NUL where no program could take it',
    text: play('    - command: {argv: [ls, "a\\0b"]}\n'),
    says: [/play\.yml:4:\d+/, /argv\[1\]/, /NUL/],
  },
  {
    name: 'a NUL in the environment',
    text: play('    - {command: ls, environment: {LANG: "a\\0b"}}\n'),
    says: [/play\.yml:4:\d+/, /LANG/, /NUL/],
  },
  {
    name: 'a NUL in the name of a user',
    text: play('    - {command: ls, become: true, vars: {ansible_become_user: "a\\0b"}}\n'),
    says: [/user/, /NUL/],
  },
  {
    name: 'an unknown handler',
    text: play('    - {command: "true", notify: restrat}\n  handlers:\n    - {name: restart, command: "true"}\n'),
    says: [/play\.yml:4:\d+/, /restrat/, /restart/],
  },
  { name: 'forks of none', text: play('    - debug: {msg: x}\n'), args: ['-f', '0'], says: [/--forks/] },
];
symlinkSync('circle', join(dir, 'circle'));
file('loop.yml', '- import_tasks: loop.yml\n');

describe('bad input is refused before any host is contacted, with its place and no stack', () => {
  for (const { name, text, path, args, says } of cases) {
    test(name, async () => {
      const playbook = path ?? file('play.yml', text as string);
      const given = args?.includes('-i') ? args : [...(args ?? []), '-i', nowhere];
      const ended = await runbook('plan', playbook, ...given);
      assert.equal(ended.code, 1, `${ended.stdout}${ended.stderr}`);
      assert.doesNotMatch(ended.stderr, /^\s+at .*\.[jt]s:\d+/m, 'a stack trace');
      for (const pattern of says) assert.match(ended.stderr, pattern);
    });
  }

  test('all mistakes of all files are told at once', async () => {
    const text = play('    - lineinfiel: {path: /x}\n    - debug: {mgs: x}\n      wehn: true\n');
    const ended = await runbook('plan', file('play.yml', text), '-i', 'nosuch');
    assert.equal(ended.code, 1);
    for (const word of ['lineinfiel', 'mgs', 'wehn', 'nosuch']) assert.ok(ended.stderr.includes(word), ended.stderr);
    assert.match(ended.stderr, /4 errors/);
  });
});

test('a host that cannot be reached is no mistake of the input', async () => {
  const ended = await runbook(
    'plan',
    file('play.yml', play('    - debug: {msg: x}\n').replace('false', 'true')),
    '-i',
    nowhere,
  );
  assert.equal(ended.code, 4, ended.stdout + ended.stderr);
  assert.match(ended.stdout, /unreachable: web1\n.*nothing listens there\n/);
});

test('an apply that cannot keep a journal contacts nobody', async () => {
  const playbook = file('play.yml', play('    - debug: {msg: x}\n'));
  writeFileSync(join(dir, '.runbook'), '');
  try {
    const ended = await runbook('apply', playbook, '-i', nowhere, '--yes');
    assert.equal(ended.code, 1, ended.stdout + ended.stderr);
    assert.match(ended.stderr, /no journal can be written in \.runbook: it is not a directory/);
  } finally {
    rmSync(join(dir, '.runbook'));
  }
});

test('lint tells the mistakes and contacts nobody', async () => {
  assert.equal((await runbook('lint', file('play.yml', play('    - debug: {msg: x}\n')))).code, 0);
  assert.equal((await runbook('lint', file('play.yml', play('    - debug: {mgs: x}\n')))).code, 1);
});

test('unknown commands and options are told with the nearest', async () => {
  const command = await runbook('paln', 'x.yml');
  assert.equal(command.code, 1);
  assert.match(command.stderr, /Did you mean plan/);
  assert.equal((await runbook('plan', 'x.yml', '--limti', 'x')).code, 1);
  assert.equal((await runbook('--help')).code, 0);
});
