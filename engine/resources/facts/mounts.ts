import type { Value, ValueMap } from '../../language/values.ts';
import { count } from '../answer_text.ts';
import { diskLinks } from './links.ts';
import type { Sources } from './sources.ts';

/** File systems with a device behind them; a local one with its sizes. */
export function mountFacts(sources: Sources): ValueMap {
  const sizes = sizesByMount(sources);
  const bound = boundMounts(sources);
  const links = diskLinks(sources);
  const mounts = new Map<string, ValueMap>();
  for (const line of (sources.file('/proc/self/mounts') ?? '').split('\n')) {
    const [device, mount, fstype, options] = line.split(' ').map(unescapeMount);
    if (device === undefined || mount === undefined || fstype === undefined || options === undefined) continue;
    const network = /:\/|^\/\//.test(device);
    if ((!/^[/\\]/.test(device) && !network) || fstype === 'none') continue;
    const binds = bound.has(mount) && !options.split(',').includes('bind');
    mounts.set(mount, {
      mount,
      device,
      fstype,
      options: binds ? `${options},bind` : options,
      ...(network ? { note: 'the sizes of a network file system are not asked for' } : sizes.get(mount)),
      uuid: links.uuidOf(device) ?? 'N/A',
    });
  }
  return { mounts: [...mounts.values()] };
}

/** proc(5): white space and backslashes stand as three octal digits. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** Mount points that show another directory than the root of their file system. */
function boundMounts(sources: Sources): ReadonlySet<string> {
  const found = new Set<string>();
  for (const line of (sources.file('/proc/self/mountinfo') ?? '').split('\n')) {
    const [, , , root, mount] = line.split(' ');
    if (root !== undefined && mount !== undefined && root !== '/') found.add(unescapeMount(mount));
  }
  return found;
}

/** `stat -f`: blocks, blocks available, inodes, inodes free, fragment size, block size, mount point. */
function sizesByMount(sources: Sources): ReadonlyMap<string, ValueMap> {
  const found = new Map<string, ValueMap>();
  for (const line of sources.lines('sizes')) {
    const [, ...words] = /^(\S+) \S+ (\S+) (\S+) (\S+) (\S+) (\S+) (.*)$/.exec(line) ?? [];
    const mount = words.pop();
    const [blocks, available, inodes, free, fragment, block] = words.map(count);
    if (mount === undefined || blocks === undefined || available === undefined || inodes === undefined) continue;
    if (free === undefined || fragment === undefined || block === undefined) continue;
    const sizes: Record<string, Value> = {
      size_total: fragment * blocks,
      size_available: fragment * available,
      block_size: block,
      block_total: blocks,
      block_available: available,
      block_used: blocks - available,
      inode_total: inodes,
      inode_available: free,
      inode_used: inodes - free,
    };
    found.set(mount, sizes);
  }
  return found;
}
