import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { SUDOERS, type SudoersRule, type SudoersValue } from '../../engine/resources/readings/sudoers.ts';
import { type Level, worst, worstRows } from './level.ts';

interface SudoersParams {
  readonly all: readonly string[];
  readonly nopasswd: readonly string[];
}

export const check_sudoers = defineCheck<SudoersParams>({
  name: 'check_sudoers',
  collection: 'runbook',
  summary: 'Fails where sudo gives more than was meant to be given',
  description: [
    'Reads `/etc/sudoers` and `/etc/sudoers.d`: who may do everything, who need not give a password, and whether others could change the files. A single command without a password warns; every command fails.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      all: {
        type: 'array',
        items: { type: 'string' },
        default: ['root', '%sudo', '%admin', '%wheel'],
        description: 'Users and `%groups` that may run every command.',
      },
      nopasswd: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'Users and `%groups` that need no password.',
      },
    },
  },
  examples: `- name: Who may become root
  check_sudoers:
    nopasswd: [deploy]
    all: [root, "%sudo", deploy]
`,
  looksAt: () => [SUDOERS],
  judge: (params, view): Finding => {
    const value = view.get(SUDOERS);
    if (value === null) return { level: 'pass', summary: 'there is no sudo' };
    const rows = [...fileRows(value), ...value.rules.flatMap((rule) => ruleRows(rule, params))];
    const level = worst(rows.map((row) => row.level));
    return {
      level,
      summary:
        rows.length === 0
          ? `${count(value.rules.length, 'rule')} in ${count(value.files.length, 'file')}, all of them meant`
          : `${count(rows.length, 'thing')} that should not be: ${rows[0]?.what}`,
      evidence: evidence(
        ['where', 'what', 'rule'],
        worstRows(rows).map(({ where, what, rule }) => [where, what, rule]),
      ),
      remedy: 'Edit the rule with `visudo -f FILE`, or add the name to `all` or `nopasswd` if it is meant.',
      reference: 'CIS Debian Linux 12, 5.2.4; sudoers(5)',
    };
  },
});

interface Row {
  readonly level: Level;
  readonly where: string;
  readonly what: string;
  readonly rule: string;
}

function fileRows({ files, open, invalid }: SudoersValue): readonly Row[] {
  const loose = files.filter(({ mode, owner }) => (mode & 0o022) !== 0 || owner !== 'root');
  const readable = files.filter((file) => !loose.includes(file) && (file.mode & 0o004) !== 0);
  const fileRow =
    (level: Level, what: string) =>
    ({ path, mode, owner }: SudoersValue['files'][number]): Row => ({
      level,
      where: path,
      what,
      rule: `mode ${mode.toString(8).padStart(4, '0')}, owner ${owner}`,
    });
  return [
    ...loose.map(fileRow('fail', 'others than root may change it')),
    ...readable.map(fileRow('warn', 'everybody may read it')),
    ...open.map(
      ({ file, line, text }): Row => ({
        level: 'fail',
        where: `${file}:${line}`,
        what: 'nobody is asked for a password',
        rule: text,
      }),
    ),
    ...(invalid === undefined
      ? []
      : [{ level: 'fail' as const, where: '/etc/sudoers', what: invalid.replaceAll('\n', '; '), rule: '' }]),
  ];
}

function ruleRows(rule: SudoersRule, { all, nopasswd }: SudoersParams): readonly Row[] {
  const names = (allowed: readonly string[]) => rule.who.filter((name) => !allowed.includes(name));
  const powerful = rule.all ? names(all) : [];
  const unasked = rule.withoutPassword ? names(nopasswd) : [];
  const where = `${rule.file}:${rule.line}`;
  const row = (level: Level, who: readonly string[], what: string): readonly Row[] =>
    who.length === 0 ? [] : [{ level, where, what: `${who.join(', ')} ${what}`, rule: rule.text }];
  return [
    ...row('fail', powerful, 'may run every command'),
    ...row(rule.all ? 'fail' : 'warn', unasked, 'need no password'),
  ];
}
