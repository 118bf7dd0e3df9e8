import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  type Stats,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { initOf } from './cgroup.ts';
import { clientKey, hostKeyFiles, hostKeys } from './keys.ts';
import { greets, networkOf } from './network.ts';
import { type Finished, isAlive, markOf, must, run, sleep } from './process.ts';
import {
  type HostRecord,
  hostCgroup,
  hostDisk,
  hostRoot,
  isMounted,
  killHost,
  type LabRecord,
  saveHost,
  unmount,
} from './state.ts';

/** The layers below a host's own, topmost first: what makes it this host, and the base. */
export const lowerLayers = (lab: LabRecord, host: HostRecord): string[] => [
  join(lab.dir, 'fs', host.name, 'seed'),
  join(lab.base, host.kind),
];

export const upperLayer = (lab: LabRecord, host: HostRecord): string => join(hostDisk(lab, host), 'upper');

/** As large as nothing on it ever needs. */
const DISK = '4g';

/** Keys, name and address: a layer of its own, so that the upper one holds nothing but what happened on the host. */
export async function seed(lab: LabRecord, host: HostRecord): Promise<void> {
  const [layer = '', base = ''] = lowerLayers(lab, host);
  const put = (path: string, content: string | Uint8Array, mode = 0o644, like = '/etc') => {
    makeFolders(layer, base, dirname(path), like);
    writeFileSync(join(layer, path), content);
    own(join(layer, path), lstatSync(join(base, like)), mode);
  };
  mkdirSync(layer, { recursive: true });
  own(layer, lstatSync(base));
  put('/etc/hostname', `${host.name}\n`);
  put('/etc/hosts', `127.0.0.1 localhost\n127.0.1.1 ${host.name}\n::1 localhost ip6-localhost\n`);
  put('/etc/machine-id', `${randomBytes(16).toString('hex')}\n`, 0o444);
  put('/etc/systemd/network/10-lab.network', networkFile(host.address));
  for (const file of hostKeyFiles(await hostKeys(host.name))) {
    put(`/etc/ssh/${basename(file)}`, readFileSync(file), 0o600);
    put(`/etc/ssh/${basename(file)}.pub`, readFileSync(`${file}.pub`));
  }
  const authorized = readFileSync(`${await clientKey()}.pub`);
  for (const home of ['/root', '/home/admin', '/home/ops']) {
    put(`${home}/.ssh/authorized_keys`, authorized, 0o600, home);
    chmodSync(join(layer, home, '.ssh'), 0o700);
  }
}

/** Switches it on; `untilReady` waits for it. */
export async function boot(lab: LabRecord, host: HostRecord): Promise<HostRecord> {
  const root = hostRoot(lab, host);
  const disk = hostDisk(lab, host);
  const upper = upperLayer(lab, host);
  const work = join(disk, 'work');
  mkdirSync(disk, { recursive: true });
  if (!isMounted(disk)) await must(['mount', '-t', 'tmpfs', '-o', `mode=0755,size=${DISK}`, 'runbook-lab', disk]);
  for (const dir of [root, upper, work]) mkdirSync(dir, { recursive: true });
  own(upper, lstatSync(join(lab.base, host.kind)));
  const layers = `lowerdir=${lowerLayers(lab, host).join(':')},upperdir=${upper},workdir=${work}`;
  unmount(root);
  await must(['mount', '-t', 'overlay', '-o', `${layers},metacopy=off,redirect_dir=off,index=off`, 'overlay', root]);
  return saveHost(lab, { ...host, process: startNspawn(lab, host, root) });
}

/** As new: the changes are thrown away, and it boots. */
export function reset(lab: LabRecord, host: HostRecord): Promise<HostRecord> {
  killHost(host);
  unmount(hostRoot(lab, host));
  unmount(hostDisk(lab, host));
  return boot(lab, { ...host, used: false });
}

/** Leaves so many bytes on its disk; `undefined`: more than anything needs. */
export async function leaveRoom(lab: LabRecord, host: HostRecord, bytes: number | undefined): Promise<void> {
  const disk = hostDisk(lab, host);
  const { blocks, bfree, bsize } = statfsSync(disk);
  const size = bytes === undefined ? DISK : (blocks - bfree) * bsize + bytes;
  await must(['mount', '-o', `remount,size=${size}`, disk]);
}

/** SSH greets and systemd has started what it means to start. */
export async function untilReady(lab: LabRecord, host: HostRecord, timeoutMs = 90_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let last = 'no SSH greeting yet';
  while (performance.now() < deadline) {
    if (host.process === null || !isAlive(host.process)) throw new Error(`${host.name} ended: ${consoleOf(lab, host)}`);
    if (await greets(host.address)) {
      last = (await inside(host, 'systemctl is-system-running --wait', { timeoutMs: 30_000 })).stdout.trim();
      if (last === 'running' || last === 'degraded') return;
    }
    await sleep(100);
  }
  throw new Error(`${host.name} is not ready after ${timeoutMs} ms (${last}): ${consoleOf(lab, host)}`);
}

/** Runs a shell command in the host without a login: as root, whatever has become of its sshd. */
export async function inside(
  host: HostRecord,
  command: string,
  options: { readonly input?: string | Uint8Array; readonly timeoutMs?: number } = {},
): Promise<Finished> {
  const init = initOf(hostCgroup(host));
  if (init === null) throw new Error(`${host.name} is not running`);
  const environment = [
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    'HOME=/root',
    'LC_ALL=C',
    'DEBIAN_FRONTEND=noninteractive',
  ];
  const enter = ['nsenter', '--target', String(init), '--all', 'env', '-i', ...environment];
  return run([...enter, 'sh', '-c', command], { timeoutMs: 60_000, ...options });
}

function startNspawn(lab: LabRecord, host: HostRecord, root: string): HostRecord['process'] {
  const log = openSync(join(lab.dir, 'hosts', `${host.name}.console`), 'w');
  const enterGroup = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"';
  const nspawn = [
    'systemd-nspawn',
    '--quiet',
    `--directory=${root}`,
    '--boot',
    '--register=no',
    '--keep-unit',
    '--settings=no',
    `--machine=${host.machine}`,
    `--hostname=${host.name}`,
    '--network-veth',
    `--network-bridge=${networkOf(lab.slot).bridge}`,
    '--capability=all',
    '--system-call-filter=@keyring bpf',
    '--resolv-conf=off',
    '--timezone=off',
    '--link-journal=no',
    `--bind-ro=${join(lab.base, 'pool')}:/srv/debs`,
    '--console=pipe',
  ];
  const child = spawn('sh', ['-c', enterGroup, 'sh', hostCgroup(host), ...nspawn], {
    env: { PATH: process.env.PATH, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
    stdio: ['ignore', log, log],
    detached: true, // an interrupt at the terminal is ours to handle
  });
  child.unref();
  return child.pid === undefined ? null : markOf(child.pid);
}

function consoleOf(lab: LabRecord, host: HostRecord): string {
  return readFileSync(join(lab.dir, 'hosts', `${host.name}.console`), 'utf8').slice(-2000);
}

/** In an overlay the topmost folder's mode and owner count, so the ones passed through are made like the base's. */
function makeFolders(layer: string, base: string, path: string, like: string): void {
  if (path === '/') return;
  makeFolders(layer, base, dirname(path), like);
  const known = statOrNull(join(base, path));
  mkdirSync(join(layer, path), { recursive: true });
  if (known !== null) own(join(layer, path), known);
  else own(join(layer, path), lstatSync(join(base, like)), 0o755);
}

function own(file: string, like: Stats, mode = like.mode & 0o7777): void {
  chownSync(file, like.uid, like.gid);
  chmodSync(file, mode);
}

function statOrNull(file: string): Stats | null {
  return lstatSync(file, { throwIfNoEntry: false }) ?? null;
}

function networkFile(address: string): string {
  return `[Match]
Name=host0

[Network]
Address=${address}/24
DHCP=no
LinkLocalAddressing=no
IPv6AcceptRA=no
`;
}
