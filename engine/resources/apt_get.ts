import { type Sh, sh } from '../transport/sh.ts';

/** How apt-get is run, beside its own words. */
export interface AptRun {
  /** Seconds to wait for whoever holds dpkg's lock (apt 1.9.11 and later). */
  readonly lockTimeout: number;
  /** What policy-rc.d answers while packages are installed: 101 keeps services from being started. */
  readonly policyRcD?: number | undefined;
  /** apt may do this and nothing more; else it is not run at all. */
  readonly allowed?: Allowance | undefined;
}

export interface Allowance {
  /** `Inst NAME VERSION`, `Remv NAME`, `Purg NAME`: what apt-get(8) prints with -s, cut short. */
  readonly lines: readonly string[];
  /** Installing and upgrading more is fine; removing more is not. */
  readonly anyInstall: boolean;
}

/**
 * Maintainer scripts find no terminal and ask nothing; needrestart (Ubuntu) only lists what it would restart.
 * The locale is what Ansible gives apt: postgresql and others take their encoding from it.
 */
const ENVIRONMENT = sh`# shellcheck disable=SC2030,SC2031 # for this one apt-get only
export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical
# shellcheck disable=SC2030,SC2031
export APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=l LC_ALL=C.UTF-8 LANG=C.UTF-8`;

/** Runs apt-get with these words as dpkg's only user. Ends with apt-get's status. */
export function aptGet(words: readonly string[], run: AptRun): Sh {
  const options = ['-o', `DPkg::Lock::Timeout=${run.lockTimeout}`, '-o', 'Dpkg::Use-Pty=0'];
  const get = sh`apt-get -q -y ${options} ${words} </dev/null || {
  rb_status=$?
${holder(run.lockTimeout)}
  exit "$rb_status"
}`;
  const guarded = run.allowed === undefined ? get : sh`${refusal(words, run.allowed)}\n${get}`;
  return unattended(guarded, run.policyRcD);
}

/** Finishes what a dpkg that was cut off had begun (dpkg(1), --configure -a). `options`: words for dpkg. */
export function finishDpkg(options: readonly string[], policyRcD: AptRun['policyRcD']): Sh {
  return unattended(sh`dpkg ${options} --configure -a </dev/null`, policyRcD);
}

function unattended(program: Sh, policyRcD: AptRun['policyRcD']): Sh {
  return sh`(
${ENVIRONMENT}
${policyRcD === undefined ? program : sh`${policy(policyRcD)}\n${program}`}
)`;
}

/** After a failure: who holds a lock that apt-get wanted. Once it has waited, apt-get does not say it itself. */
function holder(waited: number): Sh {
  return sh`  for rb_lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/cache/apt/archives/lock; do
    rb_inode=$(stat -c %i "$rb_lock" 2>/dev/null) || continue
    rb_pid=$(sed -n "s/.* WRITE \\([0-9]*\\) [^ ]*:$rb_inode .*/\\1/p" /proc/locks | sed 1q)
    if [ -n "$rb_pid" ]; then
      printf '%s is held by process %s (%s), after a wait of %s s\\n' \\
        "$rb_lock" "$rb_pid" "$(cat "/proc/$rb_pid/comm" 2>/dev/null)" ${waited} >&2
      break
    fi
  done`;
}

/** Lines of `apt-get -s`, cut to what tells whether apt would do as planned. */
const CUT = [
  's/^Inst \\([^ ]*\\) \\[[^]]*] (\\([^ ]*\\).*/Inst \\1 \\2/p',
  's/^Inst \\([^ ]*\\) (\\([^ ]*\\).*/Inst \\1 \\2/p',
  's/^\\(Remv [^ ]*\\).*/\\1/p',
  's/^\\(Purg [^ ]*\\).*/\\1/p',
];

function refusal(words: readonly string[], { lines, anyInstall }: Allowance): Sh {
  const cut = (anyInstall ? CUT.slice(2) : CUT).flatMap((script) => ['-e', script]);
  return sh`rb_more=$(apt-get -s -q -y -o Debug::NoLocking=1 ${words} 2>/dev/null |
  sed -n ${cut} | grep -vxF -e ${[...new Set(lines)].join('\n')})
if [ -n "$rb_more" ]; then
  printf 'apt would do what was not planned:\\n%s\\nnothing was done; plan again to see it whole\\n' "$rb_more" >&2
  exit 1
fi`;
}

const POLICY = '/usr/sbin/policy-rc.d';
const MARK = '# written by runbook for the time of one apt-get';

/** Puts policy-rc.d in place and takes it away again however the subshell ends; one that was there comes back. */
function policy(status: number): Sh {
  return sh`# shellcheck disable=SC2317 # a trap calls it
rb_restore() {
  if [ -e ${`${POLICY}.runbook`} ]; then mv -f ${`${POLICY}.runbook`} ${POLICY}; else rm -f ${POLICY}; fi
}
if [ -e ${POLICY} ] && ! grep -qxF ${MARK} ${POLICY}; then
  mv -f ${POLICY} ${`${POLICY}.runbook`} || exit 1
fi
trap rb_restore EXIT
trap 'exit 130' HUP INT TERM
printf '#!/bin/sh\\n%s\\nexit %s\\n' ${MARK} ${status} >${POLICY} && chmod 755 ${POLICY} || exit 1`;
}

/** Renews the package lists. Ansible's `update_cache_retries` and `update_cache_retry_max_delay` (seconds). */
export function aptUpdate(retries: number, maxDelay: number, lockTimeout: number): Sh {
  return sh`rb_update() {
  rb_try=1
  rb_delay=1
  rb_waited=0
  while :; do
    # Without Error-Mode apt-get calls it a success when some of the lists could not be fetched.
    if rb_said=$(apt-get -q -o APT::Update::Error-Mode=any update 2>&1 </dev/null); then return 0; fi
    case $rb_said in
      *'Permission denied'*) return 1 ;;
      *'Could not get lock'* | *'Unable to lock'*)
        # DPkg::Lock::Timeout does not wait for the lock on the lists.
        if [ "$rb_waited" -ge ${lockTimeout} ]; then return 1; fi
        rb_waited=$((rb_waited + 1))
        sleep 1 ;;
      *)
        if [ "$rb_try" -ge ${retries} ]; then return 1; fi
        rb_try=$((rb_try + 1))
        sleep "$rb_delay"
        rb_delay=$((rb_delay * 2))
        if [ "$rb_delay" -gt ${maxDelay} ]; then rb_delay=${maxDelay}; fi ;;
    esac
  done
}
if rb_update; then
  printf '%s\\n' "$rb_said"
  # Their age is the directory's; apt leaves it alone where nothing was new.
  touch -c /var/lib/apt/lists
else
  printf '%s\\n' "$rb_said" >&2
  exit 100
fi`;
}
