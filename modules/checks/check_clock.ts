import { defineCheck, type Finding } from '../../engine/planning/finding.ts';
import { CLOCK, type ClockValue } from '../../engine/resources/readings/clock.ts';
import { levelFrom, threshold } from './level.ts';

interface ClockParams {
  readonly warn_ms: number;
  readonly fail_ms: number;
}

export const check_clock = defineCheck<ClockParams>({
  name: 'check_clock',
  collection: 'runbook',
  summary: 'Fails where nobody keeps the time',
  description: [
    'Certificates, logs and one-time passwords need the right time. Asks timedatectl(1), whatever keeps the time, and chronyc(1) for how far it is off. The clock of a container is that of its host.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      warn_ms: threshold(100, 'So many milliseconds off warn, where chrony tells; 0: never.'),
      fail_ms: threshold(1000, 'So many milliseconds off fail, where chrony tells; 0: never.'),
    },
  },
  examples: `- name: Time
  check_clock:
`,
  looksAt: () => [CLOCK],
  judge: (params, view): Finding => {
    const clock = view.get(CLOCK);
    if (clock === null) return { level: 'fail', summary: 'there is nothing to see' };
    const by = clock.services.length === 0 ? '' : ` by ${clock.services.join(', ')}`;
    const remedy =
      'Install systemd-timesyncd or chrony, and see that the host reaches its time servers (`timedatectl status`).';
    const reference = 'CIS Debian Linux 12, 2.3.1.1';
    if (clock.offset !== undefined) {
      const ms = clock.offset * 1000;
      const level = levelFrom(ms, params.warn_ms, params.fail_ms);
      const measures = [{ name: 'offset', value: clock.offset, unit: 'seconds' as const }];
      return { level, summary: `kept${by}, ${ms.toFixed(1)} ms off ${clock.source}`, remedy, reference, measures };
    }
    return { ...kept(clock, by), remedy, reference };
  },
});

function kept({ synchronized, container, services }: ClockValue, by: string): Pick<Finding, 'level' | 'summary'> {
  if (synchronized === true) return { level: 'pass', summary: `kept${by}` };
  if (container && services.length === 0)
    return { level: 'pass', summary: 'it is a container: its host keeps the time' };
  if (services.length > 0) return { level: 'warn', summary: `no time server has been heard yet${by}` };
  return { level: 'fail', summary: 'nobody keeps the time' };
}
