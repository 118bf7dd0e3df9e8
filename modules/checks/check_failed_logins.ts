import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { type LoginCount, logins } from '../../engine/resources/readings/login_failures.ts';
import { levelFrom, threshold, worst } from './level.ts';

interface FailedLoginsParams {
  readonly hours: number;
  readonly warn: number;
  readonly fail: number;
  readonly guessed: number;
}

export const check_failed_logins = defineCheck<FailedLoginsParams>({
  name: 'check_failed_logins',
  collection: 'runbook',
  summary: 'Judges failed logins, and logins that came after many failed ones',
  description: [
    'Reads the journal, or `/var/log/auth.log` where there is none: sshd, su, sudo and consoles. The counting is done on the host. A connection that is given up without a password counts as one.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      hours: { type: 'integer', minimum: 1, maximum: 8784, default: 24, description: 'How far back to look.' },
      warn: threshold(50, 'So many failed logins warn; 0: none do.'),
      fail: threshold(1000, 'So many failed logins fail; 0: none do.'),
      guessed: threshold(
        10,
        'It fails where an address got in with a password or key after so many failed logins from it; 0: never.',
      ),
    },
  },
  examples: `- name: Failed logins of the last month
  check_failed_logins:
    hours: 720
    warn: 500
    fail: 0
`,
  looksAt: ({ hours }) => [logins(hours)],
  judge: (params, view): Finding => {
    const value = view.get(logins(params.hours));
    if (value === null) return { level: 'fail', summary: 'nobody keeps a log of logins there' };
    const addresses = byAddress(value.failures);
    const entered = new Map([...byAddress(value.accepted)].filter(([address]) => address !== '-'));
    const guessed = [...addresses].filter(
      ([address, { number }]) => params.guessed > 0 && number >= params.guessed && entered.has(address),
    );
    const level = worst([levelFrom(value.failed, params.warn, params.fail), guessed.length > 0 ? 'fail' : 'pass']);
    const [worstAddress] = guessed[0] ?? [];
    return {
      level,
      summary:
        worstAddress === undefined
          ? `${count(value.failed, 'failed login')} in ${count(params.hours, 'hour')}, from ${count(addresses.size, 'address', 'addresses')}`
          : `${worstAddress} got in after ${count(addresses.get(worstAddress)?.number ?? 0, 'failed login')}: somebody may have guessed a password`,
      evidence: evidence(
        ['failed', 'address', 'users', 'got in as'],
        [...addresses].map(([address, { number, users }]) => [
          String(number),
          address === '-' ? 'on the host' : address,
          users.join(', '),
          (entered.get(address)?.users ?? []).join(', '),
        ]),
      ),
      remedy:
        guessed.length > 0
          ? 'Find out whether that login was the user’s own; if not, take the host off the network (playbooks/incident-isolate.yml).'
          : 'Turn passwords off for SSH and run fail2ban (playbooks/harden.yml, playbooks/fail2ban.yml).',
      reference: 'security guide, Fail2Ban Setup',
      measures: [{ name: 'failed logins', value: value.failed, unit: 'count' }],
    };
  },
});

interface AtAddress {
  readonly number: number;
  readonly users: readonly string[];
}

/** As many users as are named for one address. */
const MOST_USERS = 8;

function byAddress(rows: readonly LoginCount[]): ReadonlyMap<string, AtAddress> {
  const found = new Map<string, { number: number; users: string[] }>();
  for (const { address, user, count: number } of rows) {
    const known = found.get(address) ?? { number: 0, users: [] };
    found.set(address, known);
    known.number += number;
    if (known.users.length < MOST_USERS) known.users.push(user);
    else if (known.users.length === MOST_USERS) known.users.push('...');
  }
  return new Map([...found].sort(([, a], [, b]) => b.number - a.number));
}
