import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPlaybook, loadTasks } from '../../engine/language/load_playbook.ts';
import type { BlockSyntax, Playbook, TaskNode, TaskSyntax } from '../../engine/language/syntax.ts';
import type { Templated } from '../../engine/language/templated.ts';
import { directoryOf } from './files.ts';
import { sampleModules, sampleValidators } from './sample_modules.ts';

const validators = await sampleValidators();

function load(files: Readonly<Record<string, string>>, main = 'main.yml'): Playbook {
  const loaded = loadPlaybook(join(directoryOf(files), main), sampleModules, { validators });
  assert.ok(loaded.ok, JSON.stringify(loaded.ok ? '' : loaded.diagnostics.map(({ message }) => message)));
  return loaded.value;
}

function tasksOf(text: string): readonly TaskNode[] {
  return (
    load({ 'main.yml': `- hosts: all\n  tasks:\n${text.replace(/^/gm, '    ')}\n` }).plays[0]?.sections[0]?.tasks ?? []
  );
}

function taskOf(text: string): TaskSyntax {
  const [task] = tasksOf(text);
  assert.ok(task?.kind === 'task');
  return task;
}

/** As data, templates as their text. */
function shown(templated: Templated | undefined): unknown {
  switch (templated?.kind) {
    case undefined:
      return undefined;
    case 'literal':
      return templated.value;
    case 'template':
      return { template: templated.text };
    case 'list':
      return templated.items.map(shown);
    case 'map':
      return Object.fromEntries(templated.entries.map(({ key, value }) => [key, shown(value)]));
  }
}

// One call in each of its forms.
const SAME: readonly string[] = [
  '- copy: {dest: /b, src: a}',
  '- copy: dest=/b src=a',
  '- copy: dest="/b" src=\'a\'',
  '- ansible.builtin.copy:\n    dest: /b\n    src: a',
  '- action: copy dest=/b src=a',
  '- action: {module: copy, dest: /b, src: a}',
  '- action: {module: copy, args: {dest: /b, src: a}}',
  '- copy:\n  args: {dest: /b, src: a}',
  '- copy: {dest: /b}\n  args: {dest: /overridden, src: a}',
];

for (const text of SAME) {
  test(`one call in many forms: ${JSON.stringify(text)}`, () => {
    const task = taskOf(text);
    assert.equal(task.module, 'copy');
    assert.deepEqual(shown(task.args), { dest: '/b', src: 'a' });
  });
}

test('the span of a module is its name, as written', () => {
  for (const [text, name] of [
    ['- copy: {dest: /b, src: a}', 'copy'],
    ['- ansible.builtin.copy: {dest: /b, src: a}', 'ansible.builtin.copy'],
    ['- action: copy dest=/b src=a', 'copy'],
  ] as const) {
    const { moduleSpan } = taskOf(text);
    assert.equal(moduleSpan.source.text.slice(moduleSpan.start, moduleSpan.end), name);
  }
});

test('aliases of modules and parameters become their own names', () => {
  const task = taskOf('- systemd: {name: ssh, state: started}');
  assert.equal(task.module, 'systemd_service');
  assert.deepEqual(shown(taskOf('- file: {dest: /a, state: absent}').args), { path: '/a', state: 'absent' });
});

test('free form goes to the parameter for it, options are taken out', () => {
  assert.deepEqual(shown(taskOf('- command: ls -l /').args), { cmd: 'ls -l /' });
  assert.deepEqual(shown(taskOf('- command: chdir=/tmp creates=/x ls a=b').args), {
    chdir: '/tmp',
    creates: '/x',
    cmd: 'ls a=b',
  });
  assert.deepEqual(shown(taskOf('- shell: |\n    echo a\n    echo "b c"\n').args), { cmd: 'echo a\necho "b c"\n' });
  assert.deepEqual(shown(taskOf('- command: touch /x\n  args: {creates: /x}').args), {
    creates: '/x',
    cmd: 'touch /x',
  });
  assert.deepEqual(shown(taskOf('- meta: flush_handlers').args), { free_form: 'flush_handlers' });
  assert.deepEqual(shown(taskOf('- include_tasks: "{{ x }}.yml"').args), { file: { template: '{{ x }}.yml' } });
});

test('literals are what was meant, templates are left to be rendered', () => {
  const text = '- copy: {dest: "{{ d }}/x", content: 8.0, mode: 0644, backup: yes}';
  assert.deepEqual(shown(taskOf(text).args), {
    dest: { template: '{{ d }}/x' },
    content: '8.0',
    mode: '0644',
    backup: true,
  });
  assert.deepEqual(shown(taskOf('- apt: {name: "a, b", upgrade: yes}').args), { name: ['a', 'b'], upgrade: 'yes' });
  assert.deepEqual(shown(taskOf('- apt: {name: [a, "{{ b }}"]}').args), { name: ['a', { template: '{{ b }}' }] });
});

test('!unsafe is never a template', () => {
  assert.deepEqual(shown(taskOf('- debug: {msg: !unsafe "{{ x }}"}').args), { msg: '{{ x }}' });
  assert.deepEqual(shown(taskOf('- shell: !unsafe echo "{{ x }}"').args), { cmd: 'echo "{{ x }}"' });
});

test('bare expressions are texts for the module, not templates', () => {
  assert.deepEqual(shown(taskOf('- assert: {that: [a == 1, true]}').args), { that: ['a == 1', 'true'] });
  assert.deepEqual(shown(taskOf('- assert: {that: "a in [1, 2]"}').args), { that: ['a in [1, 2]'] });
  assert.deepEqual(shown(taskOf('- debug: {var: a.b}').args), { var: 'a.b' });
});

test('local_action runs here', () => {
  assert.deepEqual(shown(taskOf('- local_action: command ls').delegateTo), 'localhost');
});

test('every keyword of a task is read', () => {
  const task = taskOf(`- name: do {{ it }}
  command: ls
  become: yes
  become_user: deploy
  become_method: su
  when: [a, b]
  loop: [1, 2]
  loop_control: {loop_var: x, index_var: i, label: "{{ x.name }}", pause: 1, extended: true}
  register: result
  notify: [one, "{{ two }}"]
  tags: a, b
  changed_when: false
  failed_when: [result.rc > 1]
  until: result is success
  retries: "5"
  delay: 2
  environment: {A: b}
  vars: {v: 1}
  no_log: true
  ignore_errors: "{{ x }}"
  ignore_unreachable: no
  any_errors_fatal: true
  check_mode: false
  run_once: true
  delegate_to: other
  timeout: 10
  connection: local
  remote_user: me`);
  assert.deepEqual(shown(task.name), { template: 'do {{ it }}' });
  assert.deepEqual(
    [task.become, task.becomeUser, task.becomeMethod, task.noLog, task.ignoreErrors, task.ignoreUnreachable].map(shown),
    [true, 'deploy', 'su', true, { template: '{{ x }}' }, false],
  );
  assert.deepEqual(
    [task.anyErrorsFatal, task.checkMode, task.runOnce, task.delegateTo, task.timeout, task.connection].map(shown),
    [true, false, true, 'other', 10, 'local'],
  );
  assert.deepEqual([task.remoteUser, task.retries, task.delay].map(shown), ['me', 5, 2]);
  assert.deepEqual(
    task.when.map(({ text }) => text),
    ['a', 'b'],
  );
  assert.deepEqual(
    task.changedWhen?.map(({ text }) => text),
    ['false'],
  );
  assert.deepEqual(
    task.failedWhen?.map(({ text }) => text),
    ['result.rc > 1'],
  );
  assert.deepEqual(
    task.until?.map(({ text }) => text),
    ['result is success'],
  );
  assert.deepEqual([task.register, task.tags, task.listen], ['result', ['a', 'b'], []]);
  assert.deepEqual(task.notify.map(shown), ['one', { template: '{{ two }}' }]);
  assert.deepEqual(task.environment.map(shown), [{ A: 'b' }]);
  assert.deepEqual(
    [...(task.vars?.entries ?? [])].map(([name, value]) => [name, shown(value)]),
    [['v', 1]],
  );
  const { loop } = task;
  assert.deepEqual([loop?.form, loop?.variable, loop?.indexVariable, loop?.extended], ['loop', 'x', 'i', true]);
  assert.deepEqual([loop?.over, loop?.label, loop?.pause].map(shown), [[1, 2], { template: '{{ x.name }}' }, 1]);
});

test('what is not written is not there', () => {
  const task = taskOf('- debug: {msg: a}');
  const keys = Object.keys(task).sort();
  assert.deepEqual(keys, [
    'args',
    'dir',
    'environment',
    'key',
    'kind',
    'listen',
    'module',
    'moduleSpan',
    'notify',
    'span',
    'tags',
    'when',
  ]);
});

test('every form of a loop', () => {
  const forms = ['items', 'dict', 'fileglob', 'first_found', 'nested', 'together', 'sequence', 'list', 'indexed_items'];
  for (const form of forms) {
    const value = form === 'dict' ? '{a: 1}' : form === 'sequence' ? 'start=1 end=2' : '[a]';
    const { loop } = taskOf(`- debug: {msg: a}\n  with_${form}: ${value}`);
    assert.deepEqual([loop?.form, loop?.variable, loop?.extended], [form, 'item', false]);
  }
});

test('a play with everything', () => {
  const [play] = load({
    'main.yml': `- name: all of it
  hosts: [web, "!db", 192.168.1.1]
  gather_facts: no
  serial: [1, "30%", "2"]
  max_fail_percentage: "25%"
  vars: {a: 1, b: "{{ a }}"}
  vars_files: [x.yml, [y.yml, "{{ z }}.yml"]]
  tags: [1, t]
  module_defaults:
    ansible.builtin.copy: {dest: /d, src: s}
    file: {dest: /f}
  pre_tasks: [{debug: {msg: pre}}]
  post_tasks: [{debug: {msg: post}}]
  tasks:
    - copy:
    - file: {state: absent}
  handlers:
    - name: h
      debug: {msg: h}
      listen: [l, m]
`,
  }).plays;
  assert.deepEqual([play?.hosts, play?.gatherFacts, play?.maxFailPercentage].map(shown), [
    'web,!db,192.168.1.1',
    false,
    25,
  ]);
  assert.deepEqual(play?.serial.map(shown), [1, '30%', 2]);
  assert.deepEqual(play?.varsFiles.map(shown), ['x.yml', ['y.yml', { template: '{{ z }}.yml' }]]);
  assert.deepEqual(play?.tags, ['1', 't']);
  assert.deepEqual(shown(play?.moduleDefaults), { copy: { dest: '/d', src: 's' }, file: { path: '/f' } });
  assert.deepEqual(
    play?.sections.map(({ name, tasks }) => [name, tasks.length]),
    [
      ['pre_tasks', 1],
      ['tasks', 2],
      ['post_tasks', 1],
    ],
  );
  const [handler] = play?.handlers ?? [];
  assert.deepEqual(handler?.kind === 'task' && [handler.key, handler.listen], ['0.handlers.0', ['l', 'm']]);
});

test('patterns of a list may be templates', () => {
  const [play] = load({ 'main.yml': '- hosts: ["{{ a }}", "b"]\n' }).plays;
  assert.deepEqual(shown(play?.hosts), { template: '{{ a }},b' });
});

test('facts are gathered unless the play says no', () => {
  assert.equal(shown(load({ 'main.yml': '- hosts: all\n' }).plays[0]?.gatherFacts), true);
});

test('blocks nest, and every task has a key of its own', () => {
  const [block] = tasksOf(`- block:
    - debug: {msg: a}
    - block:
        - debug: {msg: b}
      always:
        - debug: {msg: c}
  rescue:
    - debug: {msg: d}
  when: x
  become: true`);
  assert.ok(block?.kind === 'block');
  const keys = (node: TaskNode): readonly string[] =>
    node.kind === 'task' ? [node.key] : [node.key, ...[...node.block, ...node.rescue, ...node.always].flatMap(keys)];
  assert.deepEqual(keys(block), [
    '0.tasks.0',
    '0.tasks.0.block.0',
    '0.tasks.0.block.1',
    '0.tasks.0.block.1.block.0',
    '0.tasks.0.block.1.always.0',
    '0.tasks.0.rescue.0',
  ]);
  assert.deepEqual(
    block.when.map(({ text }) => text),
    ['x'],
  );
});

test('imported tasks stand in a block that carries what the import says', () => {
  const files = {
    'main.yml':
      '- hosts: all\n  tasks:\n    - import_tasks: tasks/a.yml\n      when: x\n      tags: t\n      vars: {v: 1}\n',
    'tasks/a.yml': '- debug: {msg: a}\n- import_tasks: b.yml\n- import_tasks: c.yml\n',
    'tasks/b.yml': '- debug: {msg: b}\n',
    'c.yml': '- debug: {msg: c}\n',
  };
  const [block] = load(files).plays[0]?.sections[0]?.tasks ?? [];
  assert.ok(block?.kind === 'block');
  assert.deepEqual(
    [block.when.map(({ text }) => text), block.tags, [...(block.vars?.entries.keys() ?? [])]],
    [['x'], ['t'], ['v']],
  );
  const [first, second, third] = block.block as readonly [TaskSyntax, BlockSyntax, BlockSyntax];
  assert.match(first.dir, /\/tasks$/);
  assert.deepEqual((second.block[0] as TaskSyntax).key, '0.tasks.0.block.1.block.0');
  assert.deepEqual(shown((third.block[0] as TaskSyntax).args), { msg: 'c' });
});

test('imported playbooks give their plays, with what the import adds', () => {
  const { plays } = load({
    'main.yml':
      '- hosts: a\n- import_playbook: sub/other.yml\n  when: x\n  tags: t\n  vars: {v: import, w: 1}\n- hosts: c\n  tasks: [{debug: {msg: a}}]\n',
    'sub/other.yml': '- hosts: b\n  tags: u\n  vars: {v: play}\n  tasks: [{import_tasks: t.yml}]\n',
    'sub/t.yml': '- debug: {msg: a}\n',
  });
  assert.deepEqual(
    plays.map(({ hosts }) => shown(hosts)),
    ['a', 'b', 'c'],
  );
  const [, other, last] = plays;
  assert.deepEqual([other?.when.map(({ text }) => text), other?.tags], [['x'], ['t', 'u']]);
  assert.deepEqual(
    [...(other?.vars?.entries ?? [])].map(([name, value]) => [name, shown(value)]),
    [
      ['v', 'import'],
      ['w', 1],
    ],
  );
  assert.match(other?.dir ?? '', /\/sub$/);
  assert.equal(last?.sections[0]?.tasks[0]?.key, '2.tasks.0');
});

test('a file of tasks is read for include_tasks, and may not come again', () => {
  const directory = directoryOf({
    'a.yml': '- copy:\n- debug: {msg: a}\n',
    'empty.yml': '',
    'bad.yml': '- debug: {mgs: a}\n',
  });
  const path = join(directory, 'a.yml');
  const read = loadTasks(path, sampleModules, { keyPrefix: '0.tasks.3/', within: [] });
  assert.deepEqual(read.ok && read.value.map(({ key }) => key), ['0.tasks.3/.0', '0.tasks.3/.1']);
  const again = loadTasks(path, sampleModules, { keyPrefix: 'x', within: [join(directory, 'b.yml'), path] });
  assert.match(again.ok ? '' : (again.diagnostics[0]?.message ?? ''), /a\.yml -> .*a\.yml/);
  assert.deepEqual(loadTasks(join(directory, 'empty.yml'), sampleModules, { keyPrefix: 'x', within: [] }), {
    ok: true,
    value: [],
  });
  assert.equal(loadTasks(join(directory, 'bad.yml'), sampleModules, { keyPrefix: 'x', within: [] }).ok, false);
  assert.equal(loadTasks(join(directory, 'nowhere.yml'), sampleModules, { keyPrefix: 'x', within: [] }).ok, false);
});
