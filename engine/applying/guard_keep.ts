import { type Sh, sh } from '../transport/sh.ts';

/** The beginning of the guard's program: what it keeps of a host, and how it reads what is there now. */
export const KEEP: Sh = sh`set -u
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 077
rb_guard=\${0%/*}
rb_run=\${rb_guard%/*}
rb_old=$rb_guard/files
cd "$rb_guard" || exit 73

rb_has() { command -v "$1" >/dev/null 2>&1; }
rb_uid=$(id -u)
rb_root() { [ "$rb_uid" = 0 ]; }
rb_systemd() { rb_root && [ -d /run/systemd/system ]; }
rb_ctl() { timeout 60 systemctl --no-ask-password "$@" >>"$rb_run/guard.log" 2>&1; }
rb_log() { printf '%s\\n' "$*" >>"$rb_run/guard.log"; }

# What is kept whole, a path a line. Of a home only what a login reads.
rb_paths() {
  if rb_root; then
    printf '/etc/%s\\n' ssh sudoers sudoers.d sudo.conf pam.d pam.conf security nsswitch.conf shells securetty nologin \\
      ld.so.preload hosts hosts.allow hosts.deny resolv.conf environment profile bash.bashrc \\
      network netplan systemd/network NetworkManager/system-connections NetworkManager/conf.d \\
      sysctl.conf sysctl.d nftables.conf nftables.d iptables ufw default/ufw default/ssh fail2ban firewalld
    for rb_unit in ssh.service ssh.socket sshd.service sshd.socket networking.service systemd-networkd.service \\
      nftables.service ufw.service firewalld.service fail2ban.service; do
      printf '/etc/systemd/system/%s\\n' "$rb_unit" "$rb_unit.d"
    done
    printf '%s\\n' /run/nologin
  fi
  while read -r _ rb_home; do
    for rb_name in .ssh/authorized_keys .ssh/authorized_keys2 .ssh/rc .ssh/environment .bashrc .bash_profile .profile .zshenv; do
      printf '%s\\n' "$rb_home/$rb_name"
    done
  done <homes
}

rb_accounts() {
  for rb_user; do
    for rb_db in passwd shadow; do
      awk -F: -v user="$rb_user" '$1 == user' "/etc/$rb_db" >>"account.$rb_db"
    done
    for rb_db in group gshadow; do
      [ ! -r "/etc/$rb_db" ] || awk -F: -v user="$rb_user" '
        { n = split($4, member, ","); for (i = 1; i <= n; i++) if (member[i] == user) print user " " $1 }' "/etc/$rb_db" >>"groups.$rb_db"
    done
  done
}

# NAME ACTIVE ENABLED; sshd.service is another name of ssh.service.
rb_units() {
  systemctl show -p Id -p ActiveState -p UnitFileState -- ssh.service ssh.socket sshd.service sshd.socket ufw.service \\
    nftables.service netfilter-persistent.service firewalld.service fail2ban.service networking.service \\
    systemd-networkd.socket systemd-networkd.service NetworkManager.service systemd-resolved.service systemd-logind.service |
    awk -F= '
      function flush() { if (id != "" && !seen[id]++) print id, active, (enabled == "" ? "-" : enabled); id = enabled = "" }
      $1 == "Id" { flush(); id = $2 } $1 == "ActiveState" { active = $2 } $1 == "UnitFileState" { enabled = $2 }
      END { flush() }'
}

rb_sysctl() { grep -rs '' /proc/sys/net/core /proc/sys/net/ipv4 /proc/sys/net/ipv6; }
rb_links() { ip -o link show up | awk -F': ' '{ sub(/@.*/, "", $2); print $2 }'; }
rb_addresses() {
  ip -o addr show | awk '$5 != "peer" && $4 !~ /^fe80:/ { brd = ""; for (i = 5; i < NF; i++) if ($i == "brd") brd = $(i + 1); print $2, $4, brd }'
}
rb_routes() { ip "-$1" route show | sed 's/ expires [^ ]*//; s/ linkdown//; s/ dead//; s/ *$//'; }
rb_rules() { ip "-$1" rule show | sed 's/^\\([0-9]*\\):/pref \\1/'; }

rb_tables() { nft list tables 2>/dev/null | awk '$1 == "table" { print $2, $3 }'; }
# iptables-save without what changes by itself.
rb_iptables() { "$1-save" 2>/dev/null | sed '/^#/d; s/ \\[[0-9]*:[0-9]*\\]$/ [0:0]/'; }

rb_save_firewall() {
  mkdir nft || return
  if rb_has nft; then
    rb_tables | while read -r rb_family rb_name; do
      nft -s list table "$rb_family" "$rb_name" >"nft/$rb_family $rb_name" 2>/dev/null || return
    done
  fi
  for rb_tool in iptables ip6tables; do
    ! rb_has "$rb_tool-save" || rb_iptables "$rb_tool" >"tables.$rb_tool"
  done
  ! rb_has ipset || ipset save >ipsets 2>/dev/null
}

rb_save() {
  mkdir files || return
  : >homes
  for rb_user; do
    rb_home=$( { getent passwd "$rb_user" || grep "^$rb_user:" /etc/passwd; } 2>/dev/null | head -n 1 | cut -d: -f6)
    [ -z "$rb_home" ] || printf '%s %s\\n' "$rb_user" "$rb_home" >>homes
  done
  ! rb_root || rb_accounts "$@" || return
  set --
  rb_paths >paths
  while IFS= read -r rb_path; do
    if [ -e "$rb_path" ] || [ -L "$rb_path" ]; then set -- "$@" "$rb_path"; fi
  done <paths
  # cp(1) looks for the directories above where it stands.
  [ $# = 0 ] || ( cd / && cp -a --parents -- "$@" "$rb_old/" ) || return
  # sshd refuses keys below a directory that others may write to (StrictModes in sshd_config(5)).
  {
    ! rb_root || printf '%s\\n' / /etc /var /usr /run
    [ ! -d /run/sshd ] || echo /run/sshd
    while read -r _ rb_path; do
      echo "$rb_path/.ssh"
      while [ -n "$rb_path" ]; do echo "$rb_path"; rb_path=\${rb_path%/*}; done
    done <homes
  } | sort -u | tr '\\n' '\\000' | xargs -0 stat -L -c '%a %u:%g %n' -- >modes 2>/dev/null
  rb_root || return 0
  ! rb_systemd || rb_units >units
  rb_sysctl >sysctl
  if rb_has ip; then
    rb_links >links
    rb_addresses >addresses
    for rb_ip in 4 6; do rb_routes "$rb_ip" >"routes.$rb_ip"; rb_rules "$rb_ip" >"rules.$rb_ip"; done 2>/dev/null
  fi
  rb_save_firewall
  return 0
}`;
