import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { encrypt } from '../../engine/vault/cipher.ts';
import { closeEnvelope } from '../../engine/vault/envelope.ts';

const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');
const dir = mkdtempSync(join(tmpdir(), 'runbook-sealed-'));
after(() => rmSync(dir, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

function runbook(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, HOME: dir, NO_COLOR: '1', ANSIBLE_VAULT_PASSWORD_FILE: '' };
    const child = spawn(process.execPath, [CLI, ...args], { cwd: dir, env });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        text += String(chunk);
      });
    }
    child.once('close', (code) => resolve({ code, text }));
  });
}

function file(name: string, text: string): string {
  const path = join(dir, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return name;
}

const sealed = (text: string, password = 'one'): string =>
  closeEnvelope(encrypt(Buffer.from(text), Buffer.from(password), 'default'));
const value = (text: string, indent: string, password = 'one'): string =>
  `!vault |\n${sealed(text, password).replace(/^/gm, indent).trimEnd()}`;

file('pw', 'one');
const VAULT = ['--vault-password-file', 'pw'];

/** Applies a play on this machine that writes what it is told to `out`. */
async function written(tasks: string, ...more: readonly string[]): Promise<string> {
  const play = file('play.yml', `- hosts: here\n  gather_facts: false\n${tasks}`);
  rmSync(join(dir, 'out'), { force: true });
  const { code, text } = await runbook('apply', '--yes', play, ...more, ...VAULT);
  assert.equal(code, 0, text);
  return readFileSync(join(dir, 'out'), 'utf8');
}

file('inventory/hosts.yml', 'all: {hosts: {here: {ansible_connection: local}}}\n');
const HERE = ['-i', 'inventory/hosts.yml'];
const out = join(dir, 'out');
const write = (expression: string): string => `    - copy: {dest: ${out}, content: "${expression}"}\n`;

describe('what is encrypted is read', () => {
  test('as a value of an inventory, and as a password to log in with', async () => {
    file(
      'own.yml',
      `all:\n  hosts:\n    here:\n      ansible_connection: local\n      x: ${value('from inventory', '        ')}\n`,
    );
    assert.equal(await written(`  tasks:\n${write('{{ x }}')}`, '-i', 'own.yml'), 'from inventory');
  });
  test('in group_vars and host_vars, whole files and values, files of a directory included', async () => {
    file('inventory/group_vars/all/plain.yml', 'a: 1\n');
    file('inventory/group_vars/all/vault.yml', sealed('b: "{{ a + 1 }}"\nc: text\n'));
    file('inventory/host_vars/here.yml', `d: [${'1'}, 2]\ne: ${value('value {{ a }}', '  ')}\n`);
    assert.equal(await written(`  tasks:\n${write('{{ b }} {{ c }} {{ e }}')}`, ...HERE), '2 text value {{ a }}');
  });
  test('in vars, vars_files, include_vars and extra variables', async () => {
    file('vars.yml', sealed('v: from vars_files\n'));
    file('more.yml', sealed('m: from include_vars\n'));
    file('extra.yml', sealed('x: from extra\n'));
    const play = `  vars:\n    w: ${value('from vars', '      ')}\n  vars_files: [vars.yml]\n  tasks:\n    - include_vars: more.yml\n`;
    assert.equal(
      await written(play + write('{{ v }}, {{ m }}, {{ w }}, {{ x }}'), ...HERE, '-e', '@extra.yml'),
      'from vars_files, from include_vars, from vars, from extra',
    );
  });
  test('in files of tasks, imported and included, and as a whole playbook', async () => {
    file('imported.yml', sealed('- set_fact: {i: imported}\n'));
    file('included.yml', sealed('- set_fact: {j: included}\n'));
    const tasks = `  tasks:\n    - import_tasks: imported.yml\n    - include_tasks: included.yml\n${write('{{ i }} {{ j }}')}`;
    assert.equal(await written(tasks, ...HERE), 'imported included');
    file('sealed.yml', sealed(`- hosts: here\n  gather_facts: false\n  tasks:\n${write('all of it')}`));
    const { code, text } = await runbook('apply', '--yes', 'sealed.yml', ...HERE, ...VAULT);
    assert.equal(code, 0, text);
    assert.equal(readFileSync(out, 'utf8'), 'all of it');
  });
  test('as the source of copy and template, and by lookup', async () => {
    file('files/source', sealed('a source\n'));
    file('templates/t.j2', sealed('{{ 1 + 1 }} of them\n'));
    file('files/tree/inner', sealed('in a tree'));
    assert.equal(await written(`  tasks:\n    - copy: {dest: ${out}, src: source}\n`, ...HERE), 'a source\n');
    assert.equal(await written(`  tasks:\n    - template: {dest: ${out}, src: t.j2}\n`, ...HERE), '2 of them\n');
    assert.equal(await written(`  tasks:\n${write("{{ lookup('file', 'source') }}")}`, ...HERE), 'a source');
    const asIs = await written(`  tasks:\n    - copy: {dest: ${out}, src: source, decrypt: false}\n`, ...HERE);
    assert.match(asIs, /^\$ANSIBLE_VAULT;1\.1;AES256\n/);
    await written(`  tasks:\n    - copy: {dest: ${dir}/copied, src: tree/}\n${write('x')}`, ...HERE);
    assert.equal(readFileSync(join(dir, 'copied/inner'), 'utf8'), 'in a tree');
  });
  test('as the argument of a module that takes a text', async () => {
    const play = `  tasks:\n    - shell: ${value(`printf %s typed > ${out}`, '        ')}\n`;
    assert.equal(await written(play, ...HERE), 'typed');
  });
});

describe('a password that is missing', () => {
  const tasks = (text: string): string => file('lacks.yml', `- hosts: all\n  gather_facts: false\n  tasks:\n${text}`);

  test('is not missed where nothing needs it', async () => {
    file('inventory2/hosts.yml', 'all: {hosts: {here: {ansible_connection: local}, there: {}}}\n');
    file('inventory2/host_vars/there.yml', sealed('x: 1\n', 'another'));
    file('inventory2/host_vars/here.yml', `x: ${value('never asked for', '  ', 'another')}\ny: 1\n`);
    const { code, text } = await runbook(
      'plan',
      tasks('    - debug: {msg: "{{ y }}"}\n'),
      '-i',
      'inventory2/hosts.yml',
      '-l',
      'here',
    );
    assert.equal(code, 0, text);
  });
  test('is told of a host that a task is delegated to when that task comes to it', async () => {
    const elsewhere = (host: string): string =>
      tasks(`    - command: "true"\n      delegate_to: ${host}\n      changed_when: false\n`);
    const args = ['-i', 'inventory2/hosts.yml', '-l', 'here'];
    const here = await runbook('apply', '--yes', elsewhere('here'), ...args);
    assert.equal(here.code, 0, here.text);
    const there = await runbook('apply', '--yes', elsewhere('there'), ...args);
    assert.ok(there.code === 3 || there.code === 4, there.text);
    assert.match(there.text, /encrypted with the vault id `default`, and no password is given/);
  });
  for (const [what, task] of [
    ['a source of copy', '    - copy: {dest: /nowhere, src: source}\n'],
    ['a template', '    - template: {dest: /nowhere, src: t.j2}\n'],
    ['a lookup', `    - debug: {msg: "{{ lookup('file', 'source') }}"}\n`],
    [
      'vars of a task',
      `    - debug: {msg: "{{ x }}"}\n      vars:\n        x: ${value('x', '          ', 'another')}\n`,
    ],
    ['an include', '    - include_vars: more.yml\n'],
  ] as const) {
    test(`is told before any host is contacted: ${what}`, async () => {
      const play = tasks(task);
      const told = await runbook('plan', play, '-i', 'far,', '-e', 'ansible_host=127.0.0.1 ansible_port=1');
      assert.equal(told.code, 1, told.text);
      assert.match(told.text, /no password is given/);
      assert.match(told.text, /--vault-password-file FILE/);
    });
  }
});

test('a mistake in an encrypted file shows where it is, and nothing of what is there', async () => {
  file('broken.yml', sealed('user: secret-name\npassphrase_of_it: secret-value-1\nnext: [secret-value-2\n'));
  file('wrong.yml', sealed('first: "{{ nothing }} secret-value-3"\nlist: secret-value-4\n'));
  for (const name of ['broken.yml', 'wrong.yml']) {
    const play = file(
      'mistaken.yml',
      `- hosts: here\n  gather_facts: false\n  vars_files: [${name}]\n  tasks:\n    - debug: {msg: "{{ first }}"}\n`,
    );
    const { code, text } = await runbook('plan', play, ...HERE, ...VAULT);
    assert.equal(code, 1, text);
    assert.match(text, new RegExp(`${name}:\\d+:\\d+`));
    assert.doesNotMatch(text, /secret-/, text);
  }
});
