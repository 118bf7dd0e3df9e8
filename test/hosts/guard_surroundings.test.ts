import assert from 'node:assert/strict';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';
import { sleep } from '../lab/process.ts';
import { args, lockedOut, nothingLeft, play, waysIn } from './lockouts.ts';

/** The access guard on hosts that have what others do not: another firewall, netplan, ssh.socket, no systemd. */
const lab = useHosts({ bare: 5 });
const LIMIT = { timeout: 400_000 };

async function prepared(host: string, script: string): Promise<void> {
  const { code, stdout, stderr } = await lab.host(host).inside(`set -e\n${script}`, { timeoutMs: 300_000 });
  assert.equal(code, 0, `${host}: ${stdout}${stderr}`);
}

const install = (...packages: readonly string[]) =>
  `apt-get -qq update; apt-get -qq install -y --no-install-recommends ${packages.join(' ')} >/dev/null`;

inDepth('nftables, firewalld, netplan and ssh.socket: put back', LIMIT, async () => {
  await Promise.all([
    prepared(
      'bare2',
      `${install('nftables')}
printf 'flush ruleset\ntable inet filter {\n set good {\n type ipv4_addr\n flags interval\n elements = { 10.0.0.0/8 }\n }\n chain input {\n type filter hook input priority filter; policy accept;\n ip saddr @good tcp dport 22 accept\n }\n}\n' >/etc/nftables.conf
systemctl enable -q --now nftables`,
    ),
    prepared(
      'bare3',
      `${install('firewalld', 'nftables')}; systemctl enable -q --now firewalld; firewall-cmd -q --state`,
    ),
    prepared(
      'bare4',
      `${install('netplan.io')}
# There is no udev in a container, which netplan takes for granted.
printf '#!/bin/sh\\n' >/usr/sbin/udevadm; chmod 755 /usr/sbin/udevadm
printf 'network:\n  version: 2\n  renderer: networkd\n  ethernets:\n    host0:\n      addresses: [${lab.host('bare4').address}/24]\n' >/etc/netplan/10-lab.yaml
chmod 600 /etc/netplan/10-lab.yaml
rm /etc/systemd/network/10-lab.network
netplan apply`,
    ),
    prepared('bare5', 'systemctl disable -q --now ssh.service; systemctl enable -q --now ssh.socket'),
  ]);
  // The first login starts the service behind the socket.
  assert.equal((await lab.host('bare5').ssh('true', { user: 'admin' })).code, 0);
  await lockedOut(lab, [
    {
      host: 'bare2',
      tasks: `
- name: rules
  copy:
    dest: /etc/nftables.conf
    content: "flush ruleset\\ntable inet other {\\n chain input {\\n type filter hook input priority 0; policy drop;\\n }\\n}\\n"
- name: load
  service: {name: nftables, state: restarted}`,
      says: /nothing was heard of|no longer a login works/,
    },
    {
      host: 'bare3',
      tasks: `
- name: closed
  shell: firewall-cmd --permanent --remove-service=ssh && firewall-cmd --reload && firewall-cmd --set-default-zone=drop`,
      says: /nothing was heard of|no longer a login works/,
    },
    {
      host: 'bare4',
      tasks: `
- name: another address
  replace: {path: /etc/netplan/10-lab.yaml, regexp: 'addresses: .*', replace: 'addresses: [192.0.2.7/24]'}
- name: apply
  command: netplan apply`,
      says: /nothing was heard of|no longer a login works/,
    },
    {
      host: 'bare5',
      user: 'admin',
      tasks: `
- file: {path: /etc/systemd/system/ssh.socket.d, state: directory, mode: "0755"}
- name: another port
  copy: {dest: /etc/systemd/system/ssh.socket.d/port.conf, content: "[Socket]\\nListenStream=\\nListenStream=2222\\n", mode: "0644"}
- name: listen
  shell: systemctl daemon-reload; systemctl stop ssh.service; systemctl restart ssh.socket`,
      says: /no longer a login works: .*nothing listens/,
    },
  ]);
});

/** Processes that see no systemd, and an sshd of their own at port 2200: as in a container that has nothing else. */
async function container(host: string): Promise<void> {
  await prepared(
    host,
    `mkdir -p /run/apart; cat >/run/apart/init <<'END'
mount -t tmpfs none /run
mkdir /run/sshd
/usr/sbin/sshd -p 2200 -o PidFile=/run/sshd.pid
while :; do sleep 1; done
END
systemd-run -q --unit=apart unshare --pid --fork --mount --mount-proc --kill-child sh /run/apart/init`,
  );
  for (let tries = 0; (await lab.host(host).inside('ss -ltn | grep :2200')).code !== 0; tries++) {
    assert.ok(tries < 50, 'its sshd does not start');
    await sleep(100);
  }
}

inDepth('a host without systemd: a process of its own watches, with the controller and without', LIMIT, async () => {
  await container('bare1');
  const where = ['-i', lab.write('port.ini', '[fleet]\nbare1 ansible_port=2200\n')];
  const letsIn = async () => {
    const ping = lab.write('ping.yml', '- hosts: bare1\n  gather_facts: false\n  tasks: [stat: {path: /}]\n');
    return (await lab.runbook(['plan', ping, '-i', lab.inventory(), ...where, '--retries', '0', '-T', '3'])).code === 0;
  };
  assert.equal(await letsIn(), true);
  const kept = await waysIn(lab, 'bare1');
  const tasks = `
- copy: {dest: /etc/ssh/sshd_config.d/10-users.conf, content: "AllowUsers nobody\\n", mode: "0644"}
- shell: kill -HUP "$(cat /run/sshd.pid)"; touch /etc/broken`;
  const run = await lab.runbook(args(lab, play(lab, [{ host: 'bare1', tasks }], 'bare1').file, ...where));
  assert.equal(run.code, 3, run.stdout + run.stderr);
  assert.match(run.stdout, /reverted: bare1: after the changes no longer a login works/);
  assert.equal(await letsIn(), true, run.stdout);
  assert.equal(await waysIn(lab, 'bare1'), kept, run.stdout);

  await lab.host('bare1').inside('rm /etc/broken');
  const held = `${tasks}\n- command: sleep 60`;
  const killing = lab.runbook(args(lab, play(lab, [{ host: 'bare1', tasks: held }], 'bare1').file, ...where), {
    timeoutMs: 15_000,
  });
  while ((await lab.host('bare1').inside('rm /etc/broken')).code !== 0) await sleep(100);
  assert.equal(await letsIn(), false);
  assert.equal((await killing).code, 124, 'it was to be killed');
  for (let tries = 0; !(await letsIn()); tries++) {
    assert.ok(tries < 40, 'it does not come back');
    await sleep(1_000);
  }
  assert.equal(await waysIn(lab, 'bare1'), kept);
  await nothingLeft(lab, 'bare1');
});
