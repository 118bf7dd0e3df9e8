/**
 * A rule of ufw(8) in one family, as its `### tuple ###` line in /etc/ufw/user.rules and user6.rules has it:
 * `allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in`. Ports are numbers, `any` where it does not matter.
 */
export interface UfwRule {
  readonly routed: boolean;
  readonly action: 'allow' | 'deny' | 'reject' | 'limit';
  readonly log: '' | 'log' | 'log-all';
  readonly protocol: string;
  readonly to: string;
  readonly toPort: string;
  readonly from: string;
  readonly fromPort: string;
  /** Application profiles, from which the ports have come; empty: none. */
  readonly toApp: string;
  readonly fromApp: string;
  readonly direction: 'in' | 'out';
  readonly interfaceIn: string;
  readonly interfaceOut: string;
  readonly comment: string;
}

export type Family = 'v4' | 'v6';

/** Any address of a family, as ufw writes it. */
export const ANYWHERE: Readonly<Record<Family, string>> = { v4: '0.0.0.0/0', v6: '::/0' };

export function isAnywhere(address: string): boolean {
  return address === ANYWHERE.v4 || address === ANYWHERE.v6;
}

const ACTION = /^(route:)?(allow|deny|reject|limit)(?:_(log|log-all))?$/;

/** What stands after `### tuple ###`; `undefined`: it is none that ufw would read. */
export function readRule(line: string): UfwRule | undefined {
  const [, tuple = '', comment = ''] = /^(.*?)(?: comment=([0-9a-f]*))?$/.exec(line.trim()) ?? [];
  const words = tuple.split(/\s+/);
  const action = ACTION.exec(words[0] ?? '');
  if (action === null || words.length < 6 || words.length > 9) return undefined;
  const [, protocol, toPort, to, fromPort, from] = words as [string, string, string, string, string, string];
  const [toApp, fromApp] = words.length > 7 ? words.slice(6, 8).map(appName) : ['', ''];
  const place = words.length % 2 === 1 ? placeOf(words.at(-1) as string) : placeOf('in');
  if (place === undefined) return undefined;
  return {
    routed: action[1] !== undefined,
    action: action[2] as UfwRule['action'],
    log: (action[3] ?? '') as UfwRule['log'],
    ...{ protocol, to, toPort, from, fromPort, toApp: toApp ?? '', fromApp: fromApp ?? '', ...place },
    comment: Buffer.from(comment, 'hex').toString('utf8'),
  };
}

function appName(word: string): string {
  return word === '-' ? '' : word.replaceAll('%20', ' ');
}

function placeOf(word: string): Pick<UfwRule, 'direction' | 'interfaceIn' | 'interfaceOut'> | undefined {
  const [, both, interfaceIn, interfaceOut] = /^(in_([^!]+)!out_(.+))$/.exec(word) ?? [];
  if (both !== undefined)
    return { direction: 'in', interfaceIn: interfaceIn as string, interfaceOut: interfaceOut as string };
  const [, direction, name = ''] = /^(in|out)(?:_(.+))?$/.exec(word) ?? [];
  if (direction === 'in') return { direction, interfaceIn: name, interfaceOut: '' };
  return direction === 'out' ? { direction, interfaceIn: '', interfaceOut: name } : undefined;
}

/** The line of a rule, the other way round. */
export function ruleLine(rule: UfwRule): string {
  const { routed, action, log, protocol, toPort, to, fromPort, from, toApp, fromApp, comment } = rule;
  const apps = toApp === '' && fromApp === '' ? [] : [toApp, fromApp].map((app) => app.replaceAll(' ', '%20') || '-');
  return [
    `${routed ? 'route:' : ''}${action}${log === '' ? '' : `_${log}`}`,
    ...[protocol, toPort, to, fromPort, from, ...apps, placeWord(rule)],
    ...(comment === '' ? [] : [`comment=${Buffer.from(comment, 'utf8').toString('hex')}`]),
  ].join(' ');
}

function placeWord({ direction, interfaceIn, interfaceOut }: UfwRule): string {
  if (interfaceIn !== '' && interfaceOut !== '') return `in_${interfaceIn}!out_${interfaceOut}`;
  const name = interfaceIn || interfaceOut;
  return name === '' ? direction : `${direction}_${name}`;
}

/** What two rules have in common of which ufw keeps only one: all but action, log and comment. */
export function ruleKey(rule: UfwRule): string {
  return ruleLine({ ...rule, action: 'allow', log: '', comment: '' });
}

/** Whether both mean the same in their families. */
export function isCounterpart(a: UfwRule, b: UfwRule): boolean {
  return ruleLine(inFamily(a, 'v4')) === ruleLine(inFamily(b, 'v4'));
}

/** The rule with any address being that of the family. */
export function inFamily(rule: UfwRule, family: Family): UfwRule {
  const any = (address: string) => (isAnywhere(address) ? ANYWHERE[family] : address);
  return { ...rule, to: any(rule.to), from: any(rule.from) };
}

/**
 * The rule as words of ufw's command line, from its action on. `any` stands for an address of either family,
 * and one of them for just that.
 */
export function ruleWords(rule: UfwRule, family: Family | 'both', commented = true): readonly string[] {
  const { action, log, protocol, comment, direction, interfaceIn, interfaceOut } = rule;
  const address = (given: string) => (isAnywhere(given) ? (family === 'both' ? 'any' : ANYWHERE[family]) : given);
  const where = [
    ...(interfaceIn === '' ? [] : ['in', 'on', interfaceIn]),
    ...(interfaceOut === '' ? [] : ['out', 'on', interfaceOut]),
  ];
  const apart = rule.toApp !== '' || rule.fromApp !== '';
  return [
    action,
    ...(where.length > 0 ? where : direction === 'out' ? ['out'] : []),
    ...(log === '' ? [] : [log]),
    ...['from', address(rule.from), ...endWords(rule.fromApp, rule.fromPort)],
    ...['to', address(rule.to), ...endWords(rule.toApp, rule.toPort)],
    ...(protocol === 'any' || apart ? [] : ['proto', protocol]),
    ...(comment === '' || !commented ? [] : ['comment', comment]),
  ];
}

function endWords(app: string, port: string): readonly string[] {
  if (app !== '') return ['app', app];
  return port === 'any' ? [] : ['port', port];
}

/** As a person reads it: `allow in 22/tcp from 192.0.2.0/24`. */
export function ruleText(rule: UfwRule, family: Family): string {
  const { routed, action, log, direction, interfaceIn, interfaceOut, protocol, comment } = rule;
  const where = [interfaceIn && `in on ${interfaceIn}`, interfaceOut && `out on ${interfaceOut}`].filter(Boolean);
  const source = isAnywhere(rule.from) ? '' : `from ${rule.from}`;
  const port = rule.fromApp || (rule.fromPort === 'any' ? '' : `port ${rule.fromPort}`);
  return [
    ...(routed ? ['route'] : []),
    action,
    ...(where.length > 0 ? where : [direction]),
    ...(log === '' ? [] : [log]),
    rule.toApp === '' ? `${rule.toPort}${protocol === 'any' ? '' : `/${protocol}`}` : targetOfApp(rule),
    ...(isAnywhere(rule.to) ? [] : [`to ${rule.to}`]),
    ...(source === '' && port === '' ? [] : [source || 'from any', ...(port === '' ? [] : [port])]),
    ...(family === 'v6' ? ['(v6)'] : []),
    ...(comment === '' ? [] : [`# ${comment}`]),
  ].join(' ');
}

function targetOfApp({ toApp, toPort, protocol }: UfwRule): string {
  return `"${toApp}" (${toPort}${protocol === 'any' ? '' : `/${protocol}`})`;
}
