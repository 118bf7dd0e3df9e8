import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';

const lab = useHosts({ python: 1, bare: 1 });

const PLAY = `- hosts: fleet
  gather_facts: false
  vars:
    odd: "/srv/it's $(id) \`x\`\\n-"
  tasks:
    - name: directories
      file: {path: /srv/app/data, state: directory, owner: daemon, group: adm, mode: "2750"}
    - name: an odd name
      copy: {dest: "{{ odd }}", content: "odd\\n", mode: "0600"}
    - name: large
      copy: {src: large, dest: /srv/app/large, mode: "0640"}
    - name: bytes
      copy: {src: bytes, dest: /srv/app/}
    - name: tree
      copy: {src: site/, dest: /srv/www, owner: daemon}
    - name: tree on the host
      copy: {src: /srv/www/, dest: /srv/copy, remote_src: true}
    - name: config
      template: {src: app.conf.j2, dest: /srv/app/app.conf, force: false, mode: "u=rw,g=r,o=", validate: "grep -q port %s"}
      vars: {port: 8080}
    - name: line
      lineinfile: {path: /srv/app/app.conf, regexp: '^port=', line: 'port=9090', backup: true}
    - name: block
      blockinfile: {path: /srv/app/app.conf, block: "a\\nb", insertbefore: BOF}
    - name: replaced
      replace: {path: /etc/login.defs, regexp: '^(UMASK\\s+).*', replace: '\\g<1>027'}
    - name: link
      file: {path: /srv/current, src: app, state: link}
    - name: through the link
      lineinfile: {path: /srv/current/app.conf, line: last}
    - name: hard link
      file: {path: /srv/app/hard, src: /srv/app/large, state: hard}
    - name: everything below
      file: {path: /srv/www, state: directory, recurse: true, group: adm}
    - name: times
      file: {path: /srv/app/bytes, state: touch, modification_time: "200102030405.06", access_time: preserve}
    - name: away
      file: {path: /etc/issue, state: absent}
    - name: look
      stat: {path: /srv/app/large}
      register: large
    - name: told
      assert: {that: [large.stat.exists, large.stat.size == 300000, large.stat.mode == '0640', large.stat.nlink == 2]}
`;

function writePlay(): string {
  writeFileSync(join(lab.work, 'large'), 'l'.repeat(300_000));
  writeFileSync(join(lab.work, 'bytes'), Buffer.from([0, 255, 10]));
  writeFileSync(join(lab.work, 'app.conf.j2'), 'name=app\nport={{ port }}\n');
  mkdirSync(join(lab.work, 'site/css'), { recursive: true });
  writeFileSync(join(lab.work, 'site/index.html'), '<p>hi</p>\n');
  writeFileSync(join(lab.work, 'site/css/run.sh'), '#!/bin/sh\n');
  chmodSync(join(lab.work, 'site/css/run.sh'), 0o755);
  symlinkSync('index.html', join(lab.work, 'site/home.html'));
  return lab.write('files.yml', PLAY);
}

const STATE = `cd /srv && find . -printf '%P %y %m %u %g %l\\n' | sort
sha256sum app/app.conf www/home.html copy/css/run.sh app/hard
grep ^UMASK /etc/login.defs; ls /etc/issue; stat -c %Y app/bytes`;

test('the file modules on real hosts: made, looked at, and made again without a change', {
  timeout: 240_000,
}, async () => {
  const play = writePlay();
  const plan = await lab.runbook(['plan', play, '-i', lab.inventory()]);
  assert.equal(plan.code, 0, plan.stderr + plan.stdout);
  const first = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
  assert.equal(first.code, 0, first.stderr + first.stdout);
  const states = await Promise.all(lab.hosts.map(async (host) => (await host.ssh(STATE)).stdout));
  assert.equal(states[0], states[1]);
  const [state] = states;
  for (const line of [
    'app/data d 2750 daemon adm ',
    'app/large f 640 root root ',
    'app/app.conf f 640 root root ',
    "it's $(id) `x`",
    'www/css d 755 daemon adm ',
    'www/css/run.sh f 644 daemon adm ',
    'www/home.html f 644 daemon adm ',
    'current l 777 root root app',
  ]) {
    assert.ok(state?.includes(line), `${line} is not in ${state}`);
  }
  assert.match(state ?? '', /UMASK\s+027/);
  assert.doesNotMatch(state ?? '', /\.rb-/);
  const again = await lab.runbook(['plan', play, '-i', lab.inventory(), '--detailed-exitcode']);
  assert.equal(again.code, 0, again.stderr + again.stdout);
});

inDepth('what was made by runbook, Ansible finds made', { timeout: 240_000 }, async () => {
  const check = await lab.ansible(['--check', '-i', lab.inventory(), '-l', 'python', join(lab.work, 'files.yml')]);
  assert.equal(check.code, 0, check.stdout + check.stderr);
  assert.match(check.stdout, /changed=0 /, check.stdout);
});

test('a validator that refuses leaves the file as it was', { timeout: 120_000 }, async () => {
  const play = lab.write(
    'refused.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - name: sudoers
      copy: {dest: /etc/sudoers.d/broken, content: "this is no sudoers file\\n", mode: "0440", validate: visudo -cf %s}
`,
  );
  const before = (await lab.host('bare1').ssh('ls -A /etc/sudoers.d')).stdout;
  const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
  assert.equal(apply.code, 3, apply.stderr + apply.stdout);
  assert.match(apply.stdout, /the new content does not pass `visudo -cf %s`/);
  assert.match(apply.stdout, /syntax error/);
  for (const host of lab.hosts) assert.equal((await host.ssh('ls -A /etc/sudoers.d')).stdout, before);
});
