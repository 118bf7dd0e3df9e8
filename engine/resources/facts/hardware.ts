import type { Value, ValueMap } from '../../language/values.ts';
import { count } from '../answer_text.ts';
import { deviceFacts } from './devices.ts';
import { mountFacts } from './mounts.ts';
import { fields, type Sources } from './sources.ts';

export function hardwareFacts(sources: Sources): ValueMap {
  const uptime = Math.trunc(Number((sources.file('/proc/uptime') ?? '').split(' ')[0]));
  return {
    ...processorFacts(sources),
    ...memoryFacts(sources),
    ...firmwareFacts(sources),
    ...deviceFacts(sources),
    ...(uptime > 0 && { uptime_seconds: uptime }),
    ...mountFacts(sources),
  };
}

function memoryFacts(sources: Sources): ValueMap {
  const table = fields(sources.file('/proc/meminfo'));
  const megabytes = (name: string) => Math.trunc((count(table.get(name)?.split(' ')[0]) ?? 0) / 1024);
  const [total, free, swap, swapFree] = ['MemTotal', 'MemFree', 'SwapTotal', 'SwapFree'].map(megabytes) as [
    number,
    number,
    number,
    number,
  ];
  const unused = free + megabytes('Cached') + megabytes('Buffers');
  return {
    memtotal_mb: total,
    memfree_mb: free,
    swaptotal_mb: swap,
    swapfree_mb: swapFree,
    memory_mb: {
      real: { total, used: total - free, free },
      nocache: { free: unused, used: total - unused },
      swap: { total: swap, free: swapFree, used: swap - swapFree, cached: megabytes('SwapCached') },
    },
  };
}

const LISTED = new Set(['model name', 'Processor', 'vendor_id', 'cpu', 'Vendor', 'processor']);

/** Ansible's way of counting: sockets by `physical id`, cores of the first socket, threads of a core. */
function processorFacts(sources: Sources): ValueMap {
  const listed: string[] = [];
  const sockets = new Map<string, number>();
  const siblings = new Map<string, number>();
  let [socket, core, processors, vendors] = ['0', '0', 0, 0];
  for (const line of (sources.file('/proc/cpuinfo') ?? '').split('\n')) {
    const at = line.indexOf(':');
    const [key, value] = at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    if (LISTED.has(key)) listed.push(value);
    if (key === 'processor') processors += 1;
    if (key === 'vendor_id') vendors += 1;
    if (key === 'physical id') {
      socket = value;
      if (!sockets.has(socket)) sockets.set(socket, 1);
    }
    if (key === 'core id') core = value;
    if (key === 'cpu cores') sockets.set(socket, count(value) ?? 1);
    if (key === 'siblings') siblings.set(core, count(value) ?? 1);
  }
  const cores = Math.max([...sockets.values()][0] ?? 1, 1);
  const threads = Math.trunc(([...siblings.values()][0] ?? 1) / cores);
  const packages = sockets.size > 0 ? sockets.size : vendors > 0 ? vendors : processors;
  return {
    processor: listed,
    processor_count: packages,
    processor_cores: cores,
    processor_threads_per_core: threads,
    processor_vcpus: threads * packages * cores,
    processor_nproc: allowed(fields(sources.file('/proc/self/status')).get('Cpus_allowed_list')) ?? processors,
  };
}

/** How many CPUs `0-3,8` names (cpuset(7)). */
function allowed(list: string | undefined): number | undefined {
  if (list === undefined || !/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/.test(list)) return undefined;
  return list.split(',').reduce((sum, range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return sum + Math.max(last - first + 1, 0);
  }, 0);
}

const FIRMWARE: Readonly<Record<string, string>> = {
  bios_date: 'bios_date',
  bios_vendor: 'bios_vendor',
  bios_version: 'bios_version',
  board_asset_tag: 'board_asset_tag',
  board_name: 'board_name',
  board_serial: 'board_serial',
  board_vendor: 'board_vendor',
  board_version: 'board_version',
  chassis_asset_tag: 'chassis_asset_tag',
  chassis_serial: 'chassis_serial',
  chassis_vendor: 'chassis_vendor',
  chassis_version: 'chassis_version',
  product_name: 'product_name',
  product_serial: 'product_serial',
  product_uuid: 'product_uuid',
  product_version: 'product_version',
  system_vendor: 'sys_vendor',
};

/** SMBIOS (DSP0134), 7.4.1: kinds of chassis by number. */
const CHASSIS = [
  'Unknown',
  'Other',
  'Unknown',
  'Desktop',
  'Low Profile Desktop',
  'Pizza Box',
  'Mini Tower',
  'Tower',
  'Portable',
  'Laptop',
  'Notebook',
  'Hand Held',
  'Docking Station',
  'All In One',
  'Sub Notebook',
  'Space-saving',
  'Lunch Box',
  'Main Server Chassis',
  'Expansion Chassis',
  'Sub Chassis',
  'Bus Expansion Chassis',
  'Peripheral Chassis',
  'RAID Chassis',
  'Rack Mount Chassis',
  'Sealed-case PC',
  'Multi-system',
  'CompactPCI',
  'AdvancedTCA',
  'Blade',
  'Blade Enclosure',
  'Tablet',
  'Convertible',
  'Detachable',
  'IoT Gateway',
  'Embedded PC',
  'Mini PC',
  'Stick PC',
];

function firmwareFacts(sources: Sources): ValueMap {
  const found: Record<string, Value> = {};
  for (const [name, file] of Object.entries(FIRMWARE)) found[name] = dmi(sources, file) ?? 'NA';
  const chassis = dmi(sources, 'chassis_type');
  const kind = CHASSIS[count(chassis) ?? -1];
  found.form_factor = chassis === undefined ? 'NA' : (kind ?? `unknown (${chassis})`);
  return found;
}

/** What the kernel tells of the machine's firmware; serial numbers only to root. */
export function dmi(sources: Sources, file: string): string | undefined {
  return sources.file(`/sys/devices/virtual/dmi/id/${file}`);
}
