import { posix } from 'node:path';
import type { Value, ValueMap } from '../../language/values.ts';
import { count } from '../answer_text.ts';
import { type Address, type Route, readAddresses, readRoute } from './addresses.ts';
import { linkTargets } from './links.ts';
import type { Sources } from './sources.ts';

type Mutable = Record<string, Value>;

/** Interfaces with their addresses, and where the default routes go out. Without ip(8): nothing, as in Ansible. */
export function networkFacts(sources: Sources): ValueMap {
  const lines = sources.lines('addresses');
  if (lines.length === 0) return {};
  const interfaces = new Map(deviceNames(sources).map((name) => [name, device(sources, name)]));
  const addresses = readAddresses(lines);
  for (const address of addresses) add(interfaces, address);
  const route = (target: string) => readRoute(lines, target);
  const outside = (family: 'inet' | 'inet6', own: RegExp) =>
    addresses.filter((a) => a.family === family && !own.test(a.address)).map((a) => a.address);
  return {
    interfaces: [...interfaces.keys()].map(factName),
    ...Object.fromEntries([...interfaces].map(([name, value]) => [factName(name).replaceAll('-', '_'), value])),
    default_ipv4: defaultRoute(route('8.8.8.8'), addresses, interfaces),
    default_ipv6: defaultRoute(route('2404:6800:400a:800::1012'), addresses, interfaces),
    all_ipv4_addresses: outside('inet', /^127\./),
    all_ipv6_addresses: outside('inet6', /^::1$/),
  };
}

/** Colons are hard to use in templates. */
function factName(name: string): string {
  return name.replaceAll(':', '_');
}

/** Only directories are interfaces: `bonding_masters` is a file, and has no address. */
function deviceNames(sources: Sources): readonly string[] {
  return sources
    .existing(/^\/sys\/class\/net\/[^/]+$/)
    .map((path) => posix.basename(path))
    .filter((name) => sources.file(`/sys/class/net/${name}/mtu`) !== undefined);
}

/** ARPHRD_* of if_arp.h. */
const TYPES: Readonly<Record<string, string>> = {
  '1': 'ether',
  '32': 'infiniband',
  '512': 'ppp',
  '772': 'loopback',
  '65534': 'tunnel',
};

/** IFF_PROMISC. */
const PROMISCUOUS = 0x100;

function device(sources: Sources, name: string): Mutable {
  const read = (file: string) => sources.file(`/sys/class/net/${name}/${file}`);
  const links = linkTargets(sources);
  const mac = read('address');
  const flags = Number.parseInt(read('flags') ?? '0', 16);
  const type = read('type') ?? '';
  const speed = read('speed');
  const driver = links.get(`/sys/class/net/${name}/device/driver/module`);
  const bus = links.get(`/sys/class/net/${name}/device`);
  return {
    device: name,
    ...(mac !== undefined && mac !== '00:00:00:00:00:00' && { macaddress: mac }),
    mtu: count(read('mtu')) ?? 0,
    active: read('operstate') !== 'down',
    type: (Object.hasOwn(TYPES, type) ? TYPES[type] : undefined) ?? 'unknown',
    promisc: (flags & PROMISCUOUS) > 0,
    ...(driver !== undefined && { module: posix.basename(driver) }),
    ...(bus !== undefined && { pciid: posix.basename(bus) }),
    ...(speed !== undefined && /^-?\d{1,9}$/.test(speed) && { speed: Number(speed) }),
    ...bridge(sources, name),
    ...bond(sources, name),
  };
}

function bridge(sources: Sources, name: string): ValueMap {
  const id = sources.file(`/sys/class/net/${name}/bridge/bridge_id`);
  if (id === undefined) return {};
  const ports = sources.existing(/^\/sys\/class\/net\/[^/]+\/brif\/[^/]+$/);
  return {
    type: 'bridge',
    interfaces: ports.filter((path) => path.split('/')[4] === name).map((path) => posix.basename(path)),
    id,
    stp: sources.file(`/sys/class/net/${name}/bridge/stp_state`) === '1',
  };
}

function bond(sources: Sources, name: string): ValueMap {
  const read = (file: string) => sources.file(`/sys/class/net/${name}/bonding/${file}`) ?? '';
  if (read('mode') === '') return {};
  const first = (file: string) => read(file).split(' ')[0] as string;
  return {
    type: 'bonding',
    slaves: read('slaves')
      .split(' ')
      .filter((slave) => slave !== ''),
    mode: first('mode'),
    miimon: first('miimon'),
    lacp_rate: first('lacp_rate'),
    ...(read('primary') !== '' && { primary: read('primary') }),
  };
}

/** The first IPv4 address is the interface's; further ones are its secondaries. An alias is an interface too. */
function add(interfaces: Map<string, Mutable>, found: Address): void {
  const own = interfaces.get(found.device) ?? { device: found.device };
  interfaces.set(found.device, own);
  if (found.family === 'inet6') {
    const { address, prefix, scope } = found;
    own.ipv6 = [...((own.ipv6 as readonly Value[] | undefined) ?? []), { address, prefix, scope }];
    return;
  }
  const { address, broadcast, netmask, network, prefix } = found;
  const value = { address, broadcast, netmask, network, prefix };
  const labelled = found.label === found.device ? own : (interfaces.get(found.label) ?? {});
  interfaces.set(found.label, labelled);
  if (!found.secondary && labelled.ipv4 === undefined) {
    labelled.ipv4 = value;
    return;
  }
  for (const one of new Set([labelled, own])) {
    one.ipv4_secondaries = [...((one.ipv4_secondaries as readonly Value[] | undefined) ?? []), value];
  }
}

function defaultRoute(
  route: Route | undefined,
  addresses: readonly Address[],
  interfaces: ReadonlyMap<string, Mutable>,
): ValueMap {
  if (route === undefined) return {};
  const from = addresses.find((a) => a.address === route.address);
  const base = {
    ...(route.gateway !== undefined && { gateway: route.gateway }),
    ...(route.interface !== undefined && { interface: route.interface }),
    ...(route.address !== undefined && { address: route.address }),
  };
  if (from === undefined) return base;
  const own = interfaces.get(from.device) ?? {};
  const common = {
    macaddress: own.macaddress ?? '',
    mtu: own.mtu ?? 0,
    type: own.type ?? 'unknown',
    prefix: from.prefix,
  };
  if (from.family === 'inet6') return { ...base, ...common, scope: from.scope };
  const { broadcast, netmask, network, label } = from;
  return { ...base, ...common, broadcast, netmask, network, alias: label };
}
