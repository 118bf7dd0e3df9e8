import type { Value, ValueMap } from '../../language/values.ts';
import { count } from '../answer_text.ts';
import { type DiskLinks, diskLinks } from './links.ts';
import type { Sources } from './sources.ts';

/** Block devices and their partitions. */
export function deviceFacts(sources: Sources): ValueMap {
  const links = diskLinks(sources);
  const masters = heldBy(sources);
  const devices: Record<string, Value> = {};
  for (const path of sources.matching(/^\/sys\/block\/[^/]+\/size$/)) {
    const name = path.split('/')[3] as string;
    devices[name] = device(sources, name, links, masters);
  }
  const all = (map: ReadonlyMap<string, readonly string[]>) => Object.fromEntries(map);
  const { ids, uuids, labels } = links.byName;
  return {
    devices,
    device_links: { ids: all(ids), uuids: all(uuids), labels: all(labels), masters: all(masters) },
  };
}

function device(
  sources: Sources,
  name: string,
  links: DiskLinks,
  masters: ReadonlyMap<string, readonly string[]>,
): ValueMap {
  const read = (file: string) => sources.file(`/sys/block/${name}/${file}`);
  const sectors = read('size') ?? '0';
  const serial = read('device/serial');
  return {
    virtual: 1,
    vendor: read('device/vendor') ?? null,
    model: read('device/model') ?? null,
    ...(serial !== undefined && { serial }),
    removable: read('removable') ?? null,
    rotational: read('queue/rotational') ?? null,
    support_discard: read('queue/discard_granularity') ?? null,
    scheduler_mode: /\[(.*)\]/.exec(read('queue/scheduler') ?? '')?.[1] ?? '',
    sectors,
    sectorsize: read('queue/logical_block_size') ?? '512',
    size: humanSize(sectors),
    links: linksOf(name, links, masters),
    holders: masters.get(name) ?? [],
    partitions: partitions(sources, name, links, masters),
  };
}

function partitions(
  sources: Sources,
  disk: string,
  links: DiskLinks,
  masters: ReadonlyMap<string, readonly string[]>,
): ValueMap {
  const found: Record<string, Value> = {};
  for (const path of sources.matching(/^\/sys\/block\/[^/]+\/[^/]+\/start$/)) {
    const [, , , owner, name] = path.split('/') as string[];
    if (owner !== disk || name === undefined) continue;
    const sectors = sources.file(`/sys/block/${disk}/${name}/size`) ?? '0';
    found[name] = {
      start: sources.file(path) ?? '0',
      sectors,
      sectorsize: 512,
      size: humanSize(sectors),
      uuid: links.byName.uuids.get(name)?.[0] ?? null,
      links: linksOf(name, links, masters),
      holders: masters.get(name) ?? [],
    };
  }
  return found;
}

function linksOf(name: string, links: DiskLinks, masters: ReadonlyMap<string, readonly string[]>): ValueMap {
  const { ids, uuids, labels } = links.byName;
  return {
    ids: ids.get(name) ?? [],
    uuids: uuids.get(name) ?? [],
    labels: labels.get(name) ?? [],
    masters: masters.get(name) ?? [],
  };
}

/** Device -> the devices that are made of it. */
function heldBy(sources: Sources): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const path of sources.existing(/^\/sys\/block\/[^/]+\/holders\/[^/]+$/)) {
    const [, , , name = '', , holder = ''] = path.split('/');
    const known = sources.file(`/sys/block/${holder}/dm/name`) ?? holder;
    found.set(name, [...(found.get(name) ?? []), known]);
  }
  return found;
}

const UNITS = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** Sectors of 512 bytes as Ansible shows them: `256.00 GB`, by powers of 1024. */
function humanSize(sectors: string): string {
  let size = (count(sectors) ?? 0) * 512;
  let unit = 0;
  for (; size >= 1024 && unit < UNITS.length - 1; unit++) size /= 1024;
  return `${size.toFixed(2)} ${UNITS[unit]}`;
}
