import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useHosts } from '../lab/hosts.ts';

const lab = useHosts({ python: 1, bare: 1 });

/** What logging in leaves behind. */
const LOGIN_TRACES = [/^\/var\/lib\/systemd\b/, /^\/run\b/, /^\/tmp$/];

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
echo old >/opt/old && setfattr -n user.colour -v blue /opt/old; setfacl -m u:nobody:rw /opt/old; chmod g+s /opt/old
ln -s /opt/old /opt/tolink; echo bye >/opt/bye; head -c 300000 /dev/urandom >/opt/big`);
  const prepared = python?.upper({ ignore: LOGIN_TRACES });
  const kept = 'getfacl -p /opt/old /opt/tree/one; getfattr -d /opt/old; stat -c "%n %A %U %Y" /opt/tree/one /opt/old';
  const facts = (await python?.inside(kept))?.stdout;
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
  await apply(lab.write('lists.yml', '- hosts: fleet\n  tasks: [apt: {update_cache: true, cache_valid_time: 3600}]\n'));
  const base = lab.hosts.map((host) => host.upper({ ignore: LOGIN_TRACES }));
  const live = async () => (await lab.host('python1').inside('sysctl -n net.ipv4.conf.all.rp_filter')).stdout;
  const states =
    'systemctl is-active cron tick.timer; systemctl is-enabled cron tick.timer; crontab -l; dpkg -l | grep lab-';
  const before = [await live(), (await lab.host('python1').inside(states)).stdout];
  const play = lab.write(
    'all.yml',
    `- hosts: fleet
  gather_facts: false
  tasks:
    - apt: {name: [lab-program, lab-conffile]}
    - copy: {dest: /etc/lab-conffile.conf, content: "setting = mine\\n"}
    - group: {name: crew, gid: 4711}
    - user: {name: ann, groups: crew, password: "$6$abc$def", comment: Ann}
    - authorized_key: {user: ann, key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBbM1CQJ2SGJ6lWZmz2dUMPmRn0R0Zb4Cc8mN3MZ1lOP ann}
    - user: {name: ops, shell: /bin/sh, comment: Changed}
    - cron: {name: job, job: /bin/true, minute: "5"}
    - cron: {name: other, job: /bin/true, user: root, cron_file: other}
    - sysctl: {name: net.ipv4.conf.all.rp_filter, value: "1", sysctl_file: /etc/sysctl.d/60-x.conf, sysctl_set: true, reload: false}
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
  const plan = await lab.runbook(['undo', '-i', lab.inventory(), '--check', '--json']);
  console.log(plan.stdout.slice(0, 6000), plan.stderr);
  assert.doesNotMatch(plan.stdout, /s3cr3t/);
  const back = await undo();
  console.log(back.stdout, back.stderr);
  assert.equal(back.code, 0, back.stderr + back.stdout);
  assert.doesNotMatch(back.stdout, /s3cr3t|\$6\$/);
  assert.deepEqual([await live(), (await lab.host('python1').inside(states)).stdout], before);
  assert.deepEqual(
    lab.hosts.map((host) => host.upper({ ignore: LOGIN_TRACES })),
    base,
  );
});
