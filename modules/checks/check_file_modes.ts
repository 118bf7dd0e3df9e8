import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { path } from '../../engine/resources/path.ts';
import { normalPath, octal, type PathValue } from '../../engine/resources/path_value.ts';

interface Rule {
  readonly path: string;
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly required?: boolean;
}

interface FileModesParams {
  readonly files: readonly Rule[];
}

const HOST_KEYS = ['rsa', 'ecdsa', 'ed25519'].map((kind) => ({
  path: `/etc/ssh/ssh_host_${kind}_key`,
  mode: '0600',
  owner: 'root',
}));

/** Debian's own values; stricter ones pass. */
const FILES: readonly Rule[] = [
  { path: '/etc/passwd', mode: '0644', owner: 'root' },
  { path: '/etc/group', mode: '0644', owner: 'root' },
  { path: '/etc/shadow', mode: '0640', owner: 'root' },
  { path: '/etc/gshadow', mode: '0640', owner: 'root' },
  { path: '/etc/ssh/sshd_config', mode: '0644', owner: 'root' },
  ...HOST_KEYS,
  { path: '/etc/crontab', mode: '0644', owner: 'root' },
  { path: '/etc/cron.d', mode: '0755', owner: 'root' },
  { path: '/root', mode: '0700', owner: 'root' },
  { path: '/root/.ssh', mode: '0700', owner: 'root' },
  { path: '/root/.ssh/authorized_keys', mode: '0644', owner: 'root' },
];

export const check_file_modes = defineCheck<FileModesParams>({
  name: 'check_file_modes',
  collection: 'runbook',
  summary: 'Fails where files permit more than they should',
  description: ['A mode is the most that is allowed: a file with less passes. Links are judged by themselves.'],
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      files: {
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['path'],
          properties: {
            path: { type: 'string', description: 'A path on the host.' },
            mode: {
              type: 'string',
              pattern: '^0?[0-7]{3,4}$',
              description: 'The most it may permit, in quotes: `"0640"`.',
            },
            owner: { type: 'string', description: 'Whose it must be.' },
            group: { type: 'string', description: 'Its group.' },
            required: { type: 'boolean', description: 'Fail where it is not there.' },
          },
        },
        default: FILES,
        description: 'What to judge. Default: what accounts, logins and cron hang on.',
      },
    },
  },
  examples: `- name: Secrets of the application
  check_file_modes:
    files:
      - {path: /opt/app/.env, mode: "0600", owner: app, required: true}
`,
  looksAt: ({ files }) => files.map((rule) => path(normalPath(rule.path))),
  judge: ({ files }, view): Finding => {
    const rows = files.flatMap((rule) => judgeFile(rule, view.get(path(normalPath(rule.path)))));
    return {
      level: rows.length > 0 ? 'fail' : 'pass',
      summary:
        rows.length > 0
          ? `${count(rows.length, 'path')} not as it should be: ${rows[0]?.[0]}`
          : `${count(files.length, 'path')} as they should be`,
      evidence: evidence(['path', 'is', 'must be'], rows),
      remedy: 'Put it right with `chmod` and `chown`, or in a playbook with `file`.',
      reference: 'CIS Debian Linux 12, 7.1',
    };
  },
});

function judgeFile(rule: Rule, value: PathValue | null): readonly (readonly string[])[] {
  const wanted = [
    rule.mode && `at most ${octal(Number.parseInt(rule.mode, 8))}`,
    rule.owner && `owner ${rule.owner}`,
    rule.group && `group ${rule.group}`,
  ];
  const must = wanted.filter((text) => text !== undefined).join(', ');
  if (value === null) return rule.required === true ? [[rule.path, 'not there', must]] : [];
  const mode = value.kind === 'link' ? 0 : value.mode;
  const loose = rule.mode !== undefined && (mode & ~Number.parseInt(rule.mode, 8)) !== 0;
  const others = rule.owner !== undefined && value.owner !== rule.owner;
  const grouped = rule.group !== undefined && value.group !== rule.group;
  if (!loose && !others && !grouped) return [];
  return [[rule.path, `${octal(mode)}, owner ${value.owner ?? '?'}, group ${value.group ?? '?'}`, must]];
}
