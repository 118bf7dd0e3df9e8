import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crontab } from '../../engine/resources/crontab.ts';
import { sysctl } from '../../engine/resources/sysctl.ts';
import { useHosts } from '../lab/hosts.ts';
import { becomesAndBack, make } from './resource_law.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJnqPcOGm+tdpM2LKqzO9sUcDGDLzUFYBzNmHY3Y0wVb alice@work';

const PLAY = `- hosts: fleet
  tasks:
    - name: group
      group: {name: staff-ops, gid: 4711}
    - name: user
      user:
        name: deploy
        group: staff-ops
        groups: [adm]
        shell: /bin/bash
        password_expire_max: 90
        generate_ssh_key: true
        ssh_key_type: ed25519
        ssh_key_passphrase: open sesame
    - name: keys
      authorized_key: {user: deploy, key: "${KEY}", key_options: 'no-pty,from="10.0.0.0/8"'}
    - name: keys elsewhere
      authorized_key: {user: deploy, key: "${KEY}", path: /etc/ssh/keys/deploy, manage_dir: false}
    - name: nightly
      cron: {name: backup, minute: "0", hour: "2", job: 'echo "$HOME" \\% done'}
    - name: of deploy
      cron: {name: own, special_time: daily, job: "true", user: deploy}
    - name: variable
      cron: {name: MAILTO, env: true, job: ops, user: deploy}
    - name: file
      cron: {name: filed, special_time: daily, job: "true", user: deploy, cron_file: app}
    - name: loaded
      sysctl: {name: net.ipv4.conf.all.rp_filter, value: "1", sysctl_file: /etc/sysctl.d/60-x.conf}
    - name: set
      sysctl: {name: net.ipv4.conf.default.rp_filter, value: "1", sysctl_file: /etc/sysctl.d/60-x.conf, sysctl_set: true}
    - name: facts
      assert:
        that:
          - ansible_facts.distribution == 'Debian'
          - ansible_host0.ipv4.address == ansible_host
          - ansible_user_id == 'root'
          - ansible_memtotal_mb > 10
    - name: end
      meta: flush_handlers
`;

const REFUSED = `- hosts: fleet
  gather_facts: false
  tasks:
    - name: set
      sysctl: {name: vm.swappiness, value: "7", sysctl_file: /etc/sysctl.d/61-x.conf, sysctl_set: true, reload: false}
      ignore_errors: true
    - name: loaded
      sysctl: {name: vm.swappiness, value: "7", sysctl_file: /etc/sysctl.d/62-x.conf}
`;

const UNDONE = `- hosts: fleet
  gather_facts: false
  tasks:
    - authorized_key: {user: deploy, key: "${KEY}", state: absent}
    - cron: {name: backup, state: absent}
    - cron: {name: filed, state: absent, cron_file: app}
    - sysctl: {name: net.ipv4.conf.default.rp_filter, state: absent, sysctl_file: /etc/sysctl.d/60-x.conf}
    - user: {name: deploy, state: absent, remove: true}
    - group: {name: staff-ops, state: absent}
`;

const lab = useHosts({ bare: 1 });
const host = () => lab.host(0);
const inside = async (command: string) => {
  const { code, stdout, stderr } = await host().inside(command);
  assert.equal(code, 0, stderr);
  return stdout;
};
const apply = (text: string) => lab.runbook(['apply', '--yes', lab.write('play.yml', text), '-i', lab.inventory()]);
const plan = (text: string) =>
  lab.runbook(['plan', '--detailed-exitcode', lab.write('play.yml', text), '-i', lab.inventory()]);

describe('users, keys, cron, sysctl and facts through the program', () => {
  it('come to be as they were planned', async () => {
    const { code, stdout, stderr } = await apply(PLAY);
    assert.equal(code, 0, stdout + stderr);
    const files = [
      '/home/deploy/.ssh',
      ...['authorized_keys', 'id_ed25519', 'id_ed25519.pub'].map((f) => `/home/deploy/.ssh/${f}`),
    ];
    assert.equal(
      await inside(`stat -c '%a %U:%G' ${files.join(' ')} /etc/ssh/keys/deploy /etc/ssh/keys /etc/cron.d/app`),
      '700 deploy:staff-ops\n600 deploy:staff-ops\n600 deploy:staff-ops\n644 deploy:staff-ops\n600 deploy:staff-ops\n755 root:root\n644 root:root\n',
    );
    assert.equal(await inside('cat /home/deploy/.ssh/authorized_keys'), `no-pty,from="10.0.0.0/8" ${KEY}\n`);
    assert.match(await inside("ssh-keygen -y -P 'open sesame' -f /home/deploy/.ssh/id_ed25519"), /^ssh-ed25519 /);
    assert.equal(await inside('crontab -l'), '#Ansible: backup\n0 2 * * * echo "$HOME" \\% done\n');
    assert.equal(await inside('crontab -u deploy -l'), 'MAILTO="ops"\n#Ansible: own\n@daily true\n');
    assert.equal(await inside('cat /etc/cron.d/app'), '#Ansible: filed\n@daily deploy true\n');
    assert.equal(
      await inside('cat /proc/sys/net/ipv4/conf/all/rp_filter /proc/sys/net/ipv4/conf/default/rp_filter'),
      '1\n1\n',
    );
  });

  it('and nothing is left to do', async () => {
    const { code, stdout, stderr } = await plan(PLAY);
    assert.equal(code, 0, stdout + stderr);
  });

  it('say why the kernel refuses a value, once the file is written', async () => {
    const { code, stdout, stderr } = await apply(REFUSED);
    assert.equal(code, 3, stdout + stderr);
    assert.match(stdout, /Read-only file system/);
    assert.match(stdout, /62-x\.conf is written, but not loaded: sysctl: permission denied on key "vm.swappiness"/);
    assert.equal(
      await inside('cat /etc/sysctl.d/61-x.conf /etc/sysctl.d/62-x.conf'),
      'vm.swappiness=7\nvm.swappiness=7\n',
    );
  });

  it('never write through a link that a user has put in the way', async () => {
    await inside(
      'ln -sf /etc/shadow /home/deploy/.ssh/authorized_keys && chown -h deploy: /home/deploy/.ssh/authorized_keys',
    );
    const before = await inside('stat -c "%U %a %Y" /etc/shadow');
    const text = `- hosts: fleet\n  tasks: [{authorized_key: {user: deploy, key: "${KEY}", follow: true}}]\n`;
    const { code, stdout } = await apply(text);
    assert.equal(code, 3, stdout);
    assert.match(stdout, /does not belong to deploy/);
    assert.equal(await inside('stat -c "%U %a %Y" /etc/shadow'), before);
    await inside(`rm /home/deploy/.ssh/authorized_keys`);
  });

  it('and go again', async () => {
    const { code, stdout, stderr } = await apply(UNDONE);
    assert.equal(code, 0, stdout + stderr);
    await inside('! getent passwd deploy && ! getent group staff-ops && ! crontab -l && test ! -e /etc/cron.d/app');
    assert.equal(await inside('cat /etc/sysctl.d/60-x.conf'), 'net.ipv4.conf.all.rp_filter=1\n');
    const again = UNDONE.split('\n').filter((line) => !line.includes('authorized_key'));
    assert.equal((await plan(again.join('\n'))).code, 0);
  });
});

describe('resources of the system on a real host', () => {
  it('a crontab comes, changes and goes', async () => {
    const ref = crontab('root', 'root');
    const text = "# it's\n* * * * * printf '%s\\n' \"`id`\" \\%\n";
    await becomesAndBack(host(), ref, { text });
    await inside(`printf '# mine\\n' | crontab -`);
    await becomesAndBack(host(), ref, { text });
    await becomesAndBack(host(), ref, null);
  });

  it('a crontab that cron refuses is told with its line', async () => {
    const answer = await make(host(), crontab('root', 'root'), { text: 'not a line\n' });
    assert.notEqual(answer.status, 0);
    assert.match(Buffer.from(answer.stderr).toString(), /bad minute|errors in crontab/);
  });

  it('a kernel parameter changes and changes back', async () => {
    await becomesAndBack(host(), sysctl('net.ipv4.conf.all.log_martians'), { value: '1' });
    await becomesAndBack(host(), sysctl('net.ipv4.ip_local_port_range'), { value: '40000 50000' });
    const answer = await make(host(), sysctl('net.ipv4.conf.all.rp_filter'), { value: 'nonsense' });
    assert.notEqual(answer.status, 0);
    assert.match(Buffer.from(answer.stderr).toString(), /rp_filter: Invalid argument/);
  });

  it('facts of a user who is nobody special are gathered too', async () => {
    const text = `- hosts: fleet
  become: true
  become_user: ops
  tasks:
    - assert:
        that:
          - ansible_facts.user_id == 'ops'
          - ansible_facts.product_serial == 'NA'
          - ansible_facts.is_chroot is boolean
          - ansible_facts.mounts is iterable
`;
    const { code, stdout, stderr } = await plan(text);
    assert.equal(code, 0, stdout + stderr);
  });
});
