import type { Change, Ref } from '../planning/contracts.ts';
import type { PathValue } from './path_value.ts';

/** Whether a change at one path makes what is known of another resource uncertain. */
export function pathAffects(change: Change<PathValue>, other: Ref, value: unknown): boolean {
  const { id } = change.ref;
  if (other.type.name === 'tree') return affectsTree(change, other.id, value);
  if (other.type.name === 'path') return affectsPath(change, other.id, value as PathValue | null);
  if (other.type.name === 'glob') return mayMatch(other.id, id);
  if (other.type.name === 'deb file' || other.type.name === 'secrets') return other.id === id;
  return READERS.some(({ type, files }) => type === other.type.name && files.test(id));
}

function affectsPath(change: Change<PathValue>, id: string, value: PathValue | null): boolean {
  const { before, after, ref } = change;
  if (id === ref.id) return false;
  // Who gets another name has one link more.
  if (after?.kind === 'file' && after.hard === id) return true;
  if (isBelow(id, ref.id)) {
    if (before?.kind === after?.kind) return before?.kind === 'link';
    // A new directory is empty, and nothing was known to be in it before.
    return !(before === null && after?.kind === 'directory' && value === null);
  }
  if (before?.kind !== after?.kind || before?.kind === 'link') return isLinkThrough(value, ref.id);
  return sharesInode(before, value);
}

/** A tree that is not there yet stays as good as empty when only its top is made. */
function affectsTree(change: Change<PathValue>, id: string, value: unknown): boolean {
  const { before, after, ref } = change;
  if (id === ref.id) return before?.kind !== after?.kind && !(value === null && after?.kind === 'directory');
  return isBelow(ref.id, id) || (isBelow(id, ref.id) && before?.kind !== after?.kind);
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(directory === '/' ? '/' : `${directory}/`) && path !== directory;
}

/** Where a link leads hangs on every link on its way: only known if the changed path is one of its ends. */
function isLinkThrough(value: PathValue | null, id: string): boolean {
  const resolved = value?.kind === 'link' ? value.resolved : undefined;
  return typeof resolved === 'string' && isBelow(resolved, id);
}

/** Whether a path, or one below it, may be what a pattern stands for; nobody knows where a relative one begins. */
function mayMatch(pattern: string, id: string): boolean {
  const plain = pattern.split(/[*?[]/)[0] as string;
  return !pattern.startsWith('/') || id.startsWith(plain) || isBelow(plain, id);
}

/** Two names of one file: what is done to it under one shows under the other. */
function sharesInode(before: PathValue | null, value: PathValue | null): boolean {
  const [a, b] = [before?.stat, value?.stat];
  return a !== undefined && b !== undefined && a.inode === b.inode && a.device === b.device;
}

/** Other resources that are read from files: a change of these may show there. */
const READERS: readonly { readonly type: string; readonly files: RegExp }[] = [
  { type: 'user', files: /^\/etc\/(passwd|shadow|group|login\.defs|nsswitch\.conf)$/ },
  { type: 'group', files: /^\/etc\/(group|gshadow|nsswitch\.conf)$/ },
  { type: 'unit', files: /^(\/usr)?\/lib\/systemd\/|^\/(etc|run)\/systemd\/|^\/etc\/(init\.d|rc\d\.d|default)\// },
  { type: 'unit', files: /\/\.(config|local\/share)\/systemd\/user\// },
  // What stands in /etc/sysctl.d reaches the kernel only when it is loaded.
  { type: 'sysctl', files: /^\/proc\/sys\// },
  { type: 'crontab', files: /^\/etc\/cron\.(allow|deny)$|^\/var\/spool\/cron\// },
  {
    type: 'facts',
    files: /^\/etc\/(ansible\/facts\.d\/|hosts$|hostname$|resolv\.conf$|localtime$|machine-id$|os-release$)/,
  },
  { type: 'package', files: /^\/var\/lib\/dpkg\// },
  { type: 'ufw', files: /^\/etc\/(default\/ufw$|ufw\/)/ },
  { type: 'ufw profile', files: /^\/etc\/ufw\/applications\.d\// },
  ...['candidate', 'apt simulation', 'apt lists', 'package names'].map((type) => ({
    type,
    files: /^\/etc\/apt\/|^\/var\/lib\/(apt|dpkg)\//,
  })),
];

/** Files that decide who gets in, as whom, and over which network. */
const ACCESS = new RegExp(
  [
    '^/etc/(ssh|sudoers\\.d|pam\\.d|security|network|netplan|ufw|firewalld|nftables\\.d|iptables|fail2ban|wireguard|ppp)(/|$)',
    '^/etc/systemd/network(/|$)',
    '^/etc/NetworkManager(/|$)',
    '^/etc/(sudo\\.conf|sudoers|passwd|shadow|group|gshadow|subuid|subgid|nftables\\.conf|hosts\\.allow|hosts\\.deny)$',
    '^/etc/(nsswitch\\.conf|shells|securetty|nologin|sssd|ld\\.so\\.preload)(/|$)',
    '^/etc/(default/(ssh|ufw|nftables|netfilter-persistent)|ld\\.so\\.conf)',
    '^/(etc|run|lib|usr/lib)/systemd/system/(ssh|sshd|networking|systemd-networkd|nftables|ufw|firewalld)[.@-]',
    '^/run/(sshd|nologin)$',
    '/\\.ssh(/|$)',
    '^/root$',
    '^/home(/[^/]+)?$',
    '^/(etc|usr|bin|sbin|lib|lib64|var|run|dev|proc|sys)?$',
    '^/(usr/)?bin/(sh|bash|dash|sudo|su|login)$',
    '^/usr/(sbin/sshd|lib/openssh(/|$))',
  ].join('|'),
);

export function pathAccess(id: string): boolean {
  return ACCESS.test(id);
}
