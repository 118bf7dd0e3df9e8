import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { validators } from '../../engine/language/generated/validators.js';
import { loadPlaybook, loadTasks } from '../../engine/language/load_playbook.ts';
import { Float } from '../../engine/language/values.ts';
import { parseYaml, type YamlNode } from '../../engine/language/yaml.ts';
import { modules } from '../../modules/registry.ts';
import { inventorySchema } from '../../scripts/schemas/inventory_schema.ts';
import { playbookSchema } from '../../scripts/schemas/playbook_schema.ts';
import { compileSchema } from '../../scripts/schemas/validators.ts';
import { directoryOf } from './files.ts';

const isPlaybook = compileSchema(playbookSchema(modules.all()));
const isInventory = compileSchema(inventorySchema());

function data(text: string): unknown {
  const read = parseYaml({ path: 'x.yml', text });
  assert.ok(read.ok, text);
  return toData(read.value);
}

function toData(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value instanceof Float ? Number(node.value) : node.value;
  if (node.kind === 'list') return node.items.map(toData);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, toData(value)]));
}

const GOOD: readonly string[] = [
  '- hosts: all',
  '- hosts: [a, b]\n  become: "{{ x }}"\n  gather_facts: no\n  serial: ["30%", 2]\n  tasks: []\n  handlers:',
  '- import_playbook: x.yml\n  when: a\n  tags: [b]\n  vars: {c: 1}',
  '- debug: {msg: a file of tasks}\n- command: ls\n- ansible.builtin.shell: ls | wc\n- import_tasks: x.yml\n- meta: flush_handlers',
  '- hosts: all\n  tasks:\n    - block:\n        - command: {cmd: ls, chdir: /}\n      rescue: [{debug: {var: x}}]\n      always:\n      when: [a, b]',
  '- hosts: all\n  tasks:\n    - copy: {dest: /a, content: "{{ x }}", mode: "0644", backup: "{{ y }}"}\n      loop: "{{ z }}"\n      loop_control: {label: "{{ item }}"}',
  '- hosts: all\n  module_defaults: {ansible.builtin.apt: {update_cache: true}, file: {owner: root}}\n  tasks:\n    - file: path=/a state=directory',
  '- hosts: all\n  tasks:\n    - apt: {name: "{{ packages }}", state: "{{ s }}", cache_valid_time: "{{ t }}"}\n    - command: touch /x\n      args: {creates: /x}',
  '- hosts: all\n  tasks:\n    - set_fact: {anything: [1], at_all: {a: b}}\n    - user: {name: a, uid: "1000", groups: "a,b"}',
];

for (const text of GOOD)
  test(`an editor accepts: ${JSON.stringify(text.slice(0, 60))}`, () => assert.ok(isPlaybook(data(text))));

const BAD: readonly string[] = [
  'hosts: all',
  '- hosts: all\n  task: []',
  '- hosts: all\n  become: maybe',
  '- hosts: all\n  tasks:\n    - cpoy: {src: a}',
  '- hosts: all\n  tasks:\n    - copy: {dset: /a, content: b}',
  '- hosts: all\n  tasks:\n    - copy: {dest: /a, content: b, src: c}',
  '- hosts: all\n  tasks:\n    - copy: {content: b}',
  '- hosts: all\n  tasks:\n    - copy: {dest: /a, content: b, mode: 644}',
  '- hosts: all\n  tasks:\n    - copy: {dest: /a, content: b, backup: maybe}',
  '- hosts: all\n  tasks:\n    - file: {path: /a, state: presnt}',
  '- hosts: all\n  tasks:\n    - file: /a',
  '- hosts: all\n  tasks:\n    - debug: {msg: a}\n      register: my-var',
  '- hosts: all\n  tasks:\n    - debug: {msg: a}\n      loop: text',
  '- hosts: all\n  tasks:\n    - block: []\n      loop: [1]',
  '- hosts: all\n  tasks:\n    - debug: {msg: a}\n      loop_control: {loop_vra: x}',
  '- hosts: all\n  vars: {my-var: 1}',
  '- hosts: all\n  module_defaults: {file: {pth: /a}}',
  '- import_playbook: x.yml\n  tasks: []',
];

for (const text of BAD)
  test(`an editor refuses: ${JSON.stringify(text)}`, () => assert.equal(isPlaybook(data(text)), false));

test('what the repository has is accepted by the editor and by the program', () => {
  const playbooks = [
    'bench/play.yml',
    ...readdirSync('playbooks')
      .filter((name) => name.endsWith('.yml'))
      .map((name) => join('playbooks', name)),
  ];
  for (const path of playbooks) {
    assert.ok(isPlaybook(data(readFileSync(path, 'utf8'))), path);
    const loaded = loadPlaybook(path, modules);
    assert.deepEqual(loaded.ok ? [] : loaded.diagnostics.map(({ message }) => message), [], path);
  }
});

test('every module has a validator, or nothing to validate', () => {
  for (const { name } of modules.all()) assert.ok(Object.hasOwn(validators, name), name);
});

for (const { name, examples } of modules.all()) {
  if (examples === undefined) continue;
  test(`the examples of ${name} are good tasks`, () => {
    const path = join(directoryOf({ 'tasks.yml': examples }), 'tasks.yml');
    const loaded = loadTasks(path, modules, { keyPrefix: 'x', within: [], handlers: examples.includes('listen:') });
    assert.deepEqual(loaded.ok ? [] : loaded.diagnostics.map(({ message }) => message), []);
    assert.ok(isPlaybook(data(examples)));
  });
}

test('every parameter and every module is described for the hover of an editor', () => {
  for (const module of modules.all()) {
    assert.notEqual(module.summary, '', module.name);
    for (const [name, { description }] of Object.entries(module.schema.properties)) {
      assert.ok(typeof description === 'string' && description !== '', `${module.name}.${name}`);
    }
  }
});

test('inventories', () => {
  for (const text of [
    '',
    'all:\n  hosts:\n    a: {ansible_host: 10.0.0.1, ansible_port: 22}\n    b:\n  children:\n    web: {hosts: {a: }, vars: {x: 1}}\n',
    'web:\n  hosts: {"w[01:20]": }\n',
  ]) {
    assert.ok(isInventory(data(text)), text);
  }
  for (const text of [
    '- a',
    'all: [a]',
    'all: {host: {a: }}',
    'all: {hosts: [a]}',
    'all: {hosts: {a: b}}',
    'web: {children: [a]}',
  ]) {
    assert.equal(isInventory(data(text)), false, text);
  }
});
