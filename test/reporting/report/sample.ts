import type { Finding } from '../../../engine/planning/finding.ts';
import type { RecordedTask } from '../../../engine/reporting/recorded_task.ts';
import type { KeptRun } from '../../../engine/reporting/report/fold.ts';
import { checked, kept, recorded, START } from './fake_run.ts';

/** A run in which everything happens that a report tells of. */
export function everything(): KeptRun {
  const at = (ms: number, took: number) => ({ at: START + ms, ms: took });
  const tasks: readonly RecordedTask[] = [
    checked('web1', 'disk usage', {
      level: 'fail',
      summary: '/var is 91 % full',
      evidence: { columns: ['mounted on', 'used'], rows: [['/var', '91 %']], more: 3 },
      remedy: 'Run `journalctl --vacuum-size=500M`,\nor give it more room.',
      reference: 'https://www.cisecurity.org/benchmark/debian_linux',
      measures: [{ name: '/var', value: 91, unit: '%' }],
    }),
    checked('web1', 'certificates', { level: 'warn', summary: 'one expires in 6 days', reference: 'section 3' }),
    checked('web1', 'time', { level: 'pass', summary: 'in step' }),
    recorded('web1', 'settings of sshd', {
      ...{ outcome: 'changed', ...at(1800, 420), warnings: ['odd'], message: 'said\nso' },
      steps: [
        {
          ...{ action: 'change', title: 'file /etc/ssh/sshd_config', access: true },
          attributes: [{ name: 'mode', before: '0644', after: '0600' }],
          content: { kind: 'text', before: 'a\nold words\nc\n', after: 'a\nnew words\nc' },
        },
        {
          ...{ action: 'create', title: 'file /bin/x', attributes: [{ name: 'owner', after: 'root' }] },
          content: { kind: 'opaque', after: '12 MiB, sha256 ab12' },
        },
        { action: 'remove', title: 'file /y', attributes: [{ name: 'owner', before: 'root' }] },
      ],
    }),
    recorded('web1', 'restart', {
      outcome: 'changed',
      handler: true,
      ...at(2400, 90),
      steps: [{ run: 'restart ssh' }],
    }),
    recorded('web2', 'password', {
      ...{ outcome: 'changed', noLog: true, item: 'db', ...at(2000, 60), delegate: 'web1' },
      steps: [{ action: 'create', title: 'file /p', secret: true, attributes: [] }],
    }),
    recorded('web2', 'migrate', {
      ...{ outcome: 'failed', ...at(3000, 700), steps: [{ run: 'migrate' }] },
      failure: {
        message: 'it failed\nbadly',
        command: 'migrate',
        status: 3,
        stderr: 'e\ne',
        stdout: 'o',
        left: 'l',
        hint: 'h',
      },
    }),
    recorded('web2', 'probe', { outcome: 'rescued', ...at(3100, 10), failure: { message: 'no' } }),
    recorded('web2', 'later', { outcome: 'provisional', waitsFor: ['migrate'], steps: [{ run: 'x' }] }),
    recorded('web2', 'calm', { outcome: 'ok', ...at(1500, 5) }),
    recorded('web2', 'not here', { outcome: 'skipped', message: 'the condition is false' }),
  ];
  return kept('apply', tasks, {
    hosts: ['web1', 'web2', 'old1'],
    events: [
      { type: 'apply-started', at: START + 1300 },
      {
        type: 'host-reverted',
        host: 'old1',
        message: 'locked out',
        log: ['restored /x'],
        hint: 'look',
        at: START + 900,
      },
      { type: 'warning', host: 'web1', message: 'take care', at: START + 950 },
      { type: 'warning', message: 'plays that were not begun: `Web`', at: START + 4000 },
    ],
  });
}

const CHECKS = [
  ...['pending updates', 'certificates', 'open ports', 'failed logins', 'disk usage', 'sudoers', 'users with a shell'],
  ...['SUID files', 'world-writable files', 'sshd policy', 'pending reboot', 'failed units', 'time sync', 'backups'],
  ...['database size', 'container limits', 'image scan', 'file modes', 'password ages', 'kernel parameters'],
];

/** An audit of many hosts by many checks, one in eleven of which fails, and no two findings alike. */
export function fleet(hosts: number, checks: number): readonly RecordedTask[] {
  return Array.from({ length: hosts }, (_, h) =>
    CHECKS.slice(0, checks).map((name, c) => {
      const level: Finding['level'] = ({ 0: 'fail', 5: 'warn' } as const)[(h * 7 + c * 3) % 11] ?? 'pass';
      return checked(`host${String(h + 1).padStart(2, '0')}`, name, {
        level,
        summary: `${name}: ${h + c} of ${h + 40}`,
        evidence: { columns: ['what', 'who', 'since'], rows: [[`/srv/${h}/${c}`, 'deploy', '2026-10-02']] },
        ...(level !== 'pass' && { remedy: `Look after ${name} of host ${h + 1}.`, reference: 'CIS Debian 12, 5.2.4' }),
        ...(c === 4 && { measures: [{ name: '/var', value: 40 + h, unit: '%' as const }] }),
      });
    }),
  ).flat();
}
