import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';
import { copyPlaybook } from '../lab/playbook.ts';

const lab = useHosts({ python: 1, bare: 1 });

/** What logging in leaves behind. */
const LOGIN_TRACES = [/^\/var\/lib\/systemd\b/, /^\/run\b/, /^\/tmp$/];
/** ucf(1) keeps the states that it has had. */
const UCF = /^\/var\/lib\/ucf\//;

async function apply(play: string, ...more: string[]) {
  const run = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes', ...more]);
  assert.equal(run.code, 0, run.stderr + run.stdout);
}

const undo = (...more: string[]) => lab.runbook(['undo', '-i', lab.inventory(), '--yes', ...more]);

test('files of every kind are as they were, with all that is kept of them', { timeout: 120_000 }, async () => {
  const [python] = lab.hosts;
  const base = lab.hosts.map((host) => host.upper({ ignore: LOGIN_TRACES }));
  await python?.inside(`mkdir -p /opt/tree/deep && echo one >/opt/tree/one && echo two >/opt/tree/deep/two
chmod 700 /opt/tree/deep && ln -s one /opt/tree/link && chown nobody /opt/tree/one && touch -d '2001-02-03' /opt/tree/one
echo old >/opt/old ; setfacl -m u:nobody:rw /opt/old /opt/tree/deep; chmod g+s /opt/old
ln -s /opt/old /opt/tolink; echo bye >/opt/bye; head -c 300000 /dev/urandom >/opt/big`);
  const prepared = python?.upper({ ignore: LOGIN_TRACES });
  const attribute = (code: string) => python?.inside(`python3 -c "import os; ${code}"`);
  await attribute("os.setxattr('/opt/old', 'trusted.colour', b'blue')");
  const kept = `getfacl -p /opt/old /opt/tree/deep; stat -c "%n %A %U %Y" /opt/tree/one /opt/old
python3 -c "import os; print(os.getxattr('/opt/old', 'trusted.colour'))"`;
  const facts = (await python?.inside(kept))?.stdout;
  assert.match(facts ?? '', /user:nobody:rw.*user:nobody:rw.*b'blue'/s);
  const play = lab.write(
    'files.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - copy: {dest: /opt/new, content: "new\\n", mode: "0644"}
    - file: {path: /opt/made/below, state: directory, mode: "0750"}
    - copy: {dest: /opt/made/below/file, content: "1\\n"}
    - lineinfile: {path: /opt/made/below/file, line: "2"}
    - copy: {dest: /opt/old, content: "changed\\n", mode: "0600", owner: nobody}
    - lineinfile: {path: /opt/old, line: again, create: true}
    - file: {path: /opt/tree, state: absent}
    - command: "true"
    - file: {path: /opt/bye, state: absent}
    - file: {src: /opt/new, dest: /opt/tolink, state: link, force: true}
    - copy: {dest: /opt/big, content: "small\\n"}
`,
  );
  await apply(play);
  const back = await undo();
  assert.equal(back.code, 0, back.stderr + back.stdout);
  assert.match(back.stdout, /cannot be undone: run: true/);
  assert.match(back.stdout, /\+ directory \/opt\/tree\n(.*\n)*? +holds: 4 files and directories/);
  assert.deepEqual(python?.upper({ ignore: LOGIN_TRACES }), prepared);
  assert.equal((await python?.inside(kept))?.stdout, facts);
  assert.deepEqual(lab.hosts[1]?.upper({ ignore: LOGIN_TRACES }), base[1]);
});

test('packages, units, accounts, keys, cron and kernel parameters', { timeout: 240_000 }, async () => {
  await apply(
    lab.write('lists.yml', '- hosts: python1\n  tasks: [apt: {update_cache: true, cache_valid_time: 3600}]\n'),
  );
  const python = lab.host('python1');
  await python.inside(
    'useradd -m -c Bob bob; echo bob:secret | chpasswd; chage -M 90 bob; echo diary >/home/bob/diary',
  );
  const base = python.upper({ ignore: LOGIN_TRACES });
  const live = async () =>
    (await python.inside('sysctl -n net.ipv4.conf.all.rp_filter net.ipv4.conf.default.log_martians')).stdout;
  const states =
    'systemctl is-active cron tick.timer; systemctl is-enabled cron tick.timer; crontab -l; dpkg -l | grep lab-';
  const before = [await live(), (await python.inside(states)).stdout];
  const play = lab.write(
    'all.yml',
    `- hosts: python1
  gather_facts: false
  tasks:
    - apt: {name: lab-conffile}
    - apt: {name: lab-program, update_cache: true}
    - copy: {dest: /etc/lab-conffile.conf, content: "setting = mine\\n"}
    - group: {name: crew, gid: 4711}
    - user: {name: ann, groups: crew, password: "$6$abc$def", comment: Ann}
    - authorized_key: {user: ann, key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBbM1CQJ2SGJ6lWZmz2dUMPmRn0R0Zb4Cc8mN3MZ1lOP ann}
    - user: {name: ops, shell: /bin/sh, comment: Changed}
    - user: {name: bob, state: absent, remove: true}
    - cron: {name: job, job: /bin/true, minute: "5"}
    - cron: {name: other, job: /bin/true, user: root, cron_file: other}
    - sysctl: {name: net.ipv4.conf.all.rp_filter, value: "1", sysctl_file: /etc/sysctl.d/60-x.conf, sysctl_set: true, reload: false}
    - sysctl: {name: net.ipv4.conf.default.log_martians, value: "1", sysctl_file: /etc/sysctl.d/61-x.conf}
    - copy: {dest: /etc/systemd/system/tick.service, content: "[Service]\\nExecStart=/bin/true\\n"}
    - copy: {dest: /etc/systemd/system/tick.timer, content: "[Timer]\\nOnCalendar=yearly\\n[Install]\\nWantedBy=timers.target\\n"}
    - systemd_service: {daemon_reload: true}
    - systemd_service: {name: tick.timer, state: started, enabled: true}
    - service: {name: cron, state: stopped, enabled: false}
    - copy: {dest: /etc/token, content: "s3cr3t-t0ken\\n", mode: "0600"}
      no_log: true
`,
  );
  await apply(play);
  assert.notEqual(await live(), before[0]);
  const plan = await lab.runbook(['undo', '-i', lab.inventory(), '--check', '--json']);
  assert.doesNotMatch(plan.stdout, /s3cr3t/);
  const back = await undo();
  assert.equal(back.code, 0, back.stderr + back.stdout);
  assert.doesNotMatch(back.stdout, /s3cr3t|\$6\$/);
  assert.deepEqual([await live(), (await python.inside(states)).stdout], before);
  assert.deepEqual(python.upper({ ignore: LOGIN_TRACES }), base);
});

test('a host that has moved on is left alone, and says what; --force takes it back all the same', {
  timeout: 120_000,
}, async () => {
  const play = lab.write(
    'moved.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - copy: {dest: /etc/first, content: "one\\n"}
    - file: {path: /srv/dir, state: directory}
`,
  );
  await apply(play);
  const python = lab.host('python1');
  await python.inside('echo mine >/etc/first; echo hers >/srv/dir/other');
  const refused = await undo();
  assert.equal(refused.code, 5, refused.stdout + refused.stderr);
  assert.match(
    refused.stdout,
    /! file {2}\[python1\]\n +directory \/srv\/dir: it holds what run \S+ did not make: other/,
  );
  assert.match(refused.stdout, /refused: python1: it is not as the run left it/);
  await python.inside('rm /srv/dir/other');
  const again = await undo();
  assert.equal(again.code, 5, again.stdout + again.stderr);
  assert.match(again.stdout, /file \/etc\/first: content is not what run \S+ left/);
  assert.match(again.stderr, /bare1: run \S+ was undone by run/);
  assert.equal(
    (await python.inside('cat /etc/first; ls -d /srv/dir')).stdout,
    'mine\n/srv/dir\n',
    'nothing was touched',
  );
  assert.equal((await lab.host('bare1').inside('ls /etc/first /srv/dir')).code, 2, 'the other host is undone');
  const forced = await undo('--force', '-l', 'python1');
  assert.equal(forced.code, 0, forced.stdout + forced.stderr);
  assert.equal((await python.inside('ls /etc/first /srv/dir')).code, 2);
});

inDepth(
  'an undo can be undone; runs are listed and shown, and none of it holds a secret',
  {
    timeout: 120_000,
  },
  async () => {
    const python = lab.host('python1');
    await python.inside('mkdir -p /srv/tree/sub; echo a >/srv/tree/sub/a; echo old >/etc/second');
    const before = python.upper({ ignore: LOGIN_TRACES });
    const play = lab.write(
      'again.yml',
      `- hosts: python1
  gather_facts: false
  tasks:
    - name: new words
      copy: {dest: /etc/second, content: "new\\n"}
    - file: {path: /srv/tree, state: absent}
    - copy: {dest: /etc/third, content: "s3cr3t-w0rd\\n"}
      no_log: true
`,
    );
    await apply(play);
    const after = python.upper({ ignore: LOGIN_TRACES });
    const last = async () => (await lab.runbook(['history'])).stdout.split('\t')[0] as string;
    const run = await last();
    for (const expected of [before, after, before]) {
      const one = await undo(...(expected === after ? [await last()] : []));
      assert.equal(one.code, 0, one.stdout + one.stderr);
      assert.deepEqual(python.upper({ ignore: LOGIN_TRACES }), expected);
    }
    const second = await undo();
    assert.equal(second.code, 0);
    assert.match(second.stderr, /python1: run \S+ was undone by run \S+ at \S+\nNothing is left to undo/);
    const list = (await lab.runbook(['history'])).stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    assert.deepEqual(
      list.slice(0, 4).map((cells) => cells.at(-1)),
      ['ok', 'ok', 'undone', 'undone'],
    );
    assert.match(list[0]?.[3] ?? '', /^undo of /);
    const shown = await lab.runbook(['show', run]);
    assert.match(
      shown.stdout,
      /~ new words {2}\[python1\]\n {4}~ file \/etc\/second\n {8}@@ -1 \+1 @@\n {8}-old\n {8}\+new\n/,
    );
    assert.match(shown.stdout, /\(hidden: no_log\)/);
    assert.match(shown.stdout, /python1 +0 +3 +0/);
    const json = (await lab.runbook(['show', run, '--json'])).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([json[0].outcome, json[0].hosts, json.length], ['undone', ['python1'], 4]);
    const dir = join(lab.work, '.runbook', 'runs', run);
    for (const file of readdirSync(dir)) {
      assert.equal(statSync(join(dir, file)).mode & 0o777, 0o600);
      assert.doesNotMatch(readFileSync(join(dir, file), 'utf8'), /s3cr3t/);
    }
    const unknown = await lab.runbook(['show', 'nosuch']);
    assert.equal(unknown.code, 1);
    assert.ok(existsSync(dir));
  },
);

inDepth('what is no longer kept is said, and not tried', { timeout: 120_000 }, async () => {
  const python = lab.host('python1');
  await python.inside('echo precious >/etc/fourth');
  const play = lab.write(
    'kept.yml',
    '- hosts: python1\n  gather_facts: false\n  tasks:\n    - copy: {dest: /etc/fourth, content: "x\\n"}\n    - copy: {dest: /etc/fifth, content: "x\\n"}\n',
  );
  await apply(play);
  await python.inside('rm -f /var/lib/runbook/runs/*/before/*');
  const back = await undo();
  assert.equal(back.code, 0, back.stdout + back.stderr);
  assert.match(back.stdout, /cannot be undone: \/etc\/fourth: what was there before is not kept on the host/);
  assert.equal((await python.inside('cat /etc/fourth; ls /etc/fifth')).stdout, 'x\n');
});

inDepth(
  'a run that failed, that acted as another user and on another host is taken back where it was made',
  {
    timeout: 120_000,
  },
  async () => {
    const ignore = [...LOGIN_TRACES, /^\/home\/ops\/\.local\b/];
    await lab.host('python1').inside('install -d -o ops -g ops -m 700 /home/ops/notes; echo a >/home/ops/notes/a');
    const base = lab.hosts.map((host) => host.upper({ ignore }));
    const play = lab.write(
      'half.yml',
      `- hosts: fleet
  gather_facts: false
  tasks:
    - copy: {dest: /etc/own, content: "x\\n"}
      notify: told
    - copy: {dest: "/etc/from-{{ inventory_hostname }}", content: "x\\n"}
      delegate_to: python1
    - file: {path: /home/ops/notes, state: absent}
      become: true
      become_user: ops
      when: inventory_hostname == 'python1'
    - command: /bin/false
    - copy: {dest: /etc/never, content: "x\\n"}
  handlers:
    - name: told
      copy: {dest: /etc/told, content: "x\\n"}
`,
    );
    const failed = await lab.runbook(['apply', play, '-i', lab.inventory(), '--yes']);
    assert.equal(failed.code, 3, failed.stdout + failed.stderr);
    const back = await undo();
    assert.equal(back.code, 0, back.stdout + back.stderr);
    assert.deepEqual(
      lab.hosts.map((host) => host.upper({ ignore })),
      base,
    );
    const again = await lab.runbook(['plan', play, '-i', lab.inventory()]);
    assert.doesNotMatch(again.stdout, /did not come to its end/, 'what was undone is no longer unfinished');
  },
);

inDepth('a secret that only the run knew is not shown by its undo', { timeout: 120_000 }, async () => {
  const python = lab.host('python1');
  const word = 'v4ulted-w0rd';
  lab.write('vault-password', 'open sesame\n');
  const file = lab.write('secret.yml', `token: ${word}\n`);
  const password = ['--vault-password-file', 'vault-password'];
  const encrypted = await lab.runbook(['vault', 'encrypt', file, ...password]);
  assert.equal(encrypted.code, 0, encrypted.stderr);
  await python.inside('echo token = older-w0rd >/etc/sixth');
  const play = lab.write(
    'vaulted.yml',
    '- hosts: python1\n  gather_facts: false\n  vars_files: [secret.yml]\n  tasks:\n    - copy: {dest: /etc/sixth, content: "token = {{ token }}\\n"}\n',
  );
  await apply(play, ...password);
  assert.equal((await python.inside('cat /etc/sixth')).stdout, `token = ${word}\n`);
  const run = (await lab.runbook(['history'])).stdout.split('\t')[0] as string;
  const shown = await lab.runbook(['show', run, '-v']);
  const back = await undo('-vvv');
  assert.equal(back.code, 0, back.stdout + back.stderr);
  assert.doesNotMatch(shown.stdout + back.stdout + back.stderr, /v4ulted|older-w0rd/);
  assert.equal((await python.inside('cat /etc/sixth')).stdout, 'token = older-w0rd\n');
});

inDepth('a hardened host is as it was', { timeout: 240_000 }, async () => {
  const bare = lab.host('bare1');
  const ignore = [...LOGIN_TRACES, UCF];
  const base = bare.upper({ ignore });
  const play = copyPlaybook('harden.yml', lab.work);
  await apply(play, '-l', 'bare1');
  assert.notDeepEqual(bare.upper({ ignore }), base);
  const back = await undo();
  assert.equal(back.code, 0, back.stdout + back.stderr);
  assert.match(back.stdout, /> reload unit ssh/, 'sshd reads what is there now');
  assert.deepEqual(bare.upper({ ignore }), base);
});
