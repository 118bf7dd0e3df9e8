import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unit } from '../../engine/resources/unit.ts';
import type { UnitValue } from '../../engine/resources/unit_value.ts';
import { useHosts } from '../lab/hosts.ts';
import { IN_DEPTH, inDepth } from '../lab/in_depth.ts';
import { becomes, becomesAndBack, look, make } from './resource_law.ts';

const lab = useHosts({ python: 2 });
const [OURS, THEIRS] = ['python1', 'python2'];
const ours = () => lab.host(OURS as string);
const inside = async (command: string) => {
  const { code, stdout, stderr } = await ours().inside(command);
  assert.equal(code, 0, stderr);
  return stdout;
};
const LONG = { timeout: 300_000 };

const UNITS = `    - copy:
        dest: /etc/systemd/system/app.service
        content: "[Service]\\nExecStart=/bin/sleep infinity\\nExecReload=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n"
    - copy:
        dest: /etc/systemd/system/once.service
        content: "[Service]\\nType=oneshot\\nExecStart=/bin/touch /srv/once\\n"
    - copy:
        dest: /etc/systemd/system/tick.timer
        content: "[Timer]\\nOnCalendar=yearly\\nUnit=once.service\\n[Install]\\nWantedBy=timers.target\\n"
`;

const PLAY = `- hosts: all
  gather_facts: false
  tasks:
${UNITS}    - systemd: {name: app, state: started, enabled: true, daemon_reload: true}
    - systemd: {name: once, state: started}
    - systemd_service: {name: tick.timer, state: started, enabled: true}
    - service: {name: cron, state: stopped, enabled: false}
    - systemd: {name: e2scrub_all.timer, state: stopped, enabled: false, masked: true}
    - service: {name: rsyslog, state: restarted}
    - service: {name: ssh, state: reloaded}
`;

const SETTLED = `- hosts: all
  gather_facts: false
  tasks:
    - systemd: {name: app, state: started, enabled: true, daemon_reload: true}
    - systemd: {name: tick.timer, state: started, enabled: true}
    - service: {name: cron, state: stopped, enabled: false}
    - systemd: {name: e2scrub_all.timer, state: stopped, masked: true}
    - service: {name: ssh, state: started, enabled: true}
    - systemd: {name: dbus, state: started, enabled: true}
`;

describe('units on a real host', () => {
  it('become what they are to be (in depth: as with Ansible)', LONG, async () => {
    const play = lab.write('play.yml', PLAY);
    const applied = await lab.runbook(['apply', play, '-i', lab.inventory(), '-l', OURS as string, '--yes']);
    assert.equal(applied.code, 0, applied.stdout + applied.stderr);
    const active = 'systemctl is-active app tick.timer cron rsyslog ssh; :';
    assert.equal(await inside(active), 'active\nactive\ninactive\nactive\nactive\n');
    if (!IN_DEPTH) return;
    const theirs = await lab.ansible(['-i', lab.inventory(), '-l', THEIRS as string, play]);
    assert.equal(theirs.code, 0, theirs.stdout + theirs.stderr);
    assert.deepEqual(ours().upper(), lab.host(THEIRS as string).upper());
    const show =
      'systemctl show -p Id,ActiveState,UnitFileState app tick.timer once cron rsyslog ssh e2scrub_all.timer';
    assert.equal(await inside(show), (await lab.host(THEIRS as string).inside(show)).stdout);
  });

  it('leave nothing to do, for us and for Ansible', LONG, async () => {
    const play = lab.write('settled.yml', SETTLED);
    const again = await lab.runbook(['plan', play, '-i', lab.inventory(), '-l', OURS as string, '--detailed-exitcode']);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    if (!IN_DEPTH) return;
    const check = await lab.ansible(['--check', '-i', lab.inventory(), '-l', OURS as string, play]);
    assert.match(check.stdout, /changed=0 .*failed=0/, check.stdout);
  });

  it('are taken back as they were', LONG, async () => {
    const app = (await look(ours(), unit('app'))) as UnitValue;
    const off = { active: 'inactive', sub: 'dead' } as const;
    await becomesAndBackBut(unit('app'), { ...app, ...off, enabled: false });
    await becomesAndBackBut(unit('app'), { ...app, enabled: false });
    await becomes(ours(), unit('nosuch'), { ...app, ...off, name: 'nosuch.service', masked: true, enabled: false });
    await becomes(ours(), unit('nosuch'), null);
    await becomesAndBack(ours(), unit('nosuch'), {
      ...app,
      ...off,
      name: 'nosuch.service',
      masked: true,
      enabled: false,
    });
  });

  it('that fail say why, from their log', LONG, async () => {
    await inside(
      `printf '[Service]\\nExecStart=/bin/sh -c "echo the reason is this; exit 3"\\n' >/etc/systemd/system/bad.service`,
    );
    const bad = (await look(ours(), unit('bad'))) as UnitValue;
    const answer = await make(ours(), unit('bad'), { ...bad, active: 'active', sub: 'running' });
    assert.equal(answer.status, 1);
    const said = Buffer.from(answer.stderr).toString();
    assert.match(said, /bad\.service was started and did not stay up: it is failed/);
    assert.match(said, /the reason is this/);
  });

  it('whose condition is not met do not count as started', LONG, async () => {
    await inside(
      `printf '[Unit]\\nConditionPathExists=/nowhere\\n[Service]\\nExecStart=/bin/sleep 9\\n' >/etc/systemd/system/idle.service`,
    );
    const play = lab.write(
      'idle.yml',
      '- hosts: all\n  gather_facts: false\n  tasks:\n    - service: {name: idle, state: started}\n',
    );
    const apply = await lab.runbook(['apply', play, '-i', lab.inventory(), '-l', OURS as string, '--yes']);
    assert.equal(apply.code, 3, apply.stdout + apply.stderr);
    assert.match(apply.stdout + apply.stderr, /unmet condition check \(ConditionPathExists=\/nowhere\)/);
  });

  inDepth('made from init scripts are enabled by their links', LONG, async () => {
    await inside(`cat >/etc/init.d/legacy <<'SCRIPT'
#!/bin/sh
### BEGIN INIT INFO
# Provides: legacy
# Required-Start:
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop:
# Short-Description: legacy
### END INIT INFO
exit 0
SCRIPT
chmod 755 /etc/init.d/legacy`);
    assert.equal((await look(ours(), unit('legacy')))?.load, 'unread');
    await inside('systemctl daemon-reload');
    const legacy = (await look(ours(), unit('legacy'))) as UnitValue;
    assert.deepEqual([legacy.load, legacy.script, legacy.enabled], ['loaded', true, false]);
    await becomesAndBack(ours(), unit('legacy'), { ...legacy, enabled: true });
  });

  it('of a user are managed by the user', LONG, async () => {
    await inside('loginctl enable-linger admin');
    const play = lab.write(
      'user.yml',
      `- hosts: all
  gather_facts: false
  vars: {ansible_user: admin}
  tasks:
    - file: {path: ~/.config/systemd/user, state: directory}
    - copy: {dest: ~/.config/systemd/user/mine.service, content: "[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=default.target\\n"}
    - systemd: {name: mine, scope: user, state: started, enabled: true, daemon_reload: true}
`,
    );
    const args = [play, '-i', lab.inventory(), '-l', OURS as string];
    const apply = await lab.runbook(['apply', ...args, '--yes']);
    assert.equal(apply.code, 0, apply.stdout + apply.stderr);
    const again = await lab.runbook(['plan', ...args, '--detailed-exitcode']);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.equal((await ours().ssh('systemctl --user is-active mine', { user: 'admin' })).stdout, 'active\n');
  });
});

/** As `becomesAndBack`; how long it runs shows in nothing that is compared. */
async function becomesAndBackBut(ref: ReturnType<typeof unit>, to: UnitValue): Promise<void> {
  const before = await becomes(ours(), ref, to);
  await becomes(ours(), ref, before);
}
