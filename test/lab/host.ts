import type { Kind } from './base.ts';
import { boot, inside, leaveRoom, lowerLayers, reset, untilReady, upperLayer } from './boot.ts';
import { freezeCgroup } from './cgroup.ts';
import { setLink } from './network.ts';
import { type Finished, type RunOptions, run } from './process.ts';
import {
  closeMasters,
  type HostRecord,
  hostCgroup,
  hostLink,
  hostRecords,
  hostRoot,
  killHost,
  type LabRecord,
  saveHost,
} from './state.ts';
import { type Difference, differences, isIgnored } from './upper.ts';

/** A real Debian, as a test sees it. */
export interface TestHost {
  readonly name: string;
  readonly kind: Kind;
  readonly address: string;
  /** Its file system as seen from here; links in it point into our own. */
  readonly root: string;
  /** A login by the system's own ssh, to see what is true. */
  ssh(command: string, options?: { user?: 'root' | 'admin' | 'ops' } & RunOptions): Promise<Finished>;
  /** As root without a login, so that it works and leaves no trace whatever became of sshd. */
  inside(command: string, options?: { input?: string | Uint8Array; timeoutMs?: number }): Promise<Finished>;
  /** What differs from a freshly made host, `IGNORED` and `ignore` aside unless `all` is set. */
  upper(options?: { ignore?: readonly RegExp[]; all?: boolean }): readonly Difference[];
  /** As new, and ready. */
  reset(): Promise<void>;
  /** Pulls the plug. */
  stop(): void;
  /** Switches it on again with its file system as it was, and waits until it is ready. */
  start(): Promise<void>;
  /** Every process stands still: connections open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** The network cable out, and in again. */
  cut(): Promise<void>;
  reconnect(): Promise<void>;
  /** So many bytes can still be written on its disk, by all that runs there; `undefined`: as many as anybody wants. */
  leaveRoom(bytes: number | undefined): Promise<void>;
  /** No byte can be written in the folder until `restore`; what was in it stays readable. */
  fill(dir: string): Promise<void>;
  /** The folder is mounted read-only until `restore`. */
  readOnly(dir: string): Promise<void>;
  /** Takes `fill` or `readOnly` back; what changed in a filled folder meanwhile is lost. */
  restore(dir: string): Promise<void>;
}

export interface SshFiles {
  readonly key: string;
  readonly knownHosts: string;
}

/** Arguments for ssh(1) that keep it from everything of whoever runs the tests. */
export function sshArguments({ key, knownHosts }: SshFiles): string[] {
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=5',
    'ControlPath=none',
    'GlobalKnownHostsFile=/dev/null',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'LogLevel=ERROR',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts}`,
  ];
  return ['-F', 'none', '-i', key, ...options.flatMap((option) => ['-o', option])];
}

export function testHost(lab: LabRecord, name: string, files: SshFiles): TestHost {
  // Read anew each time: a reset, here or elsewhere, changes its process.
  const record = (): HostRecord => {
    const found = hostRecords(lab).find((host) => host.name === name);
    if (found === undefined) throw new Error(`the lab has no host ${name}`);
    return found;
  };
  const { kind, address } = record();
  const within = async (script: string) => {
    const { code, stderr } = await inside(record(), `set -e\n${script}`);
    if (code !== 0) throw new Error(`${name}: exit ${code}: ${stderr}`);
  };

  return {
    name,
    kind,
    address,
    root: hostRoot(lab, record()),
    ssh: (command, { user = 'root', ...options } = {}) =>
      run(['ssh', ...sshArguments(files), `${user}@${address}`, command], { timeoutMs: 60_000, ...options }),
    inside: (command, options) => inside(record(), command, options),
    upper: ({ ignore = [], all = false } = {}) => {
      const host = record();
      const found = differences(hostRoot(lab, host), upperLayer(lab, host), lowerLayers(lab, host));
      return all ? found : found.filter(({ path }) => !isIgnored(path, ignore));
    },
    reset: async () => {
      closeMasters(lab);
      await untilReady(lab, saveHost(lab, { ...(await reset(lab, record())), used: true }));
    },
    stop: () => {
      closeMasters(lab);
      killHost(record());
      saveHost(lab, { ...record(), process: null });
    },
    start: async () => untilReady(lab, await boot(lab, record())),
    freeze: () => freezeCgroup(hostCgroup(record()), true),
    thaw: () => freezeCgroup(hostCgroup(record()), false),
    cut: () => setLink(hostLink(record()), 'down'),
    reconnect: () => setLink(hostLink(record()), 'up'),
    leaveRoom: (bytes) => leaveRoom(lab, record(), bytes),
    fill: (dir) => within(fillScript(dir)),
    readOnly: (dir) => within(`mount --bind ${quote(dir)} ${quote(dir)}\nmount -o remount,bind,ro ${quote(dir)}`),
    restore: (dir) => within(`umount ${quote(dir)}`),
  };
}

/** A memory file system over the folder, with a copy of what is in it and then filled to the last byte. */
function fillScript(dir: string): string {
  return `dir=${quote(dir)}
new=$(mktemp -d -p /run)
mount -t tmpfs -o nr_blocks=$(($(du -s --apparent-size -B 4096 "$dir" | cut -f 1) + $(find "$dir" | wc -l) + 4)) tmpfs "$new"
cp -a "$dir/." "$new"
dd if=/dev/zero of="$new/.filler" bs=4096 2>/dev/null || true
dd if=/dev/zero of="$new/.filler2" bs=1 2>/dev/null || true
mount --bind "$new" "$dir"
umount "$new"
rmdir "$new"`;
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
