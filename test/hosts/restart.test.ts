import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestHost } from '../lab/host.ts';
import { useHosts } from '../lab/hosts.ts';
import { sleep } from '../lab/process.ts';

const PLAY = `- hosts: fleet
  gather_facts: false
  tasks:
    - name: guarded
      copy: {dest: /etc/ssh/sshd_config.d/20-x.conf, content: "MaxAuthTries 3\\n"}
    - name: named
      hostname: {name: web1.example.com}
    - name: zone
      timezone: {name: Europe/Berlin}
    - name: answered
      debconf: {name: adduser, question: adduser/homedir-permission, vtype: boolean, value: "false"}
    - name: secret
      debconf: {name: adduser, question: adduser/lab-password, vtype: password, value: hunter2-secret}
    - name: repository
      deb822_repository:
        name: lab
        uris: file:/srv/debs
        suites: ./
        trusted: true
        signed_by: file:/etc/ssh/ssh_host_ed25519_key.pub
    - name: packages
      package_facts:
    - name: services
      service_facts:
    - name: names
      getent: {database: passwd, key: ops}
    - name: they are known
      assert:
        that:
          - packages['openssh-server'][0].arch in ['amd64', 'arm64']
          - services['ssh.service'] == {'name':'ssh.service', 'source':'systemd', 'state':'running', 'status':'enabled'}
          - ansible_facts.getent_passwd.ops[5] == '/bin/bash'
          - ansible_hostname == 'web1'
`;

const REBOOT = `- hosts: fleet
  gather_facts: false
  tasks:
    - name: guarded
      copy: {dest: /etc/ssh/sshd_config.d/20-x.conf, content: "MaxAuthTries 4\\n"}
    - name: gone once it has restarted
      copy: {dest: /run/gone, content: x}
    - name: restart
      reboot: {reboot_timeout: 120, test_command: "! test -e /run/gone"}
      register: restarted
    - name: told
      copy: {dest: /root/told, content: "{{ restarted.rebooted }} {{ restarted.elapsed > 0 }}"}
`;

const lab = useHosts({ bare: 1 });
const host = () => lab.host(0);
const inside = async (command: string) => {
  const { code, stdout, stderr } = await host().inside(command);
  assert.equal(code, 0, stderr);
  return stdout;
};
const run = (verb: 'plan' | 'apply', name: string, ...more: readonly string[]) =>
  lab.runbook([verb, lab.write(name, name === 'reboot.yml' ? REBOOT : PLAY), '-i', lab.inventory(), ...more]);

/** What restarts by itself in a container ends it: it is switched on again, as a machine would do. */
async function switchOnAgain(one: TestHost): Promise<void> {
  for (;;) {
    const running = await one.inside('true').then(
      () => true,
      () => false,
    );
    if (!running) break;
    await sleep(100);
  }
  one.stop();
  await one.start();
}

test('names, zone, answers and sources come to be, once, and are taken back', async () => {
  await inside('mkdir -p /etc/apt/keyrings');
  const { code, stdout, stderr } = await run('apply', 'play.yml', '--yes');
  assert.equal(code, 0, stdout + stderr);
  assert.doesNotMatch(stdout, /hunter2/);
  assert.equal(
    await inside(
      'cat /etc/hostname; hostname; readlink -f /etc/localtime; echo GET adduser/lab-password | debconf-communicate',
    ),
    'web1.example.com\nweb1.example.com\n/usr/share/zoneinfo/Europe/Berlin\n0 hunter2-secret\n',
  );
  const key = await inside('cat /etc/apt/keyrings/lab.asc');
  assert.match(
    key,
    /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n[A-Za-z0-9+/=\n]+\n-----END PGP PUBLIC KEY BLOCK-----\n$/,
  );
  await inside('apt-get -qq update && apt-cache policy nginx-light | grep -q srv/debs');

  const again = await run('plan', 'play.yml', '--detailed-exitcode');
  assert.equal(again.code, 0, again.stdout + again.stderr);

  const undo = await lab.runbook(['undo', '--yes']);
  assert.equal(undo.code, 0, undo.stdout + undo.stderr);
  assert.equal(
    await inside('cat /etc/hostname; hostname; ls /etc/apt/sources.list.d'),
    `${host().name}\n${host().name}\n`,
  );
  assert.match(await inside('echo GET adduser/lab-password | debconf-communicate || :'), /^10 /);
});

test('a play goes on after its host has restarted, and the access guard with it', async () => {
  const boot = await inside('cat /proc/sys/kernel/random/boot_id');
  const [applied] = await Promise.all([
    run('apply', 'reboot.yml', '--yes', '--guard-timeout', '30'),
    switchOnAgain(host()),
  ]);
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
  assert.notEqual(await inside('cat /proc/sys/kernel/random/boot_id'), boot);
  assert.equal(await inside('cat /root/told'), 'True True');
  assert.equal(await inside('cat /etc/ssh/sshd_config.d/20-x.conf'), 'MaxAuthTries 4\n');
  await inside(
    '! ls -d /var/lib/runbook/runs/*/guard /var/lib/runbook/runs/*/unfinished /etc/systemd/system/runbook-guard-*',
  );
});
