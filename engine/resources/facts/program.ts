import { join, type Sh, sh, tidy } from '../../transport/sh.ts';

/** Groups of facts that cost something; the rest is always there. */
export type FactAspect = 'hardware' | 'network' | 'virtual';

/**
 * One program for all facts. Nearly everything is in files, and one grep prints them all, each line with its
 * file's name and a NUL in front; the CPU's flags, which no fact uses, stay behind. What is left needs a handful of processes.
 */
export function factsProgram(factPaths: readonly string[], aspects: ReadonlySet<string>): Sh {
  const chosen = (['hardware', 'network', 'virtual'] as const).filter((name) => aspects.has(name));
  const machine = chosen.includes('hardware') || chosen.includes('virtual') ? [MACHINE] : [];
  const files = [BASE, ...machine, ...chosen.map((name) => FILES[name]), ...factPaths.map(localFiles)];
  const parts = [...files, READ, EXISTS, ROOT, DATE];
  if (chosen.includes('hardware')) parts.push(MOUNT_SIZES);
  if (chosen.includes('hardware') || chosen.includes('network')) parts.push(LINKS);
  if (chosen.includes('network')) parts.push(ADDRESSES);
  return tidy(join([...parts, sh`rb_part end`]));
}

const BASE = sh`set -- /etc/os-release /usr/lib/os-release /etc/lsb-release /etc/debian_version \
  /etc/hosts /etc/resolv.conf /etc/localtime /etc/passwd /etc/machine-id /var/lib/dbus/machine-id \
  /proc/sys/kernel/hostname /proc/sys/kernel/ostype /proc/sys/kernel/osrelease /proc/sys/kernel/version \
  /proc/sys/kernel/arch /proc/sys/crypto/fips_enabled /proc/1/comm /proc/cmdline /proc/loadavg \
  /proc/self/environ /proc/self/status /proc/self/mountinfo /etc/selinux/config /sys/fs/selinux/enforce \
  /sys/fs/selinux/policyvers /etc/ssh/ssh_host_*_key.pub`;

const MACHINE = sh`set -- "$@" /sys/devices/virtual/dmi/id/* /proc/cpuinfo`;

const FILES: Readonly<Record<FactAspect, Sh>> = {
  hardware: sh`set -- "$@" /proc/meminfo /proc/uptime /proc/self/mounts \
  /sys/block/*/size /sys/block/*/removable /sys/block/*/dm/name \
  /sys/block/*/queue/rotational /sys/block/*/queue/scheduler /sys/block/*/queue/discard_granularity \
  /sys/block/*/queue/logical_block_size /sys/block/*/device/vendor /sys/block/*/device/model \
  /sys/block/*/device/serial /sys/block/*/*[0-9]/start /sys/block/*/*[0-9]/size`,
  network: sh`set -- "$@" /sys/class/net/*/address /sys/class/net/*/mtu /sys/class/net/*/operstate \
  /sys/class/net/*/type /sys/class/net/*/flags /sys/class/net/*/speed \
  /sys/class/net/*/bridge/bridge_id /sys/class/net/*/bridge/stp_state /sys/class/net/*/bonding/slaves \
  /sys/class/net/*/bonding/mode /sys/class/net/*/bonding/miimon /sys/class/net/*/bonding/lacp_rate \
  /sys/class/net/*/bonding/primary`,
  virtual: sh`set -- "$@" /proc/1/cgroup /proc/1/environ /run/systemd/container \
  /proc/modules /proc/xen/capabilities`,
};

/** Facts that somebody put there as text are read; programs among them are named and never run. */
function localFiles(directory: string, i: number): Sh {
  return sh`rb_part ${`local${i}`}
for rb_file in ${directory}/*.fact; do
  if [ ! -f "$rb_file" ]; then continue; fi
  if [ -x "$rb_file" ]; then printf 'x%s\\n' "$rb_file"; else printf 'r%s\\n' "$rb_file"; set -- "$@" "$rb_file"; fi
done`;
}

const READ = sh`rb_part files
grep -aHsZv -E '^(flags|vmx flags|bugs|Features|power management)[[:space:]]*:' -- "$@" || :`;

const EXISTS = sh`rb_part exists
for rb_file in /lib64/ld-linux-x86-64.so.2 /run/systemd/system /dev/kvm /.dockerenv /.dockerinit /proc/xen /proc/vz \
  /proc/lve /proc/bc /sys/kernel/security/apparmor /sys/fs/selinux /usr/bin/apt-get /usr/bin/dnf /usr/bin/yum \
  /usr/bin/zypper /usr/bin/pacman /sbin/apk /sbin/openrc /etc/init.d /sys/class/net/* /sys/class/net/*/brif/* \
  /sys/block/*/holders/*; do
  if [ -e "$rb_file" ]; then printf '%s\\n' "$rb_file"; fi
done
for rb_file in lsb_release systemctl; do
  if command -v "$rb_file" >/dev/null; then printf '%s\\n' "$rb_file"; fi
done
if [ ! -e /proc/sys/kernel/arch ]; then rb_part machine; uname -m; fi
read -r rb_host </proc/sys/kernel/hostname
while read -r rb_line; do
  case $rb_line in '#'*) continue ;; esac
  case " $rb_line " in *[[:blank:]]"$rb_host"[[:blank:]]*) rb_host= && break ;; esac
done </etc/hosts
if [ -n "$rb_host" ]; then rb_part resolved; timeout 2 getent hosts "$rb_host" || :; fi`;

/** Whether / is the root of init: only root may ask. */
const ROOT = sh`rb_part root
if [ ! -e /proc/1/root/. ]; then stat -c %i /; elif [ / -ef /proc/1/root/. ]; then echo same; else echo other; fi`;

const DATE = sh`rb_part date
date '+%Y %m %d %H %M %S %s %N %A %w %W %Z %z'`;

/**
 * Only local disks: a network file system that hangs would hang the look. The shell reads the table itself, which
 * is quicker than starting anything; only a name with an escape in it (proc(5)) needs help.
 */
const MOUNT_SIZES = sh`rb_part sizes
set --
while read -r rb_device rb_mount _; do
  case $rb_device in //*) continue ;; /*) ;; *) continue ;; esac
  case $rb_mount in *\\\\*) rb_mount=$(printf '%b' "$(printf '%s\\n' "$rb_mount" | sed 's/\\\\\\([0-7]\\)/\\\\0\\1/g')") ;; esac
  set -- "$@" "$rb_mount"
done </proc/self/mounts
if [ "$#" -gt 0 ]; then stat -f -c '%b %f %a %c %d %S %s %n' -- "$@" 2>/dev/null || :; fi`;

const LINKS = sh`rb_part links
for rb_file in /dev/disk/by-* /sys/class/net/*/device; do
  if [ ! -e "$rb_file" ]; then continue; fi
  find /dev/disk/by-id /dev/disk/by-uuid /dev/disk/by-label /sys/class/net/*/device /sys/class/net/*/device/driver/module \
    -maxdepth 1 -type l -printf '%p\\0%l\\0' 2>/dev/null || :
  break
done`;

/** The two addresses are those that Ansible asks the kernel's routes about; nothing is sent to them. */
const ADDRESSES = sh`rb_part addresses
if command -v ip >/dev/null; then ip -o -force -batch - 2>/dev/null <<'RB_IP' || :
addr show
route get 8.8.8.8
route get 2404:6800:400a:800::1012
RB_IP
fi`;
