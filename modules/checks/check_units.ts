import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { fnmatch } from '../../engine/resources/fnmatch.ts';
import { FAILED_UNITS } from '../../engine/resources/readings/failed_units.ts';

interface UnitsParams {
  readonly allow: readonly string[];
}

export const check_units = defineCheck<UnitsParams>({
  name: 'check_units',
  collection: 'runbook',
  summary: 'Fails where units of systemd have failed',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      allow: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'Units that may have, or patterns for them.',
      },
    },
  },
  examples: `- name: Failed units
  check_units:
    allow: ["apt-daily*"]
`,
  looksAt: () => [FAILED_UNITS],
  judge: (params, view): Finding => {
    const units = view.get(FAILED_UNITS);
    if (units === null) return { level: 'pass', summary: 'systemd does not run there' };
    const bad = units.filter(({ name }) => !params.allow.some((pattern) => fnmatch(name, pattern)));
    const names = bad.slice(0, 5).map(({ name }) => name);
    return {
      level: bad.length > 0 ? 'fail' : 'pass',
      summary:
        bad.length > 0
          ? `${count(bad.length, 'failed unit')}: ${names.join(', ')}${bad.length > names.length ? ', ...' : ''}`
          : 'no unit has failed',
      evidence: evidence(
        ['unit', 'description'],
        bad.map(({ name, description }) => [name, description]),
      ),
      remedy: 'See why: `systemctl status UNIT`, `journalctl -u UNIT`. `systemctl reset-failed UNIT` forgets it.',
      measures: [{ name: 'failed units', value: bad.length, unit: 'count' }],
    };
  },
});
