import { count } from '../../engine/language/count.ts';
import { defineCheck, type Finding } from '../../engine/planning/finding.ts';
import { compareVersions } from '../../engine/resources/debian_version.ts';
import { BOOT_STATE } from '../../engine/resources/readings/boot_state.ts';
import { threshold } from './level.ts';

interface RebootParams {
  readonly fail_days: number;
}

const DAY_S = 86_400;

export const check_reboot = defineCheck<RebootParams>({
  name: 'check_reboot',
  collection: 'runbook',
  summary: 'Warns where a host waits for a reboot, and fails where it has for long',
  description: [
    'Goes by `/run/reboot-required`, which packages write, and by whether the kernel that runs is the newest of those that are installed.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      fail_days: threshold(14, 'A reboot that was asked for so many days ago fails; 0: never.'),
    },
  },
  examples: `- name: Reboots that are due
  check_reboot:
    fail_days: 30
`,
  looksAt: () => [BOOT_STATE],
  judge: (params, view): Finding => {
    const value = view.get(BOOT_STATE);
    if (value === null) return { level: 'fail', summary: 'there is nothing to see' };
    const newest = [...value.installed].sort(compareVersions).at(-1);
    const old = newest !== undefined && compareVersions(value.running, newest) < 0;
    const days = Math.floor((value.requiredFor ?? 0) / DAY_S);
    const up = `up for ${count(Math.floor(value.uptime / DAY_S), 'day')}`;
    const measures = [{ name: 'uptime', value: Math.floor(value.uptime / DAY_S), unit: 'days' as const }];
    if (value.requiredFor === undefined && !old) return { level: 'pass', summary: `no reboot is due; ${up}`, measures };
    const why = [
      ...(value.requiredFor === undefined ? [] : [`asked for ${count(days, 'day')} ago`]),
      ...(old ? [`it runs kernel ${value.running} and has ${newest}`] : []),
    ];
    return {
      level: params.fail_days > 0 && days >= params.fail_days ? 'fail' : 'warn',
      summary: `a reboot is due: ${why.join('; ')}`,
      evidence: { columns: ['asked for by'], rows: value.packages.map((name) => [name]) },
      remedy: 'Reboot the host when it suits: updates of the kernel and of libraries work from then on.',
      measures,
    };
  },
});
