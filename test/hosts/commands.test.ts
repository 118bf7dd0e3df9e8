import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';

const lab = useHosts({ python: 2 });
const [OURS, THEIRS] = ['python1', 'python2'];
const LONG = { timeout: 300_000 };

const TASKS: readonly string[] = [
  `command: printf '%s|' "a  b" $HOME \${NOPE} * ~/x ~nobody '$(id)'`,
  `command: {argv: [printf, "%s|", "a b", "$LANG_NOT_SET", ""]}`,
  `command: {cmd: "cat", stdin: "one\\ntwo", stdin_add_newline: false}`,
  `command: {cmd: pwd, chdir: /var/tmp}`,
  `command: {cmd: touch done, chdir: /srv, creates: done}`,
  `command: {cmd: touch done, chdir: /srv, creates: done}`,
  `command: {cmd: touch other, creates: "/srv/d*"}`,
  `command: {cmd: rm /srv/done, removes: /srv/done}`,
  `command: {cmd: rm /srv/done, removes: /srv/done}`,
  `shell: |
      set -e
      x="a  b"
      echo "$x" | tr a-z A-Z
      printf 'err\\n\\n' >&2`,
  `shell: {cmd: 'a=(x y); echo "\${a[1]}"', executable: /bin/bash}`,
  `shell: {cmd: "cat; printf 'line\\\\r\\\\n\\\\n'", stdin: "in", strip_empty_ends: false}`,
  `shell: {cmd: "exit 7"}`,
  `shell: {cmd: "printf '\\\\0\\\\351'"}`,
  `shell: {cmd: "echo $RB_TEST"}`,
];

const PLAY = `- hosts: all
  gather_facts: false
  environment: {RB_TEST: "it's \\"$quoted\\""}
  tasks:
${TASKS.map(
  (task, i) => `    - ${task.replaceAll('\n', '\n    ')}
      register: result
      ignore_errors: true
    - copy:
        dest: /srv/result-${i}
        content: "{{ dict(result.items() | list) | to_json }}"
`,
).join('')}`;

/** What two controllers must agree on; times and what each adds of its own are left out. */
function registered(text: string): unknown {
  // Python keeps bytes that are no UTF-8 as lone surrogates.
  const { cmd, rc, stdout, stdout_lines, stderr, stderr_lines, changed, failed } = JSON.parse(
    text.replaceAll(/\\udc[89a-f][0-9a-f]/g, '\ufffd'),
  );
  return { cmd, rc, stdout, stdout_lines, stderr, stderr_lines, changed, failed: failed === true };
}

describe('commands on a real host', () => {
  inDepth('give what they give with Ansible', LONG, async () => {
    const play = lab.write('play.yml', PLAY);
    const [a, b] = await Promise.all([
      lab.runbook(['apply', play, '-i', lab.inventory(), '-l', OURS as string, '--yes']),
      lab.ansible(['-i', lab.inventory(), '-l', THEIRS as string, play]),
    ]);
    assert.equal(a.code, 0, a.stdout + a.stderr);
    assert.equal(b.code, 0, b.stdout + b.stderr);
    for (const [i, task] of TASKS.entries()) {
      const [mine, theirs] = await Promise.all(
        [OURS, THEIRS].map(async (name) => (await lab.host(name as string).inside(`cat /srv/result-${i}`)).stdout),
      );
      assert.deepEqual(registered(mine as string), registered(theirs as string), task);
    }
  });

  it('never run in a plan', LONG, async () => {
    const play = lab.write(
      'touch.yml',
      '- hosts: all\n  gather_facts: false\n  tasks:\n    - command: touch /srv/planned\n',
    );
    const plan = await lab.runbook(['plan', play, '-i', lab.inventory(), '-l', OURS as string]);
    assert.equal(plan.code, 0, plan.stdout + plan.stderr);
    assert.match(plan.stdout, /run: touch \/srv\/planned/);
    assert.notEqual((await lab.host(OURS as string).inside('test -e /srv/planned')).code, 0);
  });

  it('that only look run in a plan, each item of a loop, whatever the one before ended with', LONG, async () => {
    const play = lab.write(
      'look.yml',
      `- hosts: all
  gather_facts: false
  tasks:
    - shell: echo {{ item }}; exit {{ item }}
      loop: [3, 0, 4]
      register: looked
      changed_when: false
      failed_when: false
      check_mode: false
    - debug: {msg: "said {{ looked.results | map(attribute='stdout') | join(' ') }}"}
`,
    );
    const plan = await lab.runbook(['plan', play, '-i', lab.inventory(), '-l', OURS as string]);
    assert.equal(plan.code, 0, plan.stdout + plan.stderr);
    assert.match(plan.stdout, /said 3 0 4/);
  });

  it('show no secret to other users of the host', LONG, async () => {
    const play = lab.write(
      'secret.yml',
      `- hosts: all
  gather_facts: false
  tasks:
    - shell: |
        : s3cret-script
        ps axww -o args >/srv/seen; cat >>/srv/read
      args: {stdin: s3cret-stdin}
      environment: {PASSWORD: s3cret-environment}
      no_log: true
`,
    );
    const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '-l', OURS as string, '--yes']);
    assert.equal(apply.code, 0, apply.stdout + apply.stderr);
    assert.doesNotMatch(apply.stdout + apply.stderr, /s3cret/);
    const { stdout } = await lab
      .host(OURS as string)
      .inside('cat /srv/read; grep -c s3cret /srv/seen; grep -c cat /srv/seen');
    assert.equal(stdout, 's3cret-stdin\n0\n1\n');
  });
});
