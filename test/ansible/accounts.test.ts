import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJnqPcOGm+tdpM2LKqzO9sUcDGDLzUFYBzNmHY3Y0wVb alice@work';
const HASH = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/';

const PLAY = `- hosts: all
  gather_facts: false
  tasks:
    - group: {name: ops-a, gid: 4711}
    - group: {name: sys-a, system: true}
    - user: {name: plain}
    - user: {name: own, system: true, create_home: false, comment: 'Own & all', shell: /usr/sbin/nologin}
    - user:
        name: full
        uid: 4712
        group: ops-a
        groups: [adm, sys-a]
        home: /srv/people/full
        shell: /bin/bash
        password: '${HASH}'
        password_expire_max: 90
        password_expire_min: 1
        expires: 1893456000
    - user: {name: locked, password: '${HASH}', password_lock: true}
    - user: {name: locked, groups: [sys-a], append: true}
    - user: {name: barred, password: '!'}
    - authorized_key: {user: full, key: "${KEY}"}
    - authorized_key: {user: plain, key: "${KEY}", key_options: no-pty, comment: deploy, exclusive: true}
    - cron: {name: nightly, minute: "0", hour: "2", job: /bin/true}
    - cron: {name: PATH, env: true, job: /usr/bin, user: full}
    - cron: {name: filed, special_time: weekly, job: /bin/true, user: full, cron_file: filed}
    - sysctl: {name: net.ipv4.conf.all.log_martians, value: "1", sysctl_file: /etc/sysctl.d/60-a.conf}
    - user: {name: gone}
      changed_when: false
    - user: {name: gone, state: absent, remove: true}
      changed_when: false
`;

const lab = useHosts({ python: 2 });

describe('accounts, keys, cron and sysctl, held against Ansible on real hosts', () => {
  it('what runbook has made leaves nothing to do for Ansible', async () => {
    const playbook = lab.write('play.yml', PLAY);
    const applied = await lab.runbook(['apply', '--yes', playbook, '-i', lab.inventory(), '-l', 'python1']);
    assert.equal(applied.code, 0, applied.stdout + applied.stderr);
    const checked = await lab.ansible(['--check', '-i', lab.inventory(), '-l', 'python1', playbook]);
    assert.match(checked.stdout, /python1 .*changed=0 .*failed=0/, checked.stdout);
  });

  inDepth('what Ansible has made leaves nothing to do for runbook', {}, async () => {
    const playbook = lab.write('play.yml', PLAY);
    const played = await lab.ansible(['-i', lab.inventory(), '-l', 'python2', playbook]);
    assert.equal(played.code, 0, played.stdout + played.stderr);
    const lines = PLAY.split('\n').filter((line) => !/name: gone|changed_when/.test(line));
    const planned = await lab.runbook([
      'plan',
      '--detailed-exitcode',
      lab.write('again.yml', lines.join('\n')),
      '-i',
      lab.inventory(),
      '-l',
      'python2',
    ]);
    assert.equal(planned.code, 0, planned.stdout + planned.stderr);
  });

  inDepth('and both hosts have the same accounts and files', {}, async () => {
    const look = `getent passwd plain own full locked barred | sort; getent group ops-a sys-a plain
for u in plain full locked barred; do getent shadow $u | cut -d: -f1,2,4-; done
find /home/plain /srv/people /home/locked -printf '%p %u %g %m %y\\n' | sort
cat /home/plain/.ssh/authorized_keys /srv/people/full/.ssh/authorized_keys /etc/cron.d/filed /etc/sysctl.d/60-a.conf
stat -c '%a %U %G' /etc/cron.d/filed /etc/sysctl.d/60-a.conf
crontab -l; crontab -u full -l; ls /home`;
    const [one, two] = await Promise.all(lab.hosts.map((host) => host.inside(look)));
    assert.equal(one?.stdout, two?.stdout);
    assert.ok((one?.stdout.length ?? 0) > 1000);
  });
});
