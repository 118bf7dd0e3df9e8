import assert from 'node:assert/strict';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';

const lab = useHosts({ python: 1, bare: 1 });
const LIMIT = { timeout: 600_000 };

/** The same for Ansible and for us. */
const PLAY = `- hosts: fleet
  gather_facts: false
  tasks:
    - {name: lists, command: apt-get update, changed_when: false}
    - {name: ufw, apt: {name: ufw, install_recommends: false}}
    - {name: ssh, ufw: {rule: allow, port: ssh}}
    - {name: ssh limited, ufw: {rule: limit, port: ssh}}
    # Ansible sees no rules, and finds no position among them, before the firewall is loaded.
    - {name: loaded, ufw: {state: enabled, logging: medium}}
    - {name: web, ufw: {rule: allow, port: "443,80", proto: tcp, comment: the web}}
    - {name: network, ufw: {rule: allow, src: 192.0.2.77/24, port: "9090", proto: tcp}}
    - {name: profile, ufw: {rule: allow, name: CIFS}}
    - {name: first, ufw: {rule: deny, src: 198.51.100.7, insert: 1}}
    # Ansible takes a rule for IPv4 if its status does not say (v6), as with an address of IPv6: none is there yet.
    - {name: first of six, ufw: {rule: deny, src: "2001:db8::7", insert: 0, insert_relative_to: first-ipv6}}
    - {name: six, ufw: {rule: allow, src: "2001:DB8:0::/48", port: "9090", proto: tcp, log: true}}
    - {name: interface, ufw: {rule: reject, interface: host0, direction: out, port: "25", proto: tcp}}
    - {name: passed on, ufw: {rule: allow, route: true, interface_in: host0, interface_out: lo, src: 10.0.0.0/8}}
    - {name: gone, ufw: {rule: allow, port: "8080"}}
    - {name: gone again, ufw: {rule: allow, port: "8080", delete: true}}
    - {name: policy, ufw: {default: reject, direction: incoming}}
    - {name: routed, ufw: {default: deny, direction: routed}}
`;

const FILES = '/etc/ufw/user.rules /etc/ufw/user6.rules /etc/ufw/ufw.conf /etc/default/ufw';
const files = (which: string) => lab.host(which).inside(`cat ${FILES}; iptables -S; ip6tables -S`);
const run = (...args: string[]) => lab.runbook([...args, '-i', lab.inventory()], { timeoutMs: 500_000 });

inDepth('the firewall comes to be as Ansible makes it', LIMIT, async () => {
  const play = lab.write('play.yml', PLAY);
  const [ours, theirs] = await Promise.all([
    run('apply', play, '-l', 'bare1', '--yes'),
    lab.ansible(['-i', lab.inventory(), '-l', 'python1', play], { timeoutMs: 500_000 }),
  ]);
  assert.equal(ours.code, 0, ours.stdout + ours.stderr);
  assert.equal(theirs.code, 0, theirs.stdout + theirs.stderr);
  assert.equal((await files('bare1')).stdout, (await files('python1')).stdout);
  // Without the tasks that others take back.
  const end = lab.write('end.yml', PLAY.replaceAll(/.*{name: (ssh|gone|gone again), .*\n/g, ''));
  const again = await run('plan', end, '-l', 'bare1', '--detailed-exitcode');
  assert.equal(again.code, 0, again.stdout + again.stderr);
  const other = await run('plan', end, '-l', 'python1', '--detailed-exitcode');
  assert.equal(other.code, 0, 'of what Ansible has made nothing is left to do');
});

inDepth('an undo sets it back, rule by rule', LIMIT, async () => {
  const before = (await files('bare1')).stdout;
  const change = lab.write(
    'change.yml',
    `- hosts: bare1
  gather_facts: false
  tasks:
    - {ufw: {rule: deny, src: 198.51.100.7, delete: true}}
    - {ufw: {rule: allow, name: CIFS, delete: true}}
    - {ufw: {rule: allow, port: ssh}}
    - {ufw: {rule: deny, port: "23", proto: tcp, insert: 2}}
    - {ufw: {default: deny, logging: "off"}}
    - {ufw: {rule: deny, src: "2001:db8::7", delete: true}}
`,
  );
  const changed = await run('apply', change, '--yes');
  assert.equal(changed.code, 0, changed.stdout + changed.stderr);
  assert.notEqual((await files('bare1')).stdout, before);
  const undone = await run('undo', '--yes');
  assert.equal(undone.code, 0, undone.stdout + undone.stderr);
  assert.equal((await files('bare1')).stdout, before);
});

inDepth('one that locks everybody out is put back by the host', LIMIT, async () => {
  const before = (await files('bare1')).stdout;
  const play = lab.write(
    'lockout.yml',
    `- hosts: bare1
  gather_facts: false
  tasks:
    - {ufw: {state: reset}}
    - {ufw: {rule: allow, port: "80", proto: tcp}}
    - {ufw: {state: enabled, default: deny}}
`,
  );
  const locked = await run('apply', play, '--yes', '--guard-timeout', '8');
  assert.equal(locked.code, 3, locked.stdout + locked.stderr);
  assert.match(locked.stdout, /reverted: bare1: after the changes no longer a login works/);
  assert.equal((await lab.host('bare1').ssh('true')).code, 0, 'logging in works again');
  assert.equal((await files('bare1')).stdout, before);
});
