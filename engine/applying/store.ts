import { fileContent, join, type Sh, sh } from '../transport/sh.ts';

/**
 * Where a host keeps what runs did to it: of root under /var/lib/runbook, of others in their home (XDG_STATE_HOME), or
 * where that is not theirs to write in, under /var/tmp.
 *
 *     lock                one run at a time (flock(2), so that no lock outlives its run)
 *     holder              who has it, a JSON object
 *     runs/ID/run.json    who ran what, a JSON object
 *     runs/ID/journal     what was about to be done and what came of it, a JSON object a line
 *     runs/ID/before/N    before-image of the change with that number
 *     runs/ID/unfinished  there until the run has come to its end
 *
 * All of it is its owner's alone: values and images hold secrets as the host itself does.
 */
export interface RunNote {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** User and machine that run it. */
  readonly by: string;
  readonly playbooks: readonly string[];
  /** The run that this one takes back. */
  readonly undoes?: string;
}

/** Finds the store of whoever runs it: `$rb_home`. */
export const STORE: Sh = sh`rb_home=/var/lib/runbook
rb_uid=$(id -u)
if [ "$rb_uid" != 0 ]; then
  rb_home=\${XDG_STATE_HOME:-"$HOME/.local/state"}/runbook
  # Such as www-data, whose home is not its own.
  if [ ! -w "$rb_home" ] && [ ! -w "$HOME" ]; then rb_home=/var/tmp/runbook-$rb_uid; fi
fi`;

/** All stores that there may be of whoever looks, as words for `for`: whose they are is to be checked. */
export const STORES: Sh = sh`/var/lib/runbook "\${XDG_STATE_HOME:-"\${HOME-}/.local/state"}"/runbook /var/tmp/runbook-*`;

/** Exit statuses of `enterStore`. */
export const LOCKED = 75; // EX_TEMPFAIL of sysexits.h
/** Another run had the lock and has let it go: what was seen before may have changed. */
export const WAITED = 76;

/**
 * Makes the shell the one that works for a run: takes the lock, waiting for it up to `lockTimeoutS` seconds, and
 * makes the run's directory. Runs in the shell itself, before anything that changes the host; once entered it does
 * nothing more. `sweeps` clear what earlier runs left half done.
 */
export function enterStore(run: RunNote, lockTimeoutS: number, sweeps: readonly Sh[]): Sh {
  const note = Buffer.from(`${JSON.stringify(run)}\n`);
  return sh`rb_enter() {
  ${STORE}
  ( umask 077; mkdir -p -- "$rb_home/runs" ) || return 73
  if [ ! -O "$rb_home" ] || [ -L "$rb_home" ]; then
    printf '%s\\n' "$rb_home belongs to somebody else" >&2
    return 73
  fi
  ( umask 077; chmod 700 -- "$rb_home" "$rb_home/runs" && : >>"$rb_home/lock" ) || return 73
  exec 9>>"$rb_home/lock"
  rb_waited=0
  if ! flock -n 9; then
    rb_waited=${WAITED}
    if ! flock -w ${lockTimeoutS} 9; then
      exec 9>&-
      rb_part holder; cat -- "$rb_home/holder"
      return ${LOCKED}
    fi
  fi
  ( umask 077; ${fileContent(note)} >"$rb_home/holder" ) || return 73
  rb_run=$rb_home/runs/${run.id}
  if [ ! -d "$rb_run" ]; then
    ( umask 077; mkdir -- "$rb_run" "$rb_run/before" && ${fileContent(note)} >"$rb_run/run.json" &&
      : >"$rb_run/journal" && : >"$rb_run/unfinished" ) || return 73
  fi
  ${join(sweeps)}
  return "$rb_waited"
}
# A shell's own printf says no more than "I/O error" where the disk is full; cat(1) says what it is.
rb_full() { printf '%4096s' '' | cat >"$rb_run/room"; rm -f -- "$rb_run/room"; }
if [ -n "\${rb_run-}" ]; then :; else rb_enter; fi`;
}

/**
 * A step with what the host's journal says of it: first that it is about to be done, flushed to disk, then the
 * images of what it changes, then the step, then its status. Not once the access guard has put the host back.
 */
export function noted(
  entry: { readonly n: number; readonly [key: string]: unknown },
  images: readonly Sh[],
  step: Sh,
): Sh {
  const keep = join(
    images.map((image) => sh`{ ${image}\n} || { echo 'what is there now could not be kept' >&2; exit 74; }`),
  );
  return sh`[ ! -e "\${rb_run:?}/reverted" ] || { echo 'the access guard has put the host back' >&2; exit 74; }
printf '%s\\n' ${JSON.stringify(entry)} >>"$rb_run/journal" && sync -- "$rb_run/journal" || { rb_full; exit 74; }
${keep}
(
${step}
)
rb_status=$?
printf '{"n":%s,"status":%s}\\n' ${entry.n} "$rb_status" >>"$rb_run/journal"
exit "$rb_status"`;
}

/** The file that keeps the before-image of a change. */
export function imageFile(n: number): Sh {
  return sh`"$rb_run/before/"${n}`;
}

/**
 * The run leaves this host; its lock goes with its shell. Of old runs the newest `keep` stay. `settled`: runs that have
 * come to their end, this one or earlier ones that it has completed.
 */
export function leaveStore(keep: number, settled: readonly string[]): Sh {
  return sh`${settleRuns(settled)}
rb_kept=0
for rb_old in $(cd "$rb_home/runs" && printf '%s\\n' * | sort -r); do
  rb_kept=$((rb_kept + 1))
  if [ "$rb_kept" -gt ${keep} ] && [ ! -e "$rb_home/runs/$rb_old/unfinished" ] && [ ! -e "$rb_home/runs/$rb_old/guard" ]; then
    rm -rf -- "$rb_home/runs/$rb_old"
  fi
done
rm -f -- "$rb_home/holder"`;
}

/** Marks runs as ended. */
export function settleRuns(settled: readonly string[]): Sh {
  return sh`${STORE}
rm -f -- ${join(
    settled.map((id) => sh`"$rb_home/runs/"${`${id}/unfinished`}`),
    ' ',
  )}`;
}
