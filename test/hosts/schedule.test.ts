import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { builtProgram } from '../lab/controllers.ts';
import { useHosts } from '../lab/hosts.ts';
import { inDepth } from '../lab/in_depth.ts';
import { sleep } from '../lab/process.ts';

const AUDIT = `- hosts: all
  gather_facts: false
  tasks:
    - name: wanted
      copy: {dest: /root/wanted, content: x}
`;

const lab = useHosts({ bare: 1 });
const host = () => lab.host(0);
const inside = async (command: string, code = 0) => {
  const ended = await host().inside(command);
  assert.equal(ended.code, code, ended.stdout + ended.stderr);
  return ended.stdout;
};
const schedule = (words: string, code = 0) =>
  inside(`cd /srv/ops && node /opt/runbook/dist/cli.js schedule ${words}`, code);

async function until(command: string): Promise<void> {
  for (let i = 0; (await host().inside(command)).code !== 0; i++) {
    assert.ok(i < 300, `${command} does not come to be: ${(await host().inside('journalctl -n 40')).stdout}`);
    await sleep(100);
  }
}

describe('a schedule', () => {
  /** The host is a controller: it has the program, and a key of its own that lets it in. */
  before(async () => {
    const root = host().root;
    copyFileSync(process.execPath, join(root, 'usr/bin/node'));
    chmodSync(join(root, 'usr/bin/node'), 0o755);
    mkdirSync(join(root, 'opt/runbook'), { recursive: true });
    cpSync(dirname(await builtProgram()), join(root, 'opt/runbook/dist'), { recursive: true });
    await inside(`ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
cat /root/.ssh/id_ed25519.pub >>/root/.ssh/authorized_keys
ssh-keyscan -t ed25519 ${host().address} >/root/.ssh/known_hosts 2>/dev/null
mkdir /srv/ops && printf '%s' '${AUDIT}' >/srv/ops/wanted.yml`);
  });

  it('a timer fires, its report appears, and a failing audit runs the failure command', async () => {
    const options = `--on-calendar '*:*:0/2' --report-dir /var/reports --on-failure 'env >/srv/ops/failed' --yes -- -i ${host().address},`;
    const added = await schedule(`add wanted.yml ${options}`);
    assert.match(added, /\+ file \/etc\/systemd\/system\/runbook-schedule-wanted\.timer/);
    await until('test -s /srv/ops/failed && ls /var/reports/wanted-*.html');
    const environment = await inside('cat /srv/ops/failed');
    assert.match(environment, /^RUNBOOK_SCHEDULE=wanted$/m);
    assert.match(environment, /^MONITOR_EXIT_STATUS=2$/m);
    assert.match(await inside('cat $(ls /var/reports/wanted-*.html | head -n 1)'), /<html/);
    assert.match(await inside('stat -c %a /var/reports'), /^700$/m);
    assert.match(
      await schedule('list'),
      /^wanted +(20\S+ \S+|-) +20\S+ \S+ +(failed: a check failed|running).*audit wanted\.yml$/m,
    );
    // The sandbox was in force, and is a good one.
    const exposure = await inside('systemd-analyze security --no-pager runbook-schedule-wanted.service | tail -n 1');
    assert.ok(Number(/level for .*: (\d+\.\d+)/.exec(exposure)?.[1]) < 3, exposure);

    const changed = await schedule(
      `add wanted.yml --on-calendar monthly --report-dir /var/reports --yes -- -i ${host().address},`,
    );
    assert.match(changed, /-OnCalendar=\*:\*:0\/2\n +\+OnCalendar=monthly/);
    assert.match(
      await schedule(`add wanted.yml --on-calendar monthly --report-dir /var/reports --check -- -i ${host().address},`),
      /nothing to do|No changes/i,
    );
    await until('! systemctl is-active --quiet runbook-schedule-wanted.service');
    assert.match(await schedule('run wanted', 2), /wanted/);
    await inside('printf x >/root/wanted');
    await schedule('run wanted');
    assert.match(await schedule('list'), /^wanted .* ok +audit wanted\.yml$/m);

    await schedule('remove wanted --yes');
    await inside('cd /srv/ops && node /opt/runbook/dist/cli.js undo --yes');
    await inside(
      'systemctl is-active runbook-schedule-wanted.timer && systemctl is-enabled runbook-schedule-wanted.timer',
    );
    await schedule('remove wanted --yes');
    await inside(
      '! ls /etc/systemd/system/*/runbook-schedule-* /etc/systemd/system/runbook-schedule-* /var/lib/systemd/timers/*runbook*',
    );
    assert.equal(await schedule('list'), 'No schedules yet.\n');
  });

  it('what is wrong is said before anything is written', async () => {
    const refused = async (words: string) => {
      const { code, stdout, stderr } = await host().inside(
        `cd /srv/ops && node /opt/runbook/dist/cli.js schedule ${words}`,
      );
      assert.ok(code === 1 || code === 3, `${code}: ${stdout}${stderr}`);
      return stdout + stderr;
    };
    assert.match(
      await refused('add wanted.yml --on-calendar soon --yes -- -i x,'),
      /Failed to parse calendar specification/,
    );
    assert.match(await refused('add missing.yml --on-calendar daily --yes'), /missing\.yml/);
    assert.match(
      await refused('add wanted.yml --on-calendar daily --yes -- -i x, --frks 3'),
      /`--frks` is no option of `runbook audit`/,
    );
    assert.match(await refused('add wanted.yml --on-calendar daily --yes -- -i x, -K'), /nobody to ask/);
    assert.match(await refused('run wanted'), /there is no schedule `wanted`/);
    await inside('! ls /etc/systemd/system/runbook-schedule-*');
  });

  inDepth("a user's own, on the machine itself, by the user's own systemd", { timeout: 300_000 }, async () => {
    const asOps = (words: string) =>
      `cd /home/ops && su ops -c "XDG_RUNTIME_DIR=/run/user/$(id -u ops) node /opt/runbook/dist/cli.js ${words}"`;
    await inside(`loginctl enable-linger ops && cp /srv/ops/wanted.yml /home/ops/ && chown ops: /home/ops/wanted.yml`);
    await until('test -S /run/user/$(id -u ops)/systemd/private');
    const printed = await inside(
      asOps('schedule add wanted.yml --user --on-calendar hourly --print -- -c local -i x,'),
    );
    assert.match(printed, /ExecStart=\/usr\/bin\/node \/opt\/runbook\/dist\/cli\.js audit wanted\.yml -c local -i x,/);
    assert.doesNotMatch(printed, /NoNewPrivileges/);
    await inside(asOps('schedule add wanted.yml --user --on-calendar hourly --yes -- -c local -i x,'));
    assert.match(await inside(asOps('schedule list')), /^wanted \(user\) +20/m);
    await inside(asOps('schedule run wanted --user'), 2);
    await inside(asOps('schedule remove wanted --user --yes'));
  });
});
