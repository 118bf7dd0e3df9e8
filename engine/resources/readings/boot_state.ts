import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { sh } from '../../transport/sh.ts';
import { complaint, count, partLines, partText } from '../answer_text.ts';
import { readingType } from '../reading.ts';

/** What a host runs, and what it would run after a reboot. */
export interface BootStateValue {
  /** Seconds for which a reboot has been asked for, by the host's clock; missing: nobody has. */
  readonly requiredFor?: number;
  /** Who asked for it. */
  readonly packages: readonly string[];
  /** The kernel that runs, and those that are installed; none in a container. */
  readonly running: string;
  readonly installed: readonly string[];
  /** Seconds. */
  readonly uptime: number;
}

const bootStateType = readingType<BootStateValue>({ name: 'boot state', collect, parse, derived: true });

export const BOOT_STATE: Ref<BootStateValue> = { type: bootStateType, id: 'host', aspects: [] };

/** /run/reboot-required is what packages of Debian and Ubuntu agreed on (update-notifier, unattended-upgrades). */
function collect() {
  return sh`rb_part required
stat -c %Y /run/reboot-required 2>/dev/null || :
rb_part packages
cat /run/reboot-required.pkgs 2>/dev/null || :
rb_part now
date +%s
rb_part kernel
uname -r
rb_part installed
if ! systemd-detect-virt -c -q 2>/dev/null; then
  for rb_kernel in /boot/vmlinuz-*; do
    if [ -e "$rb_kernel" ]; then printf '%s\\n' "$rb_kernel"; fi
  done
fi
rb_part uptime
cat /proc/uptime`;
}

function parse(answer: Answer, refs: readonly Ref<BootStateValue>[]): readonly Seen[] {
  const now = count(partLines(answer, 'now')[0]);
  const uptime = Number.parseFloat(partText(answer, 'uptime'));
  if (now === undefined || Number.isNaN(uptime)) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const required = count(partLines(answer, 'required')[0]);
  const value: BootStateValue = {
    ...(required !== undefined && { requiredFor: Math.max(0, now - required) }),
    packages: [...new Set(partLines(answer, 'packages'))].filter((name) => name !== ''),
    running: partText(answer, 'kernel').trim(),
    installed: partLines(answer, 'installed').map((path) => path.replace(/^.*\/vmlinuz-/, '')),
    uptime,
  };
  return refs.map((ref) => ({ ref, value }));
}
