import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlannedChange, PlannedTask } from '../../engine/planning/plan.ts';
import { planText } from '../../engine/reporting/plan_text.ts';
import { createStyle } from '../../engine/reporting/style.ts';
import { createSecrets } from '../../engine/secrets/secrets.ts';
import { action, change, task } from './fake_plan.ts';

function text(
  tasks: readonly PlannedTask[],
  more: { verbosity?: number; color?: boolean; hosts?: readonly string[]; mask?: (text: string) => string } = {},
): string {
  const plans = new Map<string, PlannedTask[]>((more.hosts ?? []).map((host) => [host, []]));
  for (const one of tasks) plans.set(one.host, [...(plans.get(one.host) ?? []), one]);
  const style = createStyle(more.color ?? false);
  return planText(plans, {
    style,
    verbosity: more.verbosity ?? 0,
    command: 'plan',
    width: 80,
    mask: more.mask ?? ((text) => text),
  });
}

test('what is the same on many hosts is shown once, with their names', () => {
  const motd = (host: string, after: string) =>
    task(host, 'motd', {
      steps: [
        change({
          title: 'file /etc/motd',
          attributes: [{ name: 'mode', before: '0600', after: '0644' }],
          content: { kind: 'text', before: 'old\nsame\n', after },
        }),
      ],
    });
  assert.equal(
    text([motd('web1', 'new\nsame\n'), motd('web2', 'new\nsame\n'), motd('db1', 'other\nsame\n')]),
    `Play: Play

~ motd  [web1, web2]
    ~ file /etc/motd
        mode: 0600 -> 0644
        @@ -1,2 +1,2 @@
        -old
        +new
         same

~ motd  [db1]
    ~ file /etc/motd
        mode: 0600 -> 0644
        @@ -1,2 +1,2 @@
        -old
        +other
         same

Plan: 3 changes on 3 hosts. Nothing has been touched.
`,
  );
});

test('packages, actions, access, items, handlers and what waits', () => {
  const tasks = [
    task('web1', 'nginx', {
      item: 'nginx',
      steps: [change({ title: 'package nginx', action: 'create', attributes: [{ name: 'version', after: '1.22' }] })],
    }),
    task('web1', 'sshd', { steps: [change({ title: 'file /etc/ssh/sshd_config' }, true)] }),
    task('web1', 'site', {
      status: 'provisional',
      waitsFor: ['nginx'],
      steps: [
        change({ title: 'file /etc/nginx/site', action: 'remove', attributes: [{ name: 'mode', before: '0644' }] }),
      ],
    }),
    task('web1', 'told', { status: 'provisional', waitsFor: ['read it'], open: true }),
    task('web1', 'doubted only', { status: 'provisional', waitsFor: ['nginx'] }),
    task('web1', 'restart', { handler: true, steps: [action('restart unit nginx')] }),
    task('web1', 'fine', { status: 'ok' }),
    task('web1', 'not here', { status: 'skip', message: 'the condition is false' }),
  ];
  assert.equal(
    text(tasks, { hosts: ['web1', 'web2'] }),
    `Play: Play

~ nginx (nginx)  [web1]
    + package nginx
        version: 1.22

~ sshd  [web1]
    ~ file /etc/ssh/sshd_config  ! access

? site  [web1]
    provisional: known after "nginx"
    - file /etc/nginx/site
        mode: 0644

? told  [web1]
    provisional: known after "read it"

~ handler restart  [web1]
    > restart unit nginx

Plan: 2 changes, 1 action, 2 provisional on 1 host; 1 host unchanged. Nothing has been touched.
`,
  );
});

test('failures known beforehand say why and where; a caught one is no failure of the host', () => {
  const tasks = [
    task('web1', 'bad', { status: 'fail', message: 'no such user' }),
    task('web1', 'tried', { status: 'fail', message: 'not there', caught: 'rescued' }),
  ];
  const shown = text(tasks);
  assert.match(shown, /^! bad {2}\[web1\]\n {4}no such user\n {4}play\.yml:3$/m);
  assert.match(shown, /^! tried \(rescued\) {2}\[web1\]$/m);
  assert.match(shown, /^Plan: 1 failure on 1 host\./m);
});

test('secrets are never shown: neither no_log nor what a resource calls secret', () => {
  const content = { kind: 'text', before: '', after: 'hunter2\n' } as const;
  const attributes = [{ name: 'password', after: 'hunter2' }];
  const tasks = [
    task('web1', 'quiet', {
      noLog: true,
      message: 'hunter2',
      steps: [change({ title: 'file /etc/secret', content, attributes }), action('run: echo hunter2')],
    }),
    task('web1', 'shadow', { steps: [change({ title: 'user x', secret: true, content, attributes })] }),
  ];
  for (const verbosity of [0, 3]) {
    const shown = text(tasks, { verbosity });
    assert.doesNotMatch(shown, /hunter2/);
    assert.match(shown, /\(hidden: no_log\)/);
    assert.match(shown, /\(hidden: secret\)/);
  }
});

test('what comes from a host cannot write on the terminal', () => {
  const hostile = '\u001b[2J\u001b]0;owned\u0007\r\u009b31m\u202egnp.exe';
  const tasks = [
    task('web1', `name ${hostile}`, {
      message: hostile,
      warnings: [hostile],
      item: hostile,
      waitsFor: [hostile],
      status: 'provisional',
      steps: [
        change({
          title: hostile,
          attributes: [{ name: 'owner', before: hostile, after: hostile }],
          content: { kind: 'text', before: `${hostile}\n`, after: 'x\n' },
        }),
        action(hostile),
      ],
    }),
  ];
  assert.doesNotMatch(text(tasks, { verbosity: 1 }), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('colour adds nothing but colour', () => {
  const tasks = [
    task('web1', 'motd', {
      steps: [change({ title: 'file /etc/motd', content: { kind: 'text', before: 'a\n', after: 'b\n' } })],
    }),
  ];
  const stripped = text(tasks, { color: true }).replace(/\u001b\[[0-9;]*m/g, '');
  assert.equal(stripped, text(tasks));
  assert.notEqual(text(tasks, { color: true }), text(tasks));
});

test('a long diff is cut on a screen and whole with -v; a hopeless one is told by sizes', () => {
  const lines = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}${i}\n`).join('');
  const long = [
    task('web1', 'long', {
      steps: [change({ title: 'file /x', content: { kind: 'text', before: '', after: lines('a', 500) } })],
    }),
  ];
  assert.match(text(long), /\(301 more lines; -v shows all\)/);
  assert.match(text(long, { verbosity: 1 }), /\+a499/);
  const hopeless = [
    task('web1', 'x', {
      steps: [
        change({ title: 'file /x', content: { kind: 'text', before: lines('a', 30_000), after: lines('b', 30_000) } }),
      ],
    }),
  ];
  assert.match(text(hopeless), /too different to show/);
});

test('a fleet of 300 hosts with 40 tasks folds quickly', () => {
  const tasks = Array.from({ length: 300 }, (_, h) =>
    Array.from({ length: 40 }, (_, t) =>
      task(`web${h}`, `task ${t}`, { steps: [change({ title: `file /etc/${t}` })] }),
    ),
  ).flat();
  const startedAt = performance.now();
  const shown = text(tasks);
  assert.match(shown, /\[all 300 hosts\]/);
  assert.ok(performance.now() - startedAt < 5_000, 'folding is not linear any more');
});

test('where a secret is to stand, the one that stands there is masked as well', () => {
  const secrets = createSecrets();
  secrets.add('hunter2');
  const file = task('web1', 'conf', {
    steps: [
      change({
        title: 'file /etc/app.conf',
        attributes: [{ name: 'comment', before: 'was hunter1', after: 'is hunter2' }],
        content: {
          kind: 'text',
          before: 'user=app\n[db]\npassword = hunter1;\nold=1\n',
          after: 'user=root\n[db]\npassword = hunter2;\n',
        },
      }),
    ],
  });
  const said = text([file], { mask: secrets.mask });
  assert.match(said, /comment: \*{8} -> is hunter2/);
  assert.match(said, /-password = \*{8};\n/);
  assert.match(said, /-user=app\n/);
  assert.match(said, /-old=1\n/);
  const key = task('web1', 'key', {
    steps: [change({ title: 'file /key', content: { kind: 'text', before: 'old key\n', after: 'hunter2\n' } })],
  });
  assert.doesNotMatch(text([key], { mask: secrets.mask }), /old key/);
});

test('a content that a task under no_log has to do with is not shown by another', () => {
  const shown = change({ title: 'file /f', content: { kind: 'text', before: 'hunter1\n', after: 'x\n' } });
  const step = { ...(shown as PlannedChange), hidden: true as const };
  const said = text([task('web1', 'conf', { steps: [step] })]);
  assert.match(said, /content: \(hidden: no_log\)/);
  assert.doesNotMatch(said, /hunter1/);
});
