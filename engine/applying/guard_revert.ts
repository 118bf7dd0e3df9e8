import { type Sh, sh } from '../transport/sh.ts';

/** The part of the guard's program that puts back what was kept. What it does goes to the log, a line each. */
export const REVERT: Sh = sh`# Lines of the first file that are not in the second.
rb_only() { awk 'FILENAME == ARGV[1] { there[$0]; next } !($0 in there)' "$2" "$1"; }

# What stands below a directory under the names on stdin: NAME|KIND, MODE, OWNER, TARGET, and NAME|SUM.
rb_list() {
  (
    cd "$1" || exit
    tr '\\n' '\\000' >"$rb_guard/names.0"
    xargs -0 stat -c '%n|%f %u %g %N' -- <"$rb_guard/names.0"
    xargs -0 timeout 60 cksum -- <"$rb_guard/names.0" | sed 's/^\\([0-9]* [0-9]*\\) \\(.*\\)$/\\2|\\1/'
  ) 2>/dev/null
}

rb_changed() { printf '%s\\n' "$1" >>changed; rb_log "$2 $1"; }

rb_restore_one() {
  if [ -d "$1" ] && [ ! -L "$1" ]; then
    if [ ! -d "$2" ] || [ -L "$2" ]; then rm -rf -- "$2"; mkdir -p -- "$2" || return; fi
    chown "$(stat -c %u:%g -- "$1")" "$2" && chmod "$(stat -c %a -- "$1")" "$2"
    return
  fi
  [ -d "\${2%/*}" ] || ( umask 022; mkdir -p -- "\${2%/*}" ) || return
  [ -L "$2" ] || [ ! -d "$2" ] || rm -rf -- "$2"
  if cp -a -- "$1" "$2.runbook-guard"; then
    mv -f -- "$2.runbook-guard" "$2" 2>/dev/null && return
    rm -f -- "$2.runbook-guard"
    # A file that is a mount of its own cannot be replaced, only written.
    [ ! -L "$1" ] && cat "$1" >"$2"
  else
    rm -f -- "$2.runbook-guard"
    return 1
  fi
}

rb_packaged() {
  if rb_has dpkg; then dpkg -S "$1" >/dev/null 2>&1; else rb_has rpm && rpm -qf "$1" >/dev/null 2>&1; fi
}

rb_revert_files() {
  ( cd files && find . ! -name . ) | sort >names
  rb_list files <names >list.old
  rb_list / <names >list.now
  rb_only list.old list.now | sed 's/|.*//; s/^\\.//' | sort -u | while IFS= read -r rb_path; do
    if rb_restore_one "$rb_old$rb_path" "$rb_path" 2>>"$rb_run/guard.log"; then rb_changed "$rb_path" restored; else rb_log "could not restore $rb_path"; fi
  done
  # What is new goes, but not what a package has brought.
  while IFS= read -r rb_top; do
    [ -e "$rb_top" ] || [ -L "$rb_top" ] || continue
    if [ ! -e "$rb_old$rb_top" ] && [ ! -L "$rb_old$rb_top" ] && [ -d "$rb_top" ] && [ ! -L "$rb_top" ]; then
      case $rb_top in /etc/systemd/system/* | /etc/ssh | /etc/sudoers.d | /etc/pam.d | /etc/security) ;; *) continue ;; esac
    fi
    find "$rb_top" -depth 2>/dev/null
  done <paths | while IFS= read -r rb_path; do
    case $rb_path in /*) ;; *) continue ;; esac
    if [ -e "$rb_old$rb_path" ] || [ -L "$rb_old$rb_path" ] || rb_packaged "$rb_path"; then continue; fi
    if [ -d "$rb_path" ] && [ ! -L "$rb_path" ]; then rmdir -- "$rb_path" 2>/dev/null; else rm -f -- "$rb_path"; fi && rb_changed "$rb_path" removed
  done
  while read -r rb_mode rb_owner rb_path; do
    [ -d "$rb_path" ] || { mkdir -p -- "$rb_path" && rb_changed "$rb_path" restored; }
    [ "$(stat -L -c '%a %u:%g' -- "$rb_path")" = "$rb_mode $rb_owner" ] && continue
    chown "$rb_owner" "$rb_path" && chmod "$rb_mode" "$rb_path" && rb_changed "$rb_path" 'restored the mode of'
  done <modes
}

# Puts stdin in place of a file of accounts, where it differs.
rb_replace() {
  cat >new || return
  cmp -s new "$1" && return
  cp -a -- "$1" "$1.runbook-guard" && cat new >"$1.runbook-guard" && mv -f -- "$1.runbook-guard" "$1" &&
    rb_changed "$1" 'restored users in'
}

rb_revert_accounts() {
  for rb_db in passwd shadow; do
    [ -s "account.$rb_db" ] || continue
    awk -F: 'NR == FNR { old[$1] = $0; next } $1 in old { print old[$1]; delete old[$1]; next } { print }
      END { for (user in old) print old[user] }' "account.$rb_db" "/etc/$rb_db" | rb_replace "/etc/$rb_db"
  done
  for rb_db in group gshadow; do
    if [ ! -e "groups.$rb_db" ] || [ ! -r "/etc/$rb_db" ]; then continue; fi
    cut -d ' ' -f 1 homes >users
    awk -F: -v OFS=: -v groups="groups.$rb_db" '
      FILENAME == "users" { user[$1] = 1; next }
      FILENAME == groups { split($0, pair, " "); old[pair[2]] = old[pair[2]] " " pair[1]; next }
      {
        n = split($4, member, ","); list = ""; had = " "
        for (i = 1; i <= n; i++) {
          if (member[i] in user && index(old[$1] " ", " " member[i] " ") == 0) continue
          list = list (list == "" ? "" : ",") member[i]; had = had member[i] " "
        }
        n = split(old[$1], member, " ")
        for (i = 1; i <= n; i++) if (index(had, " " member[i] " ") == 0) list = list (list == "" ? "" : ",") member[i]
        $4 = list; print
      }' users "groups.$rb_db" "/etc/$rb_db" | rb_replace "/etc/$rb_db"
  done
}

rb_revert_units() {
  rb_ctl daemon-reload
  rb_units >units.now
  while read -r rb_unit rb_active rb_enabled; do
    rb_now=$(awk -v id="$rb_unit" '$1 == id { print $2, $3 }' units.now)
    rb_now_active=\${rb_now% *}
    rb_now_enabled=\${rb_now#* }
    # An alias that is a link already makes a unit look enabled.
    if [ "$rb_now_enabled" = enabled ] && [ "$rb_enabled" = enabled ] && grep -q '^/etc/systemd/' changed; then
      rb_ctl enable -- "$rb_unit"
    fi
    if [ "$rb_now_enabled" != "$rb_enabled" ]; then
      rb_changed "$rb_unit" "$rb_now_enabled, was $rb_enabled:"
      case $rb_now_enabled in masked*) rb_ctl unmask -- "$rb_unit"; rb_ctl unmask --runtime -- "$rb_unit" ;; esac
      case $rb_enabled in
        enabled) rb_ctl enable -- "$rb_unit" ;;
        masked) rb_ctl mask -- "$rb_unit" ;;
        disabled | indirect | -) case $rb_now_enabled in enabled*) rb_ctl disable -- "$rb_unit" ;; esac ;;
      esac
    fi
    case "$rb_active $rb_now_active" in
      'active active' | 'active activating' | 'active reloading') ;;
      active\\ *)
        rb_changed "$rb_unit" started
        rb_ctl reset-failed -- "$rb_unit"
        rb_ctl start -- "$rb_unit" ;;
      *\\ active | *\\ activating | *\\ reloading)
        rb_changed "$rb_unit" stopped
        rb_ctl stop -- "$rb_unit" ;;
    esac
  done <units
}

rb_revert_sshd() {
  grep -Eq '^/etc/(ssh|default/ssh|systemd/system/sshd?\\.)' changed || return 0
  rb_sshd=$(command -v sshd || echo /usr/sbin/sshd)
  if ! "$rb_sshd" -t >>"$rb_run/guard.log" 2>&1; then
    rb_log 'sshd -t does not take the files as they were: sshd is left as it is'
    return
  fi
  if ! rb_systemd; then
    if rb_pid=$(cat /run/sshd.pid 2>/dev/null) && kill -HUP "$rb_pid" 2>/dev/null; then :; else "$rb_sshd"; fi
    return
  fi
  for rb_unit in ssh.socket sshd.socket; do
    if grep -q "^$rb_unit active" units; then
      # The socket does not take its port back from a service that has it.
      rb_ctl stop -- "\${rb_unit%.socket}.service"
      rb_ctl restart -- "$rb_unit"
      rb_log "restarted $rb_unit"
    fi
  done
  for rb_unit in ssh.service sshd.service; do
    if grep -q "^$rb_unit active" units && ! grep -q "^\${rb_unit%.service}.socket active" units; then
      rb_ctl reload -- "$rb_unit" || rb_ctl restart -- "$rb_unit"
      rb_log "reloaded $rb_unit"
    fi
  done
}

rb_ip() {
  rb_line="ip $*"
  if ip "$@" >/dev/null 2>&1; then rb_changed "$rb_line" 'ran'; fi
}

rb_revert_network() {
  rb_sysctl >sysctl.now
  rb_only sysctl sysctl.now | while IFS= read -r rb_line; do
    rb_path=\${rb_line%%:*}
    [ "$(grep -c "^$rb_path:" sysctl)" = 1 ] || continue
    { printf '%s\\n' "\${rb_line#*:}" >"$rb_path"; } 2>/dev/null && rb_changed "$rb_path" 'set back'
  done
  rb_has ip && [ -e links ] || return 0
  if [ -e changed ]; then
    ! grep -q '^/etc/systemd/network' changed || ! rb_has networkctl || timeout 30 networkctl reload >>"$rb_run/guard.log" 2>&1
    ! grep -q '^/etc/netplan' changed || ! rb_has netplan || timeout 60 netplan apply >>"$rb_run/guard.log" 2>&1
    ! grep -q '^/etc/NetworkManager' changed || ! rb_has nmcli || timeout 30 nmcli connection reload >>"$rb_run/guard.log" 2>&1
  fi
  rb_links >links.now
  rb_only links links.now | while read -r rb_dev; do rb_ip link set dev "$rb_dev" up; done
  rb_addresses >addresses.now
  rb_only addresses addresses.now | while read -r rb_dev rb_address rb_brd; do
    if [ -n "$rb_brd" ]; then rb_ip addr add "$rb_address" brd "$rb_brd" dev "$rb_dev"; else rb_ip addr add "$rb_address" dev "$rb_dev"; fi
  done
  # Words of iproute2's own output are its input; none holds a blank or a pattern.
  # shellcheck disable=SC2086
  for rb_ip in 4 6; do
    rb_rules "$rb_ip" >rules.now
    rb_only rules.now "rules.$rb_ip" | while IFS= read -r rb_line; do rb_ip "-$rb_ip" rule del $rb_line; done
    rb_only "rules.$rb_ip" rules.now | while IFS= read -r rb_line; do rb_ip "-$rb_ip" rule add $rb_line; done
    rb_routes "$rb_ip" >routes.now
    rb_only routes.now "routes.$rb_ip" | grep -v 'proto kernel' | while IFS= read -r rb_line; do rb_ip "-$rb_ip" route del $rb_line; done
    rb_only "routes.$rb_ip" routes.now | while IFS= read -r rb_line; do rb_ip "-$rb_ip" route add $rb_line; done
  done
}

# A table of iptables' own: nft(8) may not be able to read what it prints of it.
rb_by_iptables() {
  case $1 in ip) rb_tool=iptables ;; ip6) rb_tool=ip6tables ;; *) return 1 ;; esac
  [ -e "tables.$rb_tool" ] && grep -q "^\\*$2\\$" "tables.$rb_tool" "now.$rb_tool"
}

# firewalld has its rules in its memory too, and must not write them again with the next change.
rb_reload_firewalld() {
  if ! rb_has firewall-cmd || ! firewall-cmd -q --state 2>/dev/null; then return; fi
  if ! grep -q '^/etc/firewalld' changed; then
    rb_table='inet firewalld'
    [ -s "nft/$rb_table" ] || return
    ! nft -s list table inet firewalld 2>/dev/null | cmp -s - "nft/$rb_table" || return
  fi
  timeout 60 firewall-cmd -q --reload && rb_log 'reloaded firewalld'
}

rb_revert_firewall() {
  rb_reload_firewalld
  ! [ -s ipsets ] || ! rb_has ipset || { sed -n 's/^create \\([^ ]*\\) .*/flush \\1/p' ipsets; cat ipsets; } | ipset -exist restore
  for rb_tool in iptables ip6tables; do
    if rb_has "$rb_tool-save"; then rb_iptables "$rb_tool" >"now.$rb_tool"; [ -e "tables.$rb_tool" ] || : >"tables.$rb_tool"; fi
  done
  if rb_has nft; then
    rb_tables | while read -r rb_family rb_name; do
      [ -e "nft/$rb_family $rb_name" ] || rb_by_iptables "$rb_family" "$rb_name" || {
        nft delete table "$rb_family" "$rb_name" && rb_changed "$rb_family $rb_name" 'removed the nftables table'
      }
    done
    for rb_file in nft/*; do
      [ -s "$rb_file" ] || continue
      rb_table=\${rb_file#nft/}
      rb_by_iptables "\${rb_table% *}" "\${rb_table#* }" && continue
      nft -s list table "\${rb_table% *}" "\${rb_table#* }" 2>/dev/null | cmp -s - "$rb_file" && continue
      { printf 'add table %s\\ndelete table %s\\n' "$rb_table" "$rb_table"; cat "$rb_file"; } | nft -f - &&
        rb_changed "$rb_table" 'restored the nftables table'
    done
  fi
  for rb_tool in iptables ip6tables; do
    if [ ! -e "now.$rb_tool" ] || cmp -s "tables.$rb_tool" "now.$rb_tool"; then continue; fi
    # A table that was not there lets everything through again.
    { cat "tables.$rb_tool"
      awk 'NR == FNR { if (/^\\*/) old[$0] = 1; next }
        /^\\*/ { new = !($0 in old) }
        new && /^\\*/ { print } new && /^:/ && $2 != "-" { print $1, "ACCEPT [0:0]" } new && $0 == "COMMIT" { print }' \\
        "tables.$rb_tool" "now.$rb_tool"
    } | "$rb_tool-restore" && rb_changed "$rb_tool" 'restored the rules of'
  done
}

rb_revert() {
  rm -f changed
  : >changed
  printf '%s\\n' "$1" >"$rb_run/reverted"
  rb_log "$(date -u +%Y-%m-%dT%H:%M:%SZ) put back what lets people in: $1"
  # Each by itself: one that goes wrong leaves the others to be done.
  ( rb_revert_files )
  if rb_root; then
    ( rb_revert_accounts )
    ! [ -e units ] || ( rb_revert_units )
    ( rb_revert_sshd )
    ( rb_revert_network ) 2>>"$rb_run/guard.log"
    ( rb_revert_firewall ) 2>>"$rb_run/guard.log"
  fi
  rb_log "$(date -u +%Y-%m-%dT%H:%M:%SZ) done"
  printf '{"reverted":true,"at":%s000}\\n' "$(date +%s)" >>"$rb_run/journal"
  # Guards of runs before this one, which were killed: what they kept is older.
  while IFS= read -r rb_other; do
    [ ! -d "$rb_other" ] || printf '%s\\n' "$1" >"$rb_other/revert"
  done <others
  sync
  rb_clear
}

rb_clear() {
  if rb_root && rb_name=$(cat boot 2>/dev/null); then
    rm -f -- "/etc/systemd/system/$rb_name" "/etc/systemd/system/multi-user.target.wants/$rb_name"
    # Known to systemd where the play has made it read its units again.
    [ "$(systemctl show -p LoadState --value -- "$rb_name")" = not-found ] || rb_ctl daemon-reload
  fi
  cd / && rm -rf -- "$rb_guard"
}`;
