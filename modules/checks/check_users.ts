import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { fnmatch } from '../../engine/resources/fnmatch.ts';
import { ACCOUNTS, type AccountValue } from '../../engine/resources/readings/accounts.ts';
import { type Level, worst, worstRows } from './level.ts';

interface UsersParams {
  readonly allow?: readonly string[];
  readonly superusers: readonly string[];
}

export const check_users = defineCheck<UsersParams>({
  name: 'check_users',
  collection: 'runbook',
  summary: 'Judges who could log in: shells, UID 0, passwords that are empty or old',
  description: ['Reads `/etc/passwd` and `/etc/shadow`. Hashes of passwords do not leave the host.'],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      allow: {
        type: 'array',
        items: { type: 'string' },
        description:
          'Users that may have a shell, or patterns for them; others fail. Default: anybody but the users of services (UID below 1000), which warn.',
      },
      superusers: {
        type: 'array',
        items: { type: 'string' },
        default: ['root'],
        description: 'Users that may have UID 0.',
      },
    },
  },
  examples: `- name: Who may log in
  check_users:
    allow: [root, admin, deploy]
`,
  looksAt: () => [ACCOUNTS],
  judge: (params, view): Finding => {
    const all = view.get(ACCOUNTS) ?? [];
    const twins = all.filter(({ uid, name }) => all.some((other) => other.uid === uid && other.name !== name));
    const rows = all.flatMap((one): readonly Row[] => {
      const told = [...judgeAccount(one, params), ...(twins.includes(one) && one.uid !== 0 ? [TWIN] : [])];
      if (told.length === 0 && !one.login) return [];
      return [{ one, level: worst(told.map(({ level }) => level)), what: told.map(({ what }) => what).join('; ') }];
    });
    const bad = rows.filter(({ level }) => level !== 'pass');
    const [first] = worstRows(bad);
    return {
      level: worst(rows.map(({ level }) => level)),
      summary:
        first === undefined
          ? `${count(rows.length, 'user')} with a shell, all as they should be`
          : `${count(bad.length, 'user')} not as they should be: ${first.one.name} (${first.what})`,
      evidence: evidence(
        ['user', 'uid', 'shell', 'password', 'what'],
        worstRows(rows).map(({ one, what }) => [one.name, String(one.uid), one.shell, one.password, what]),
      ),
      remedy: 'Lock the account (`usermod -L -s /usr/sbin/nologin USER`), remove it, or add it to `allow`.',
      reference: 'CIS Debian Linux 12, 5.4.2.1, 5.4.2.7, 7.2.2',
      measures: [{ name: 'users with a shell', value: all.filter(({ login }) => login).length, unit: 'count' }],
    };
  },
});

interface Verdict {
  readonly level: Level;
  readonly what: string;
}

interface Row extends Verdict {
  readonly one: AccountValue;
}

/** Users of services to whom Debian gives a shell. */
const SHIPPED = new Set(['postgres']);

const TWIN: Verdict = { level: 'warn', what: 'another one has the same number' };

function judgeAccount(one: AccountValue, { allow, superusers }: UsersParams): readonly Verdict[] {
  const { name, uid, login, password } = one;
  const told: Verdict[] = [];
  if (uid === 0 && !superusers.includes(name)) told.push({ level: 'fail', what: 'it is a second root' });
  if (password === 'empty') told.push({ level: 'fail', what: 'its password is empty' });
  if (password === 'old') told.push({ level: 'warn', what: 'its password is hashed as nobody does any more' });
  const allowed =
    allow === undefined
      ? uid === 0 || uid >= 1000 || SHIPPED.has(name)
      : allow.some((pattern) => fnmatch(name, pattern));
  if (login && !allowed) {
    told.push({ level: allow === undefined ? 'warn' : 'fail', what: 'nobody has allowed it a shell' });
  }
  return told;
}
