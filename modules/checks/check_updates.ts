import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { APT_LISTS } from '../../engine/resources/apt_lists.ts';
import { UPGRADES } from '../../engine/resources/readings/upgrades.ts';
import { levelFrom, threshold, worst } from './level.ts';

interface UpdatesParams {
  readonly security_warn: number;
  readonly security_fail: number;
  readonly other_warn: number;
  readonly other_fail: number;
  readonly lists_warn_days: number;
  readonly lists_fail_days: number;
}

const DAY_S = 86_400;

export const check_updates = defineCheck<UpdatesParams>({
  name: 'check_updates',
  collection: 'runbook',
  summary: 'Judges the updates that a host waits for',
  description: [
    'Goes by what `apt-get dist-upgrade` would do, and leaves no trace. It knows of no update that came after the host last asked for lists: how old they are is judged too.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      security_warn: threshold(0, 'So many security updates warn; 0: none do.'),
      security_fail: threshold(1, 'So many security updates fail; 0: none do.'),
      other_warn: threshold(1, 'So many other updates warn; 0: none do.'),
      other_fail: threshold(0, 'So many other updates fail; 0: none do.'),
      lists_warn_days: threshold(7, 'Package lists of this age warn; 0: none do.'),
      lists_fail_days: threshold(30, 'Package lists of this age fail; 0: none do.'),
    },
  },
  examples: `- name: Updates
  check_updates:
    other_warn: 20
`,
  looksAt: () => [UPGRADES, APT_LISTS],
  judge: (params, view): Finding => {
    const upgrades = view.get(UPGRADES);
    const lists = view.get(APT_LISTS);
    if (upgrades === null || lists === null) return { level: 'fail', summary: 'apt does not answer' };
    if (upgrades.refused !== undefined) {
      return {
        level: 'fail',
        summary: `apt cannot tell: ${upgrades.refused}`,
        remedy: 'See what `apt-get -f install` proposes.',
      };
    }
    const security = upgrades.upgrades.filter((one) => one.security);
    const others = upgrades.upgrades.filter((one) => !one.security);
    const days = Math.floor(lists.age / DAY_S);
    const never = lists.updatedAt === 0;
    const level = worst([
      levelFrom(security.length, params.security_warn, params.security_fail),
      levelFrom(others.length, params.other_warn, params.other_fail),
      never ? 'fail' : levelFrom(days, params.lists_warn_days, params.lists_fail_days),
    ]);
    const age = never ? 'it has never fetched package lists' : `its package lists are ${count(days, 'day')} old`;
    return {
      level,
      summary: `${count(security.length, 'security update')} and ${count(others.length, 'other update')} to come; ${age}`,
      evidence: evidence(
        ['package', 'is', 'would be', 'why'],
        [...security, ...others].map(({ name, from = 'not there', to, security: secure }) => [
          name,
          from,
          to,
          secure ? 'security' : '',
        ]),
      ),
      remedy: never
        ? 'Run `apt-get update`, and see that it is run every day.'
        : 'Run `apt-get dist-upgrade`; unattended-upgrades installs security updates by itself.',
      reference: 'CIS Debian Linux 12, 1.2.2.1',
      measures: [
        { name: 'security updates', value: security.length, unit: 'count' },
        { name: 'other updates', value: others.length, unit: 'count' },
      ],
    };
  },
});
