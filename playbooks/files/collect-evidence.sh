#!/bin/sh
# What a host can tell of an intruder, before anything is changed there.
#
#   sh collect-evidence.sh access|all DIRECTORY [BYTES]
#
# access: who logged in, who asked for what, who is in the database ($PSQL: psql as a superuser).
# all: also processes, sockets, users, timers, modules, hashes of programs, and what differs from its package.
# Of each log the last BYTES. Packs everything into DIRECTORY/WHAT.tar.gz, and a page of what stands out into
# DIRECTORY/access-summary.txt. It changes nothing else; what fails is left out and said in errors.txt.
set -u
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 077
what=$1 directory=$2 bytes=${3:-5000000}
cd -- "$directory" || exit 1
work=$(mktemp -d "$directory/.collect-XXXXXX") || exit 1
trap 'rm -rf -- "$work"' EXIT
trap 'exit 1' HUP INT TERM
out=$work/$what
mkdir -- "$out" "$out/logs" || exit 1

# NAME COMMAND...: what it prints, in NAME.txt; no command hangs for long.
keep() {
  name=$1; shift
  command -v "$1" >/dev/null 2>&1 || { echo "$name: there is no $1" >>"$out/errors.txt"; return 0; }
  timeout 120 "$@" >"$out/$name.txt" 2>>"$out/errors.txt" </dev/null || echo "$name: status $?" >>"$out/errors.txt"
}
logs() {
  for log; do
    [ ! -f "$log" ] || tail -c "$bytes" -- "$log" >"$out/logs/$(printf %s "$log" | tr / _)" 2>>"$out/errors.txt"
  done
}
database() {
  [ -n "${PSQL-}" ] || return 0
  # shellcheck disable=SC2086 # a command and its arguments
  timeout 60 setsid -w $PSQL -X -q "$@" 2>>"$out/errors.txt" </dev/null
}

date -u '+%FT%TZ' >"$out/taken-at.txt"
keep logged-in w -i
keep logins last -Fwi -n 2000
keep failed-logins lastb -Fwi -n 2000
keep ssh journalctl --no-pager -q -o short-iso -t sshd -n 20000
keep sudo journalctl --no-pager -q -o short-iso -t sudo -t su -n 5000
logs /var/log/auth.log /var/log/auth.log.1 /var/log/nginx/access.log /var/log/nginx/access.log.1 /var/log/nginx/error.log
logs /var/log/postgresql/*.log
database -d postgres -c 'SELECT * FROM pg_stat_activity' >"$out/database-activity.txt"
database -d postgres -c 'SELECT rolname, rolsuper, rolcanlogin, rolvaliduntil FROM pg_roles' >"$out/database-roles.txt"

if [ "$what" = all ]; then
  keep processes ps -eo pid,ppid,user,lstart,etimes,stat,wchan:20,args -ww --forest
  keep sockets ss -anptu
  keep unix-sockets ss -anpx
  keep addresses ip addr
  keep routes ip route show table all
  keep neighbours ip neigh
  keep firewall nft list ruleset
  keep iptables iptables-save
  keep open-files lsof -nP
  keep modules cat /proc/modules
  keep mounts cat /proc/self/mountinfo
  keep units systemctl list-units --all --no-pager --plain
  keep unit-files systemctl list-unit-files --no-pager --plain
  keep timers systemctl list-timers --all --no-pager --plain
  keep containers docker ps -a --no-trunc
  keep images docker images --digests --no-trunc
  keep accounts cat /etc/passwd /etc/group
  keep sudoers sh -c 'cat /etc/sudoers /etc/sudoers.d/*'
  keep cron sh -c 'head -n 1000 /etc/crontab /etc/cron.*/* /var/spool/cron/crontabs/*'
  keep keys sh -c 'cut -d: -f6 /etc/passwd | sort -u | while read -r home; do head -n 100 "$home"/.ssh/authorized_keys*; done 2>/dev/null; :'
  keep preload sh -c 'cat /etc/ld.so.preload 2>/dev/null; :'
  keep shell-starts sh -c 'tail -n 50 /root/.*rc /root/.profile /home/*/.*rc /home/*/.profile /etc/profile /etc/profile.d/* 2>/dev/null; :'
  keep shell-histories sh -c 'tail -n 1000 /root/.*_history /home/*/.*_history 2>/dev/null; :'
  # What a running program is, also where its file is gone.
  keep running-programs sh -c 'for p in /proc/[0-9]*; do printf "%s %s " "${p#/proc/}" "$(readlink "$p/exe")"; sha256sum <"$p/exe" | cut -c1-64; done 2>/dev/null; :'
  keep programs sh -c 'find /bin /sbin /lib/systemd /usr/bin /usr/sbin /usr/local /usr/lib/systemd /tmp /var/tmp /dev/shm -xdev -type f \( -perm /111 -o -name "*.so*" \) -print0 2>/dev/null | xargs -0r sha256sum'
  keep set-id find / -xdev -type f -perm /6000 -printf '%m %u:%g %s %t %p\n'
  keep changed-last-week find /etc /usr /opt /root /home /var/www /tmp /var/tmp /dev/shm -xdev -type f -ctime -7 -printf '%CY-%Cm-%CdT%CT %m %u:%g %s %p\n'
  keep packages dpkg -l
  # Files that are not as their package has brought them; 5: the content.
  keep packages-changed sh -c 'dpkg --verify; [ $? -le 2 ]'
  keep kernel journalctl --no-pager -q -o short-iso -k -n 5000
  keep journal journalctl --no-pager -q -o short-iso -n 20000
  logs /var/log/syslog /var/log/dpkg.log /var/log/apt/history.log /var/log/audit/audit.log /var/log/fail2ban.log /var/log/ufw.log
fi

# A page for whoever has to decide.
{
  echo "taken at $(cat "$out/taken-at.txt")"
  echo; echo 'logins by key and password, by user and address:'
  sed -n 's/.*Accepted \([a-z/-]*\) for \([^ ]*\) from \([^ ]*\) .*/\1 \2 \3/p' "$out/ssh.txt" "$out"/logs/_var_log_auth.log* 2>/dev/null | sort | uniq -c | sort -rn | head -n 30
  echo; echo 'refused logins, by address:'
  sed -n 's/.*\(Failed password\|Invalid user\).* from \([^ ]*\) .*/\2/p' "$out/ssh.txt" 2>/dev/null | sort | uniq -c | sort -rn | head -n 20
  echo; echo 'requests that were not answered with 200, 301 or 304, by status and address:'
  cat "$out"/logs/_var_log_nginx_access.log* 2>/dev/null |
    awk '{ status = $9; if (status ~ /^[0-9]+$/ && status != 200 && status != 301 && status != 304) n[status " " $1]++ } END { for (k in n) print n[k], k }' |
    sort -rn | head -n 30
  if [ -n "${PSQL-}" ]; then
    echo; echo 'sessions of the database, by user and address:'
    database -d postgres -tAF ' ' -c "SELECT count(*), usename, coalesce(client_addr::text, 'local') FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY 2, 3 ORDER BY 1 DESC"
  fi
} | cut -c1-200 >"$out/summary.txt"

( cd -- "$work" && find "$what" -type f -exec sha256sum {} + >SHA256SUMS && mv SHA256SUMS "$what/" ) || exit 1
tar -C "$work" -czf "$work/packed" "$what" || exit 1
sync -- "$work/packed"
cp -- "$out/summary.txt" "$directory/access-summary.txt"
mv -f -- "$work/packed" "$directory/$what.tar.gz"
