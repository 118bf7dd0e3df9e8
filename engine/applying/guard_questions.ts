import { type Sh, sh } from '../transport/sh.ts';
import { GUARD_PROGRAM } from './guard_program.ts';
import { STORE } from './store.ts';

/** Exit status of the questions about a guard that is not armed any more: the host has put itself back. */
export const GONE = 3;

/**
 * Keeps what lets these users in, and starts the watcher: as a transient unit where systemd runs, else as a process of
 * its own. A second unit starts it again after a reboot. Needs an entered shell; where it is armed already it does
 * nothing more.
 */
export function armGuard(run: string, users: readonly string[], timeoutS: number): Sh {
  const unit = `runbook-guard-${run}`;
  const watch = sh`/bin/sh "$rb_guard/program" watch ${timeoutS}`;
  return sh`rb_guard=\${rb_run:?}/guard
rb_units=/etc/systemd/system
rb_fail() {
  echo "$1" >&2
  rm -rf -- "$rb_guard"
  rm -f -- "$rb_units/"${`${unit}-boot.service`} "$rb_units/multi-user.target.wants/"${`${unit}-boot.service`} 2>/dev/null
  exit 73
}
rb_detach() { setsid ${watch} </dev/null >/dev/null 2>&1 & }
# The lock is ours: whoever armed these is dead.
rb_others() { for rb_one in "$rb_home"/runs/*/guard; do [ ! -d "$rb_one" ] || [ "$rb_one" = "$rb_guard" ] || printf '%s\\n' "$rb_one"; done; }
[ ! -e "$rb_guard/armed" ] || exit 0
rm -rf -- "$rb_guard"
( umask 077; mkdir -- "$rb_guard" && rb_others >"$rb_guard/others" && printf '%s\\n' ${GUARD_PROGRAM.text} >"$rb_guard/program" ) || rb_fail 'there is no room for it'
/bin/sh "$rb_guard/program" save ${users} || rb_fail 'what lets people in could not be kept'
sync -f "$rb_guard" 2>/dev/null || sync
if [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ]; then
  echo ${`${unit}-boot.service`} >"$rb_guard/boot"
  {
    printf '[Unit]\\nDescription=Access guard of runbook\\nRequiresMountsFor=%s\\n' "$rb_guard" &&
      printf '[Service]\\nExecStart=/bin/sh %s/program watch %s\\n' "$rb_guard" ${timeoutS}
  } 2>/dev/null >"$rb_units/"${`${unit}-boot.service`} &&
    ln -sf ${`../${unit}-boot.service`} "$rb_units/multi-user.target.wants/" 2>/dev/null
  echo ${unit}"-$$" >"$rb_guard/unit"
  systemd-run --quiet --collect -p Restart=on-failure -p OOMScoreAdjust=-900 --unit=${unit}"-$$" -- ${watch} >/dev/null 2>&1 || rb_detach
else
  rb_detach
fi
rb_n=0
until [ -e "$rb_guard/lock" ]; do
  rb_n=$((rb_n + 1))
  [ "$rb_n" -lt 100 ] || rb_fail 'its watcher does not start'
  sleep 0.05
done
: >"$rb_guard/armed"`;
}

/** The controller is there. Guards that killed runs had left wait with this one. */
export function beatGuard(run: string, now: number): Sh {
  return sh`${STORE}
rb_guard=$rb_home/runs/${run}/guard
if [ ! -d "$rb_guard" ] || [ -L "$rb_guard/claim" ]; then exit ${GONE}; fi
printf '%s\\n' ${String(now)} >"$rb_guard/beat"
while IFS= read -r rb_one; do
  [ ! -d "$rb_one" ] || printf '%s\\n' ${String(now)} >"$rb_one/beat"
done <"$rb_guard/others"`;
}

/** Ends it, and those that killed runs had left: to be asked on a login that proves that all is well. */
export function disarmGuard(run: string): Sh {
  return sh`${STORE}
rb_run=$rb_home/runs/${run}
rb_claim() { ln -s disarm "$1/claim" 2>/dev/null; [ "$(readlink "$1/claim")" = disarm ]; }
rb_end() {
  rb_unit=$(cat "$1/unit" 2>/dev/null) && systemctl stop "$rb_unit" >/dev/null 2>&1
  /bin/sh "$1/program" clear
}
[ ! -e "$rb_run/reverted" ] || exit ${GONE}
[ -d "$rb_run/guard" ] || exit 0
rb_claim "$rb_run/guard" || exit ${GONE}
while IFS= read -r rb_one; do
  if [ -d "$rb_one" ] && rb_claim "$rb_one"; then rb_end "$rb_one"; fi
done <"$rb_run/guard/others"
rb_end "$rb_run/guard"`;
}

/** Tells it to put the host back at once. Part `ports`: where sshd is told to listen, as far as this user may know. */
export function revertGuard(run: string, reason: string): Sh {
  return sh`${STORE}
rb_guard=$rb_home/runs/${run}/guard
rb_part ports
$(command -v sshd || echo /usr/sbin/sshd) -T 2>/dev/null | sed -n 's/^port //p'
[ ! -d "$rb_guard" ] || { printf '%s\\n' ${reason} >"$rb_guard/reason" && mv -- "$rb_guard/reason" "$rb_guard/revert"; }`;
}

/** What came of it. Prints `armed`, `reverted` or `gone`; parts `reason` and `log`. */
export function readGuard(run: string): Sh {
  return sh`${STORE}
rb_run=$rb_home/runs/${run}
if [ -d "$rb_run/guard" ]; then echo armed; elif [ -e "$rb_run/reverted" ]; then echo reverted; else echo gone; fi
rb_part reason
cat -- "$rb_run/reverted" 2>/dev/null
rb_part log
tail -n 200 -- "$rb_run/guard.log" 2>/dev/null`;
}
