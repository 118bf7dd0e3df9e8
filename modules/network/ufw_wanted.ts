import type { Ref, View } from '../../engine/planning/contracts.ts';
import { path } from '../../engine/resources/path.ts';
import { type Entry, entryOf } from '../../engine/resources/ufw_entries.ts';
import { ufwProfile } from '../../engine/resources/ufw_profile.ts';
import { ANYWHERE, type Family, inFamily, type UfwRule } from '../../engine/resources/ufw_rule.ts';
import { readAddress } from './ufw_address.ts';
import { isNamed, type Ports, readPorts } from './ufw_ports.ts';

export interface UfwRuleParams {
  readonly rule?: UfwRule['action'];
  readonly direction?: 'in' | 'incoming' | 'out' | 'outgoing' | 'routed';
  readonly route: boolean;
  readonly log: boolean;
  readonly from_ip: string;
  readonly from_port?: string;
  readonly to_ip: string;
  readonly to_port?: string;
  readonly proto?: string;
  readonly name?: string;
  readonly interface?: string;
  readonly interface_in?: string;
  readonly interface_out?: string;
  readonly comment?: string;
}

/** The rule in each family that it is for. */
export type WantedRule = { readonly [family in Family]?: Entry };

export interface Wrong {
  readonly failed: string;
  readonly parameter: string;
}

const SERVICES = '/etc/services';

/** What has to be known to write the rule: ports of services and of profiles. */
export function looksAtRule(params: UfwRuleParams): readonly Ref[] {
  const named = [params.from_port, params.to_port].some((port) => port !== undefined && isNamed(port));
  return [
    ...(named ? [path(SERVICES, 'content') as Ref] : []),
    ...(params.name ? [ufwProfile(params.name) as Ref] : []),
  ];
}

export function wantedRule(params: UfwRuleParams, view: View): WantedRule | Wrong {
  const wrong = wrongWith(params);
  if (wrong !== undefined) return wrong;
  const families = familiesOf(params);
  if ('failed' in families) return families;
  const ends = endsOf(params, view);
  if ('failed' in ends) return ends;
  const rule: UfwRule = {
    ...{ routed: params.route, action: params.rule ?? 'allow', log: params.log ? 'log' : '' },
    ...{ from: families.from, to: families.to, fromApp: '', toApp: '', ...placeOf(params) },
    ...{ protocol: ends.protocol, fromPort: ends.from, toPort: ends.to, comment: params.comment ?? '' },
  };
  const rules = params.name ? ofProfile(rule, params.name, view) : ([rule] as const);
  if ('failed' in rules) return rules;
  return Object.fromEntries(
    families.for.map((family) => {
      const [first, ...more] = rules;
      return [family, entryOf([inFamily(first, family), ...more.map((one) => inFamily(one, family))])];
    }),
  );
}

const INTERFACE = /^(?!\.\.?$)[A-Za-z0-9_.+,=%@-]{1,15}$/;

function wrongWith(params: UfwRuleParams): Wrong | undefined {
  const { direction, route, comment, name } = params;
  if (params.interface !== undefined && direction === undefined) {
    return { failed: '`interface` needs a `direction`: `in` or `out`', parameter: 'direction' };
  }
  if (direction !== undefined && direction !== 'in' && direction !== 'out') {
    return { failed: 'of a rule, `direction` is `in` or `out`', parameter: 'direction' };
  }
  if (!route && params.interface_in && params.interface_out) {
    return { failed: 'only a rule with `route: true` has both `interface_in` and `interface_out`', parameter: 'route' };
  }
  for (const parameter of ['interface', 'interface_in', 'interface_out'] as const) {
    const given = params[parameter];
    if (given !== undefined && !INTERFACE.test(given)) {
      return { failed: `\`${given}\` is not the name of an interface`, parameter };
    }
  }
  if (comment !== undefined && /['\n\r]/.test(comment)) {
    return { failed: "ufw takes no `'` and no line break in a comment", parameter: 'comment' };
  }
  if (name && params.to_port !== undefined) {
    return { failed: `the ports are those of the profile ${name}: leave out \`to_port\``, parameter: 'to_port' };
  }
  return undefined;
}

/** ufw has these for IPv4 only. */
const ONLY_V4 = new Set(['ipv6', 'igmp']);
/** And these have no ports. */
const PORTLESS = new Set(['ipv6', 'esp', 'ah', 'igmp', 'gre']);

function familiesOf(
  params: UfwRuleParams,
): { readonly from: string; readonly to: string; readonly for: readonly Family[] } | Wrong {
  const found: Partial<Record<'from_ip' | 'to_ip', { address: string; family: Family }>> = {};
  for (const parameter of ['from_ip', 'to_ip'] as const) {
    const given = params[parameter];
    if (given === 'any') continue;
    const read = readAddress(given);
    if (read === undefined) {
      return { failed: `\`${given}\` is neither an address nor a network, such as 192.0.2.0/24`, parameter };
    }
    found[parameter] = read;
  }
  const { from_ip: from, to_ip: to } = found;
  if (from !== undefined && to !== undefined && from.family !== to.family) {
    return {
      failed: '`from_ip` and `to_ip` are of different families: one is IPv4, the other IPv6',
      parameter: 'to_ip',
    };
  }
  const family = from?.family ?? to?.family;
  if (family === 'v6' && ONLY_V4.has(params.proto ?? '')) {
    return { failed: `ufw has no rules for ${params.proto} with IPv6 addresses`, parameter: 'proto' };
  }
  const both: readonly Family[] = ONLY_V4.has(params.proto ?? '') ? ['v4'] : ['v4', 'v6'];
  const any = ANYWHERE[family ?? 'v4'];
  return { from: from?.address ?? any, to: to?.address ?? any, for: family === undefined ? both : [family] };
}

function endsOf(
  params: UfwRuleParams,
  view: View,
): { readonly from: string; readonly to: string; readonly protocol: string } | Wrong {
  const services = (given: string) => {
    const file = isNamed(given) ? view.get(path(SERVICES, 'content')) : null;
    return file?.kind === 'file' && file.content !== undefined && 'text' in file.content
      ? file.content.text
      : undefined;
  };
  const read: Ports[] = [];
  for (const parameter of ['from_port', 'to_port'] as const) {
    const given = params[parameter] ?? 'any';
    const ports = readPorts(given, services(given));
    if ('failed' in ports) return { failed: ports.failed, parameter };
    read.push(ports);
  }
  const [from, to] = read as [Ports, Ports];
  const spoken = [...new Set([params.proto ?? 'any', from.protocol, to.protocol].filter((one) => one !== 'any'))];
  if (spoken.length > 1) {
    return { failed: `the protocols do not go together: ${spoken.join(' and ')}`, parameter: 'proto' };
  }
  const protocol = spoken[0] ?? 'any';
  if (PORTLESS.has(protocol) && (from.ports !== 'any' || to.ports !== 'any')) {
    return { failed: `${protocol} has no ports`, parameter: 'proto' };
  }
  if ((from.multiple || to.multiple) && protocol !== 'tcp' && protocol !== 'udp') {
    return { failed: 'several ports or a range need `proto: tcp` or `proto: udp`', parameter: 'proto' };
  }
  return { from: from.ports, to: to.ports, protocol };
}

function placeOf(params: UfwRuleParams): Pick<UfwRule, 'direction' | 'interfaceIn' | 'interfaceOut'> {
  const out = params.direction === 'out' || (params.interface_out !== undefined && params.interface_in === undefined);
  const own = params.interface ?? '';
  return {
    direction: out ? 'out' : 'in',
    interfaceIn: params.interface_in ?? (out ? '' : own),
    interfaceOut: params.interface_out ?? (out ? own : ''),
  };
}

function ofProfile(rule: UfwRule, name: string, view: View): readonly [UfwRule, ...UfwRule[]] | Wrong {
  const profile = view.get(ufwProfile(name));
  const rules = (profile?.ports ?? []).map((one): UfwRule => {
    const [toPort = 'any', protocol = 'any'] = one.split('/');
    return { ...rule, toPort, protocol, toApp: name };
  });
  const [first, ...more] = rules;
  if (first !== undefined) return [first, ...more];
  return { failed: `there is no application profile \`${name}\` in /etc/ufw/applications.d`, parameter: 'name' };
}
