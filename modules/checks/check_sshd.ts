import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { fnmatch } from '../../engine/resources/fnmatch.ts';
import { sshdOptions } from '../../engine/resources/readings/sshd_options.ts';

interface SshdParams {
  readonly policy: Readonly<Record<string, unknown>>;
  readonly forbid: Readonly<Record<string, readonly string[]>>;
  readonly connection: string;
}

/** The guide's six values, and what nobody should need any more. */
const POLICY = {
  passwordauthentication: 'no',
  pubkeyauthentication: 'yes',
  permitrootlogin: ['no', 'prohibit-password', 'without-password', 'forced-commands-only'],
  maxauthtries: '<= 3',
  clientaliveinterval: '1-300',
  clientalivecountmax: '<= 2',
  kbdinteractiveauthentication: 'no',
  permitemptypasswords: 'no',
  hostbasedauthentication: 'no',
  ignorerhosts: 'yes',
  x11forwarding: 'no',
};

/** SHA-1, MD5, CBC and what is shorter than 2048 bits: RFC 9142, RFC 8758, and ssh-audit's list. */
const FORBID = {
  ciphers: ['*-cbc', '*-cbc@*', 'arcfour*', '3des*', 'blowfish*', 'cast128*'],
  macs: ['*md5*', 'hmac-sha1*', 'hmac-ripemd160*', 'umac-64*'],
  kexalgorithms: ['*-sha1', 'diffie-hellman-group1-*'],
  hostkeyalgorithms: ['ssh-dss*', 'ssh-rsa', 'ssh-rsa-cert-v01@openssh.com'],
};

export const check_sshd = defineCheck<SshdParams>({
  name: 'check_sshd',
  collection: 'runbook',
  summary: 'Holds what sshd is set to against a policy',
  description: [
    'Asks `sshd -T`, so that whatever file an option comes from counts. It is what sshd would be after a restart.',
    'A policy names options in small letters. A value is what must be there: a text, a list of texts of which one must be, a bound (`<= 3`, `>= 1`) or a range (`1-300`). An option that sshd does not know is passed over.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      policy: { type: 'object', default: POLICY, description: 'Options and what they must be.' },
      forbid: {
        type: 'object',
        default: FORBID,
        description: 'Options that hold lists, and patterns for what must not be in them.',
      },
      connection: {
        type: 'string',
        default: '',
        description:
          'For whom, where the configuration has `Match`: as for `sshd -T -C`, such as `user=deploy,addr=10.0.0.1`.',
      },
    },
  },
  examples: `- name: sshd
  check_sshd:
    policy:
      passwordauthentication: "no"
      permitrootlogin: ["no", prohibit-password]
      maxauthtries: "<= 3"
`,
  looksAt: ({ connection }) => [sshdOptions(connection)],
  judge: (params, view): Finding => {
    const value = view.get(sshdOptions(params.connection));
    if (value === null) return { level: 'pass', summary: 'there is no sshd' };
    const of = (name: string) => value.options[name.toLowerCase()];
    const wrong = Object.entries(params.policy).flatMap(([name, wanted]): readonly (readonly string[])[] => {
      const is = of(name);
      return is === undefined || is.every((one) => meets(one, wanted))
        ? []
        : [[name, is.join(', '), wantedText(wanted)]];
    });
    const forbidden = Object.entries(params.forbid).flatMap(([name, patterns]): readonly (readonly string[])[] => {
      const bad = (of(name) ?? []).flatMap((list) =>
        list.split(',').filter((item) => [patterns].flat().some((pattern) => fnmatch(item, pattern))),
      );
      return bad.length === 0 ? [] : [[name, bad.join(', '), `without ${[patterns].flat().join(', ')}`]];
    });
    const rows = [...wrong, ...forbidden];
    const names = rows.map(([name]) => name).join(', ');
    return {
      level: rows.length > 0 ? 'fail' : 'pass',
      summary:
        rows.length > 0 ? `${count(rows.length, 'option')} not as the policy says: ${names}` : 'as the policy says',
      evidence: evidence(['option', 'is', 'must be'], rows),
      remedy: 'Apply playbooks/harden.yml, or set the option in /etc/ssh/sshd_config.d/.',
      reference: 'security guide, SSH Hardening; CIS Debian Linux 12, 5.1',
    };
  },
});

function meets(is: string, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return wanted.some((one) => meets(is, one));
  const text = typeof wanted === 'boolean' ? (wanted ? 'yes' : 'no') : String(wanted);
  const [, sign, bound] = /^([<>]=) ?(\d+)$/.exec(text) ?? [];
  const number = /^\d+$/.test(is) ? Number(is) : Number.NaN;
  if (bound !== undefined) return sign === '<=' ? number <= Number(bound) : number >= Number(bound);
  const [, low, high] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (low !== undefined) return number >= Number(low) && number <= Number(high);
  return is.toLowerCase() === text.toLowerCase();
}

function wantedText(wanted: unknown): string {
  if (Array.isArray(wanted)) return wanted.map(wantedText).join(' or ');
  return typeof wanted === 'boolean' ? (wanted ? 'yes' : 'no') : String(wanted);
}
