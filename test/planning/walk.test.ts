import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brief, fake } from './fake_world.ts';

const play = (tasks: string, more = '') => `- hosts: all\n  gather_facts: false\n${more}  tasks:\n${indent(tasks)}`;
const indent = (text: string) =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');

test('one look is enough for all tasks of a play', () => {
  const host = fake(play(`- {name: a, thing: {name: a, value: "1"}}\n- {name: b, thing: {name: b, value: "2"}}\n`), {
    a: '1',
  });
  assert.deepEqual(brief(host.plan()), ['ok a', 'change b']);
  assert.equal(host.world.looks, 1);
});

test('a resource that another one names takes a second look, and no more', () => {
  const host = fake(
    play(`- {name: via, thing: {name: x, via: p, value: new}}\n- {name: b, thing: {name: b, value: "2"}}\n`),
    { p: 'q' },
  );
  assert.deepEqual(brief(host.plan()), ['change via', 'change b']);
  assert.equal(host.world.looks, 2);
});

test('more of a resource is asked with what was asked before, so that looking comes to an end', () => {
  const host = fake(
    play(
      `- {name: one, see: {name: a, aspect: x}, register: r}\n- {name: other, see: {name: a, aspect: y}, when: r.there}\n`,
    ),
    { a: '1' },
  );
  assert.deepEqual(brief(host.plan()), ['ok one', 'ok other']);
  assert.equal(host.world.looks, 2);
});

test('a later task is planned against what an earlier one will have done', () => {
  const host = fake(
    play(
      `- {name: one, thing: {name: a, value: "1"}}\n- {name: again, thing: {name: a, value: "1"}}\n- {name: two, thing: {name: a, value: "2"}}\n`,
    ),
  );
  assert.deepEqual(brief(host.plan()), ['change one', 'ok again', 'change two']);
  const two = host.plan().instances[2]?.steps[0];
  assert.equal(two?.kind === 'change' && two.change.before, '1');
});

test('applying and planning again gives nothing', () => {
  const host = fake(
    play(
      `- {name: one, thing: {name: a, value: "1"}}\n- {name: loop, thing: {name: "{{ item }}", value: x}, loop: [p, q]}\n`,
    ),
  );
  assert.deepEqual(host.apply(), ['one', 'loop (p)', 'loop (q)']);
  assert.deepEqual(brief(host.plan()), ['ok one', 'ok loop (p)', 'ok loop (q)']);
});

test('after a command everything is in doubt, and says for what it waits', () => {
  const host = fake(play(`- {name: run it, act: x}\n- {name: a, thing: {name: a, value: "1"}}\n`), { a: '0' });
  assert.deepEqual(brief(host.plan()), ['change run it', 'provisional a <- run it']);
  assert.deepEqual(host.apply(), ['run it', 'a']);
});

test('a command that only reads disturbs nothing', () => {
  const host = fake(play(`- {name: read, act: x, changed_when: false}\n- {name: a, thing: {name: a, value: "1"}}\n`));
  assert.deepEqual(brief(host.plan()), ['ok read', 'change a']);
});

test('what a command registers is unknown until it has run', () => {
  const tasks = `- {name: read, act: x, changed_when: false, register: r}
- {name: told, thing: {name: a, value: "{{ r.stdout }}"}}
- {name: gated, thing: {name: b, value: "1"}, when: r.rc == 0}
- {name: never, thing: {name: c, value: "1"}, when: false and r.rc == 0}
`;
  const host = fake(play(tasks));
  assert.deepEqual(brief(host.plan()), [
    'ok read',
    'provisional told <- read',
    'provisional gated <- read',
    'skip never',
  ]);
  assert.deepEqual(host.apply(), ['read', 'told', 'gated']);
  assert.equal(host.world.things.get('a'), 'out');
});

test('a handler runs once, at the end, in the order of definition', () => {
  const more = `  handlers:
    - {name: first, act: one}
    - {name: second, act: two}
    - {name: listener, act: three, listen: topic}
`;
  const tasks = `- {name: a, thing: {name: a, value: "1"}, notify: [second, topic]}
- {name: b, thing: {name: b, value: "1"}, notify: second}
- {name: c, thing: {name: c, value: "1"}, notify: first}
`;
  const host = fake(play(tasks, more), { c: '1' });
  assert.deepEqual(brief(host.plan()), ['change a', 'change b', 'ok c', 'change second', 'change listener']);
  assert.deepEqual(host.apply(), ['a', 'b', 'second', 'listener']);
  assert.deepEqual(host.apply(), []);
});

test('flush_handlers runs them on the way', () => {
  const more = '  handlers:\n    - {name: h, act: one}\n';
  const tasks = `- {name: a, thing: {name: a, value: "1"}, notify: h}
- meta: flush_handlers
- {name: b, thing: {name: b, value: "1"}, notify: h}
`;
  assert.deepEqual(fake(play(tasks, more)).apply(), ['a', 'h', 'b', 'h']);
});

test('an unknown handler is told with the nearest name', () => {
  const host = fake(
    play(
      '- {name: a, thing: {name: a, value: "1"}, notify: restrat}\n',
      '  handlers:\n    - {name: restart, act: x}\n',
    ),
  );
  const { diagnostics } = host.plan();
  assert.match(diagnostics[0]?.message ?? '', /no handler `restrat`/);
  assert.match(diagnostics[0]?.hint ?? '', /restart/);
});

test('rescue follows a failure, always follows both', () => {
  const tasks = `- block:
    - {name: works, thing: {name: a, value: "1"}}
    - {name: breaks, thing: {name: b, value: "1"}}
    - {name: not reached, thing: {name: c, value: "1"}}
  rescue:
    - {name: rescue, thing: {name: d, value: "{{ ansible_failed_result.failed }}"}}
  always:
    - {name: always, thing: {name: e, value: "1"}}
- {name: goes on, thing: {name: f, value: "1"}}
`;
  const host = fake(play(tasks));
  const ran = host.apply((instance) => (instance.name === 'breaks' ? 'broken' : undefined));
  assert.deepEqual(ran, ['works', 'breaks', 'rescue', 'always', 'goes on']);
  assert.equal(host.world.things.get('d'), 'True');
});

test('a failure that nothing catches ends the play, after always', () => {
  const tasks = `- block:
    - {name: breaks, thing: {name: b, value: "1"}}
  always:
    - {name: always, thing: {name: e, value: "1"}}
- {name: not reached, thing: {name: f, value: "1"}}
`;
  const ran = fake(play(tasks)).apply((instance) => (instance.name === 'breaks' ? 'broken' : undefined));
  assert.deepEqual(ran, ['breaks', 'always']);
});

test('what cannot be is known before anything is touched', () => {
  const tasks = `- {name: fine, thing: {name: a, value: "1"}}
- {name: bad, thing: {name: b, value: impossible}}
- {name: not reached, thing: {name: c, value: "1"}}
`;
  assert.deepEqual(brief(fake(play(tasks)).plan()), ['change fine', 'fail bad: b cannot be so']);
});

test('in doubt a failure is not certain', () => {
  const host = fake(
    play(
      '- {name: run, act: x}\n- {name: missing, thing: {name: b, value: required}}\n- {name: bad, thing: {name: c, value: impossible}}\n',
    ),
  );
  assert.deepEqual(brief(host.plan()), ['change run', 'provisional missing <- run', 'fail bad: c cannot be so']);
});

test('ignore_errors goes on, failed_when and changed_when decide', () => {
  const tasks = `- {name: bad, thing: {name: b, value: impossible}, ignore_errors: true, register: r}
- {name: goes on, thing: {name: c, value: "1"}, when: r is failed}
- {name: never failed, act: x, failed_when: false, changed_when: false}
`;
  const host = fake(play(tasks));
  assert.deepEqual(
    host.apply((instance) => (instance.name === 'never failed' ? 'rc 1' : undefined)),
    ['goes on', 'never failed'],
  );
});

test('set_fact, include_tasks with variables, and loops over them', () => {
  const tasks = `- set_fact: {who: world}
- include_tasks: more.yml
  vars: {greeting: hello}
  loop: [x, y]
- {name: after, thing: {name: "{{ made }}", value: "1"}}
`;
  const more = `- {name: inner, thing: {name: "{{ item }}", value: "{{ greeting }} {{ who }}"}}
- set_fact: {made: "made-{{ item }}"}
`;
  const host = fake(play(tasks), {}, { 'more.yml': more });
  assert.deepEqual(host.apply(), ['inner', 'inner', 'after']);
  assert.deepEqual(Object.fromEntries(host.world.things), { x: 'hello world', y: 'hello world', 'made-y': '1' });
});

test('an include that includes itself is a mistake, not a loop', () => {
  const host = fake(play('- include_tasks: more.yml\n'), {}, { 'more.yml': '- include_tasks: more.yml\n' });
  assert.match(
    host
      .plan()
      .diagnostics.map((d) => d.message)
      .join(),
    /more\.yml/,
  );
});

test('meta: end_host ends without failing', () => {
  const host = fake(
    play('- {name: a, thing: {name: a, value: "1"}}\n- meta: end_host\n- {name: b, thing: {name: b, value: "1"}}\n'),
  );
  assert.deepEqual(host.apply(), ['a']);
  assert.equal(host.plan().failed, false);
});

test('an undefined variable is told at its place', () => {
  const { diagnostics } = fake(
    play('- {name: a, thing: {name: a, value: "{{ nmae }}"}}\n', '  vars: {name_: x, nam: y}\n'),
  ).plan();
  assert.match(diagnostics[0]?.message ?? '', /nmae/);
  const span = diagnostics[0]?.span;
  assert.equal(span?.source.text.slice(span.start, span.end), 'nmae');
});

test('variables that define each other are told as a loop', () => {
  const { diagnostics } = fake(
    play('- {name: a, thing: {name: a, value: "{{ p }}"}}\n', '  vars: {p: "{{ q }}", q: "{{ p }}"}\n'),
  ).plan();
  assert.match(diagnostics[0]?.message ?? '', /p -> q -> p/);
});

test('a loop registers its results, and its index', () => {
  const tasks = `- {name: each, thing: {name: "t{{ n }}", value: "{{ item }}"}, loop: [x, y], loop_control: {index_var: n}, register: r}
- {name: count, thing: {name: count, value: "{{ r.results | length }} {{ r.results[1].item }}"}}
`;
  const host = fake(play(tasks));
  host.apply();
  assert.deepEqual(Object.fromEntries(host.world.things), { t0: 'x', t1: 'y', count: '2 y' });
});

test('lookups read the controller: its environment and the files beside the play', () => {
  const tasks = `- {name: file, thing: {name: a, value: "{{ lookup('file', 'note.txt') }}"}}
- {name: env, thing: {name: b, value: "{{ lookup('env', 'RUNBOOK_TEST_NOTE') }}"}}
`;
  process.env.RUNBOOK_TEST_NOTE = 'from the environment';
  try {
    const host = fake(play(tasks), {}, { 'note.txt': 'from a file\n' });
    host.apply();
    assert.deepEqual(Object.fromEntries(host.world.things), { a: 'from a file', b: 'from the environment' });
  } finally {
    delete process.env.RUNBOOK_TEST_NOTE;
  }
});

test('run_once: a result that another host has made is taken, also by the host whose turn it has become', () => {
  const tasks = `- {name: once, act: x, run_once: true, register: r}
- {name: told, thing: {name: a, value: "{{ r.stdout }}"}}
`;
  const made = { outcome: 'changed', changed: true, result: { stdout: 'from web0' } } as const;
  for (const owner of [true, false]) {
    const host = fake(play(tasks), {}, {}, { owner: () => owner, get: () => made });
    assert.deepEqual(host.apply(), ['told']);
    assert.equal(host.world.things.get('a'), 'from web0');
  }
});
