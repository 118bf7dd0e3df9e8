import type { Change, Diff, Ref, ResourceType, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { type Sh, sh } from '../transport/sh.ts';
import { complaint, partLines } from './answer_text.ts';
import { ufwProgram } from './ufw_program.ts';
import { type Family, readRule, ruleText } from './ufw_rule.ts';

export type UfwPolicy = 'allow' | 'deny' | 'reject';

export const UFW_LOGGING = ['off', 'low', 'medium', 'high', 'full'] as const;

/** The firewall that ufw(8) keeps, as its files and the kernel have it. */
export interface UfwValue {
  /** Whether it is loaded at boot. */
  readonly enabled: boolean;
  /** Whether it is loaded now. */
  readonly active: boolean;
  readonly logging: (typeof UFW_LOGGING)[number];
  readonly incoming: UfwPolicy;
  readonly outgoing: UfwPolicy;
  readonly routed: UfwPolicy;
  /** Whether it has rules for IPv6 at all: /etc/default/ufw says so. */
  readonly ipv6: boolean;
  /** Lines as `ruleLine` writes them, in order: the first that matches a packet decides. */
  readonly rules: readonly string[];
  readonly rules6: readonly string[];
}

/** Option of a change: `reset` (all rule files as they were installed, before anything else). */
export const ufwType: ResourceType<UfwValue> = {
  name: 'ufw',
  collect,
  parse,
  transition: ufwProgram,
  describe,
  affects: ({ before, after }, other) => other.type.name === 'path' && before !== after && isUfwFile(other.id),
  access: () => true,
};

/** The one firewall of a host; `null`: ufw is not installed. */
export function ufw(): Ref<UfwValue> {
  return { type: ufwType, id: 'firewall', aspects: [] };
}

/** Files that ufw goes by. */
export function isUfwFile(path: string): boolean {
  return path === '/etc/default/ufw' || path.startsWith('/etc/ufw/');
}

/** Its files are read, since ufw itself takes a Python start for every question; of the kernel one chain is asked for. */
function collect(): Sh {
  return sh`if ! command -v ufw >/dev/null 2>&1; then rb_part absent; exit 0; fi
if [ ! -r /etc/ufw/user.rules ]; then
  echo 'the rules of ufw can only be read by root: the task needs become' >&2
  exit 77
fi
rb_part settings
cat /etc/ufw/ufw.conf /etc/default/ufw
rb_part rules
sed -n 's/^### tuple ### *//p' /etc/ufw/user.rules
rb_part rules6
[ ! -r /etc/ufw/user6.rules ] || sed -n 's/^### tuple ### *//p' /etc/ufw/user6.rules
rb_part active
if grep -qi '^ENABLED="\\{0,1\\}yes' /etc/ufw/ufw.conf && iptables -n -L ufw-user-input >/dev/null 2>&1; then echo yes; fi`;
}

const POLICIES: Readonly<Record<string, UfwPolicy>> = { accept: 'allow', drop: 'deny', reject: 'reject' };

function parse(answer: Answer, refs: readonly Ref<UfwValue>[]): readonly Seen[] {
  const seen = (): { readonly value: UfwValue | null } | { readonly error: string } => {
    if (answer.parts.has('absent')) return { value: null };
    if (answer.status !== 0 || !answer.parts.has('active')) return { error: complaint(answer) };
    return { value: firewallOf(answer) };
  };
  return refs.map((ref) => ({ ref, ...seen() }));
}

function firewallOf(answer: Answer): UfwValue {
  const settings = new Map<string, string>();
  for (const line of partLines(answer, 'settings')) {
    const [, name, value] = /^\s*([A-Z0-9_]+)\s*=\s*"?([^"#]*?)"?\s*(?:#.*)?$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) settings.set(name, value.toLowerCase());
  }
  const policy = (chain: string) => POLICIES[settings.get(`DEFAULT_${chain}_POLICY`) ?? ''] ?? 'deny';
  const ipv6 = settings.get('IPV6') === 'yes';
  return {
    enabled: settings.get('ENABLED') === 'yes',
    active: partLines(answer, 'active')[0] === 'yes',
    logging: UFW_LOGGING.find((level) => level === settings.get('LOGLEVEL')) ?? 'off',
    incoming: policy('INPUT'),
    outgoing: policy('OUTPUT'),
    routed: policy('FORWARD'),
    ipv6,
    rules: partLines(answer, 'rules'),
    rules6: ipv6 ? partLines(answer, 'rules6') : [],
  };
}

function describe({ before, after }: Change<UfwValue>): Diff {
  const yesNo = (value: boolean | undefined) => (value === undefined ? undefined : value ? 'yes' : 'no');
  const attributes = [
    { name: 'enabled', before: yesNo(before?.enabled), after: yesNo(after?.enabled) },
    { name: 'active', before: yesNo(before?.active), after: yesNo(after?.active) },
    ...(['incoming', 'outgoing', 'routed', 'logging'] as const).map((name) => ({
      name,
      before: before?.[name],
      after: after?.[name],
    })),
  ];
  const [was, is] = [rulesText(before), rulesText(after)];
  return {
    title: 'firewall ufw',
    action: before === null ? 'create' : after === null ? 'remove' : 'change',
    attributes: attributes.filter((one) => one.before !== one.after),
    ...(was !== is && { content: { kind: 'text', before: was, after: is } }),
  };
}

/** A rule a line, in order. */
function rulesText(value: UfwValue | null): string {
  const shown = (lines: readonly string[], family: Family) => lines.map((line) => `${shownRule(line, family)}\n`);
  return value === null ? '' : [...shown(value.rules, 'v4'), ...shown(value.rules6, 'v6')].join('');
}

function shownRule(line: string, family: Family): string {
  const rule = readRule(line);
  return rule === undefined ? line : ruleText(rule, family);
}
