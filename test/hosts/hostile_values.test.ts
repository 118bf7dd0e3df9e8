import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';
import type { Finished } from '../lab/process.ts';

/** Names and contents that would do harm to a program that puts them into a command line as they are. */
const lab = useHosts({ python: 1 });
const host = () => lab.host('python1');
const LIMIT = { timeout: 240_000 };

const HOSTILE: readonly string[] = [
  'with  spaces ',
  "it's",
  'say "hi"',
  'new\nline',
  'ends in one\n',
  'tab\tand\rreturn',
  '$(touch pwned)',
  '`touch pwned`',
  "'; touch pwned; '",
  '"; touch pwned; "',
  '$IFS*?[a-z]~',
  '-rf',
  '--help',
  '-',
  '%s%n\\n\\0',
  '&& touch $HOME | > #! <<EOF',
  'ünï☃日本𝄞',
  '.hidden',
  'n'.repeat(255),
  'ü'.repeat(127),
];

function told({ stdout, stderr }: Finished): string {
  assert.doesNotMatch(stdout + stderr, /^\s+at .*\.[jt]s:\d+/m, 'a stack trace');
  return stdout + stderr;
}

/** Applies it, and sees that it is done then and that nothing of what it holds was run. */
async function applied(name: string, tasks: string): Promise<void> {
  const values = lab.write('values.json', JSON.stringify({ hostile: HOSTILE }));
  const play = lab.write(`${name}.yml`, `- hosts: fleet\n  gather_facts: false\n  tasks:\n${tasks}`);
  const args = [play, '-i', lab.inventory(), '-e', `@${values}`];
  const apply = await lab.runbook(['apply', ...args, '--yes']);
  assert.equal(apply.code, 0, told(apply));
  const again = await lab.runbook(['plan', ...args, '--detailed-exitcode']);
  assert.equal(again.code, 0, told(again));
  const run = await host().inside('find / -xdev -name pwned');
  assert.equal(run.stdout, '');
}

test('as names of files, directories and links', LIMIT, async () => {
  lab.write('named.j2', '{{ item }}');
  await applied(
    'names',
    `    - file: {path: "/srv/{{ item }}", state: directory, mode: "0755"}
      loop: [files, dirs, links, templates, edited]
    - file: {path: "/srv/dirs/{{ item }}", state: directory, mode: "0750"}
      loop: "{{ hostile }}"
    - copy: {dest: "/srv/files/{{ item }}", content: "{{ item }}", mode: "0644"}
      loop: "{{ hostile }}"
    - file: {path: "/srv/links/{{ item }}", src: "../files/{{ item }}", state: link}
      loop: "{{ hostile }}"
    - template: {src: named.j2, dest: "/srv/templates/{{ item }}", mode: "0644"}
      loop: "{{ hostile }}"
    - lineinfile: {path: "/srv/edited/{{ item }}", line: "x", create: true, mode: "0644"}
      loop: "{{ hostile }}"
    - blockinfile: {path: "/srv/edited/{{ item }}", block: "$(touch pwned)"}
      loop: "{{ hostile }}"
    - stat: {path: "/srv/links/{{ item }}", follow: true}
      loop: "{{ hostile }}"
      register: seen
    - assert: {that: [item.stat.exists, item.stat.isreg]}
      loop: "{{ seen.results }}"
      loop_control: {label: "{{ item.item }}"}
    - copy: {src: /srv/files/, dest: /srv/copies, remote_src: true}
    - command: {argv: [test, -f, "/srv/copies/{{ item }}"], expand_argument_vars: false}
      loop: "{{ hostile }}"
      check_mode: false
      changed_when: false
    - command: {cmd: grep -q x, stdin: "x{{ item }}", chdir: "/srv/dirs/{{ item }}", removes: /srv/dirs}
      loop: "{{ hostile }}"
      check_mode: false
      changed_when: false
`,
  );
  const inDirectory = (name: string) => readdirSync(join(host().root, 'srv', name)).sort();
  for (const name of ['dirs', 'files', 'links', 'templates', 'edited', 'copies']) {
    assert.deepEqual(inDirectory(name), [...HOSTILE].sort(), name);
  }
  for (const name of HOSTILE) {
    for (const dir of ['files', 'templates', 'copies']) {
      assert.equal(readFileSync(join(host().root, 'srv', dir, name), 'utf8'), name);
    }
    assert.equal(readlinkSync(join(host().root, 'srv/links', name)), `../files/${name}`);
    assert.match(
      readFileSync(join(host().root, 'srv/edited', name), 'utf8'),
      /^x\n# BEGIN .*\n\$\(touch .*\n# END .*\n$/,
    );
  }
});

test('a name that no file system takes is told, and nothing is left', LIMIT, async () => {
  const play = lab.write(
    'long.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - name: too long
      copy: {dest: "/srv/{{ 'n' * 256 }}", content: x}
`,
  );
  const before = readdirSync(join(host().root, 'srv'));
  const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
  assert.equal(apply.code, 3, told(apply));
  assert.match(apply.stdout, /too long\n(.*\n)*.*File name too long/);
  assert.deepEqual(readdirSync(join(host().root, 'srv')), before);
});

inDepth('as lines, blocks and replacements in a file', LIMIT, async () => {
  await applied(
    'contents',
    `    - copy: {dest: /srv/lines, content: "", mode: "0644", force: false}
    - lineinfile: {path: /srv/lines, line: "{{ item }}"}
      loop: "{{ hostile | reject('search', '[\\\\n\\\\r]') }}"
    - blockinfile: {path: /srv/blocks, block: "{{ item }}", marker: "# {mark} {{ index }}", create: true, mode: "0644"}
      loop: "{{ hostile | reject('search', '\\\\r') }}"
      loop_control: {index_var: index}
    - copy: {dest: /srv/replaced, content: "key=old\\n", mode: "0644", force: false}
    - replace: {path: /srv/replaced, regexp: '^key=old$', replace: "key=$(touch pwned) '\`id\`' \\"x\\""}
    - command: {argv: [printf, '%s', "{{ item }}"], expand_argument_vars: false}
      loop: "{{ hostile }}"
      register: printed
      changed_when: false
    - assert: {that: [item.stdout == item.item.rstrip("\\r\\n")]}
      loop: "{{ printed.results }}"
      loop_control: {label: "{{ item.item }}"}
    - shell: 'test "$VALUE" = {{ item | quote }}'
      environment: {VALUE: "{{ item }}"}
      loop: "{{ hostile }}"
      changed_when: false
`,
  );
  const lines = HOSTILE.filter((text) => !/[\n\r]/.test(text));
  assert.equal(readFileSync(join(host().root, 'srv/lines'), 'utf8'), lines.map((line) => `${line}\n`).join(''));
  const blocks = readFileSync(join(host().root, 'srv/blocks'), 'utf8');
  for (const text of HOSTILE.filter((one) => !one.includes('\r'))) assert.ok(blocks.includes(text), text);
  assert.equal(readFileSync(join(host().root, 'srv/replaced'), 'utf8'), 'key=$(touch pwned) \'`id`\' "x"\n');
});

test('as comments of users and as cron jobs', LIMIT, async () => {
  await applied(
    'accounts',
    `    - user: {name: "odd{{ index }}", comment: "{{ item }}"}
      loop: "{{ hostile | reject('search', '[\\\\n\\\\r\\\\t:,]') }}"
      loop_control: {index_var: index}
    - cron: {name: "{{ item }}", job: "true '{{ item }}'", minute: "5"}
      loop: "{{ hostile | reject('search', '[\\\\n\\\\r]') }}"
`,
  );
  const comments = HOSTILE.filter((text) => !/[\n\r\t:,]/.test(text));
  const passwd = readFileSync(join(host().root, 'etc/passwd'), 'utf8').split('\n');
  const fields = passwd.filter((line) => line.startsWith('odd')).map((line) => line.split(':')[4]);
  assert.deepEqual(fields, comments);
  const table = readFileSync(join(host().root, 'var/spool/cron/crontabs/root'), 'utf8');
  for (const text of HOSTILE.filter((one) => !/[\n\r]/.test(one))) {
    assert.ok(table.includes(`#Ansible: ${text}\n5 * * * * true '${text}'\n`), text);
  }
});

test('what no passwd and no crontab can hold is refused before anything is changed', LIMIT, async () => {
  const refused: readonly (readonly [task: string, says: RegExp])[] = [
    ['user: {name: odd, comment: "a:b"}', /comment|`:`/],
    ['user: {name: odd, comment: "a\\nroot::0:0::/:/bin/sh"}', /comment|line/],
    ['user: {name: "odd\\nroot", comment: x}', /name/],
    ['user: {name: odd, home: "/home/odd:0"}', /home/],
    ['user: {name: odd, shell: "/bin/sh\\nroot::0:0:::"}', /shell/],
    ['cron: {name: "a\\n* * * * * root touch pwned", job: "true"}', /name/],
    ['cron: {name: a, job: "true\\n* * * * * touch pwned"}', /job/],
    ['group: {name: "g:x:0:"}', /name/],
    ['authorized_key: {user: root, key: "no key at all"}', /key/],
  ];
  const files = ['etc/passwd', 'etc/group', 'etc/shadow', 'var/spool/cron/crontabs/root'];
  const state = () => files.map((file) => readFileSync(join(host().root, file), 'utf8'));
  const before = state();
  for (const [task, says] of refused) {
    const play = lab.write('refused.yml', `- hosts: fleet\n  gather_facts: false\n  tasks:\n    - ${task}\n`);
    const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
    assert.ok([1, 3].includes(apply.code), `${task}: ${apply.code} ${told(apply)}`);
    assert.match(told(apply), says);
  }
  assert.deepEqual(state(), before);
});
