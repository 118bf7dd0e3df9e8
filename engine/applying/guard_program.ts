import { type Sh, sh } from '../transport/sh.ts';
import { KEEP } from './guard_keep.ts';
import { REVERT } from './guard_revert.ts';

/**
 * The program that stands in a guard's directory on the host. `save USER...` keeps there what lets these users in
 * (root's: also the network, the firewall and the units concerned); `watch SECONDS` puts all of it back when nobody
 * has beaten for so long, or is told to.
 *
 *     homes, modes, files/, account.*, groups.*, units, sysctl, links, addresses, routes.*, rules.*, nft/, tables.*, ipsets
 *     others    guards of runs before this one that were killed: they wait with this one
 *     beat      changes as long as the controller is there
 *     revert    there: put it back now, for the reason in it
 *     claim     a link to `revert` or `disarm`, whichever came first (ln(1) is atomic)
 *
 * Beside it, in the run's directory: `reverted` holds the reason once it is being put back, `guard.log` what was done.
 * The directory itself goes last. A killed watcher that is started again (by the boot unit) goes on where it was.
 */
export const GUARD_PROGRAM: Sh = sh`${KEEP}

${REVERT}

rb_watch() {
  exec 8>>lock
  ! rb_has flock || flock -n 8 || exit 0
  rb_last=
  rb_quiet=0
  rb_reason="nothing was heard of the controller for $1 s"
  while [ "$rb_quiet" -lt "$1" ] && [ ! -L claim ]; do
    [ -d "$rb_guard" ] || exit 0
    if [ -e revert ]; then
      rb_reason=$(cat revert)
      break
    fi
    rb_beat=
    [ ! -r beat ] || read -r rb_beat <beat
    if [ "$rb_beat" = "$rb_last" ]; then rb_quiet=$((rb_quiet + 1)); else rb_quiet=0; fi
    rb_last=$rb_beat
    sleep 1
  done
  ln -s revert claim 2>/dev/null
  case $(readlink claim) in
    revert) rb_revert "$rb_reason" 8>&- ;;
    disarm) rb_clear ;;
  esac
}

rb_main() {
  case $1 in
    save) shift; rb_save "$@" ;;
    watch) rb_watch "$2" ;;
    clear) rb_clear ;;
  esac
  exit
}
rb_main "$@"`;
