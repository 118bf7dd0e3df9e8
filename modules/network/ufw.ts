import {
  type Action,
  defineModule,
  type Ref,
  type Step,
  set,
  type View,
  type Wish,
} from '../../engine/planning/contracts.ts';
import { isUfwFile, type UfwPolicy, type UfwValue, ufw as ufwRef } from '../../engine/resources/ufw.ts';
import { sh } from '../../engine/transport/sh.ts';
import { type InsertParams, withoutRule, withRule } from './ufw_edit.ts';
import { ufwSchema } from './ufw_schema.ts';
import { looksAtRule, type UfwRuleParams, type Wrong, wantedRule } from './ufw_wanted.ts';

interface UfwParams extends UfwRuleParams, InsertParams {
  readonly state?: 'enabled' | 'disabled' | 'reloaded' | 'reset';
  readonly default?: UfwPolicy;
  readonly logging?: 'on' | UfwValue['logging'];
  readonly delete: boolean;
}

export const ufw = defineModule<UfwParams>({
  name: 'ufw',
  collection: 'community.general',
  summary: 'Manages the firewall with ufw',
  description: [
    'Rules, policies, logging and whether the firewall is loaded are one state: a plan shows it as a diff, `undo` sets it back. What a task asks for is done in the order rules, policies, logging, and only then the firewall is loaded.',
    'Allow SSH before you enable it. Should a play lock itself out all the same, the access guard puts the firewall back.',
    'A rule that ufw has with another action, `log` or comment is replaced where it stands, as ufw does. Rules that no task names stay; `state: reset` is the way to begin anew.',
  ],
  schema: ufwSchema,
  examples: `- name: SSH, from anywhere
  ufw:
    rule: limit
    to_port: "22"
    proto: tcp

- name: Metrics, from one network
  ufw:
    rule: allow
    from_ip: 192.0.2.0/24
    to_port: "9090"
    proto: tcp
    comment: Prometheus

- name: Nothing else comes in
  ufw:
    state: enabled
    default: deny
    direction: incoming
`,
  returns: {
    msg: 'What `ufw status verbose` says first.',
    rules: 'The rules for IPv4, as the lines after `### tuple ###` in /etc/ufw/user.rules.',
    rules6: 'The same for IPv6.',
  },
  looksAt: (params) => [ufwRef() as Ref, ...(params.rule === undefined ? [] : looksAtRule(params))],
  wants,
});

function wants(params: UfwParams, view: View): Wish {
  const found = view.get(ufwRef());
  if (found === null) {
    return failure({ failed: 'ufw is not installed on this host: install the package ufw first', parameter: 'state' });
  }
  const wanted = strayParameter(params) ?? wantedValue(params, found, view);
  if ('failed' in wanted) return failure(wanted);
  const steps: Step[] = [set(ufwRef(), wanted, params.state === 'reset' ? { reset: true } : {}) as Step];
  if (params.state === 'reloaded') steps.push(reload());
  return { steps, result: { msg: statusText(wanted), rules: wanted.rules, rules6: wanted.rules6 } };
}

const OF_RULES = [
  ...(['from_port', 'to_port', 'proto', 'name', 'comment', 'insert'] as const),
  ...(['interface', 'interface_in', 'interface_out'] as const),
] as const;

/** What only a rule has. */
function strayParameter(params: UfwParams): Wrong | undefined {
  const stray = params.rule === undefined ? OF_RULES.find((name) => params[name] !== undefined) : undefined;
  return stray && { failed: `\`${stray}\` belongs to a rule: say with \`rule\` what it does`, parameter: stray };
}

function failure({ failed, parameter }: Wrong): Wish {
  return { steps: [], failed: { message: failed, parameter: [parameter] } };
}

function wantedValue(params: UfwParams, found: UfwValue, view: View): UfwValue | Wrong {
  const begun = params.state === 'reset' ? { ...found, enabled: false, active: false, rules: [], rules6: [] } : found;
  const ruled = params.rule === undefined ? begun : ruledValue(params, begun, view);
  if ('failed' in ruled) return ruled;
  const policies = params.default === undefined ? {} : policyOf(params.default, params.direction);
  if ('failed' in policies) return policies as Wrong;
  return { ...ruled, ...policies, logging: loggingOf(params, ruled), ...loadedOf(params) };
}

function ruledValue(params: UfwParams, found: UfwValue, view: View): UfwValue | Wrong {
  const wanted = wantedRule(params, view);
  if ('failed' in wanted) return wanted as Wrong;
  return params.delete ? withoutRule(found, wanted) : withRule(found, wanted, params);
}

function policyOf(policy: UfwPolicy, direction: UfwParams['direction']): Partial<UfwValue> | Wrong {
  const way = direction ?? 'incoming';
  if (way === 'in' || way === 'out') {
    return { failed: 'of a policy, `direction` is `incoming`, `outgoing` or `routed`', parameter: 'direction' };
  }
  return { [way]: policy };
}

/** `on` is the level it has, or the lowest. */
function loggingOf({ logging }: UfwParams, found: UfwValue): UfwValue['logging'] {
  if (logging === 'on') return found.logging === 'off' ? 'low' : found.logging;
  return logging ?? found.logging;
}

function loadedOf({ state }: UfwParams): Partial<UfwValue> {
  if (state !== 'enabled' && state !== 'disabled') return {};
  return { enabled: state === 'enabled', active: state === 'enabled' };
}

function reload(): Action {
  return {
    kind: 'action',
    summary: 'reload the firewall ufw',
    script: sh`ufw reload`,
    disturbs: ({ type, id }) => type.name === 'ufw' || (type.name === 'path' && isUfwFile(id)),
    changed: true,
    result: () => ({}),
    access: true,
  };
}

function statusText({ active, logging, incoming, outgoing, routed }: UfwValue): string {
  if (!active) return 'Status: inactive';
  const log = logging === 'off' ? 'off' : `on (${logging})`;
  const policies = `${incoming} (incoming), ${outgoing} (outgoing), ${routed} (routed)`;
  return `Status: active\nLogging: ${log}\nDefault: ${policies}`;
}
