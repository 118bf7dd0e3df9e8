import { posix } from 'node:path';
import type { Change, ChangeOptions } from '../planning/contracts.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import type { UserValue } from './user.ts';

/** Makes one user so, with useradd(8), usermod(8), userdel(8), chpasswd(8) and chage(1). */
export function userProgram({ ref, before, after, options }: Change<UserValue>): Sh {
  if (after === null) {
    const remove = options.removeHome === true ? ['-r'] : [];
    return sh`userdel ${[...(options.force === true ? ['-f'] : []), ...remove, ref.id]}`;
  }
  return before === null ? create(after, options) : modify(before, after, options);
}

function create(user: UserValue, options: ChangeOptions): Sh {
  const withHome = user.homeExists === true;
  const words = [
    ...(user.uid === undefined ? [] : ['-u', String(user.uid), ...flag('-o', options.nonUnique)]),
    ...(user.groups === undefined || user.groups.length === 0 ? [] : ['-G', user.groups.join(',')]),
    ...valued('-c', user.comment),
    ...valued('-d', user.home),
    ...valued('-s', user.shell),
    ...flag('-r', options.system),
    ...valued('-Z', options.seuser),
    ...(withHome ? ['-m', ...valued('-k', options.skeleton)] : ['-M']),
    ...(withHome && options.umask !== undefined ? ['-K', `UMASK=${options.umask}`] : []),
    user.name,
  ];
  // useradd makes the home itself but not, in older versions, what is above it.
  const parent = withHome && user.home !== undefined ? [sh`mkdir -p -- ${posix.dirname(user.home)}`] : [];
  return join([...parent, useradd(user, words), ...secrets(null, user), ...ageing(null, user)], ' && ');
}

/** A group of the user's own name is made with the user, unless it is there. */
function useradd(user: UserValue, words: readonly string[]): Sh {
  if (user.group === undefined) return sh`useradd ${words}`;
  if (user.group !== user.name) return sh`useradd -g ${user.group} ${words}`;
  return sh`if getent group -- ${user.group} >/dev/null; then useradd -g ${user.group} ${words}; else useradd -U ${words}; fi`;
}

function modify(from: UserValue, to: UserValue, options: ChangeOptions): Sh {
  const changed = <K extends keyof UserValue>(key: K) => (to[key] !== from[key] ? to[key] : undefined);
  const home = changed('home');
  const uid = changed('uid');
  const words = [
    ...(uid === undefined ? [] : ['-u', String(uid), ...flag('-o', options.nonUnique)]),
    ...valued('-g', changed('group')),
    ...membership(from.groups, to.groups),
    ...valued('-c', changed('comment')),
    ...(home === undefined ? [] : ['-d', home, ...flag('-m', options.moveHome)]),
    ...valued('-s', changed('shell')),
  ];
  const steps = words.length > 0 ? [sh`usermod ${words} ${to.name}`] : [];
  if (to.homeExists === true && (from.homeExists !== true || home !== undefined)) steps.push(makeHome(to, options));
  if (to.homeExists === false && from.homeExists === true) steps.push(unmakeHome(from, options));
  const all = [...steps, ...secrets(from, to), ...ageing(from, to)];
  return all.length > 0 ? join(all, ' && ') : sh`:`;
}

/** Memberships are added one by one, so that one which came in since is not lost; the list is replaced only to remove. */
function membership(from: readonly string[] | undefined, to: readonly string[] | undefined): readonly string[] {
  if (to === undefined) return [];
  const known = from ?? [];
  const added = to.filter((name) => !known.includes(name));
  if (known.some((name) => !to.includes(name))) return ['-G', to.join(',')];
  return added.length > 0 ? ['-a', '-G', added.join(',')] : [];
}

/** The hash goes to chpasswd(8) on its standard input: it stands in no argument list. */
function secrets(from: UserValue | null, to: UserValue): readonly Sh[] {
  if (to.password !== undefined && to.password !== from?.password) {
    const line = `${to.name}:${to.locked === true ? '!' : ''}${to.password}`;
    return [sh`printf '%s\n' ${line} | chpasswd -e`];
  }
  if (from === null || to.locked === undefined || to.locked === from.locked) return [];
  return [to.locked ? sh`usermod -L ${to.name}` : sh`usermod -U ${to.name}`];
}

const AGEING = { expires: '-E', minDays: '-m', maxDays: '-M', warnDays: '-W', inactiveDays: '-I' } as const;

function ageing(from: UserValue | null, to: UserValue): readonly Sh[] {
  const words = (Object.keys(AGEING) as (keyof typeof AGEING)[]).flatMap((key) => {
    const wanted = to[key];
    // chage(1): -1 takes a limit away.
    return wanted === undefined || wanted === from?.[key] ? [] : [AGEING[key], String(wanted ?? -1)];
  });
  return words.length > 0 ? [sh`chage ${words} ${to.name}`] : [];
}

/** A missing home of a user who exists: what useradd -m would have made. */
function makeHome(user: UserValue, options: ChangeOptions): Sh {
  const home = user.home ?? '';
  const skeleton = skeletonOf(options);
  return sh`if [ ! -e ${home} ]; then
  mkdir -p -- ${posix.dirname(home)} &&
  mkdir -m 700 -- ${home} &&
  { [ ! -d ${skeleton} ] || cp -a -- ${`${skeleton}/.`} ${home}; } &&
  chown -hR -- ${`${user.name}:`} ${home} &&
  chmod -- "$(${homeMode(options.umask)})" ${home}
fi`;
}

/** The undo of a home that was made: what came from the skeleton goes, and anything else keeps the home and fails. */
function unmakeHome(user: UserValue, options: ChangeOptions): Sh {
  const home = user.home ?? '';
  const remove = sh`cmp -s -- "$1" "$0/$1" && rm -f -- "$0/$1"`;
  return sh`if [ -d ${home} ]; then
  { [ ! -d ${skeletonOf(options)} ] || (cd -- ${skeletonOf(options)} && find . -type f -exec sh -c ${remove.text} ${home} {} ';'); } &&
  find ${home} -depth -type d -exec rmdir -- {} ';' &&
  if [ -e ${home} ]; then echo ${`${home} is not empty: it stays`} >&2; exit 1; fi
fi`;
}

function skeletonOf(options: ChangeOptions): string {
  return typeof options.skeleton === 'string' ? options.skeleton : '/etc/skel';
}

/** Prints the mode of a new home: HOME_MODE, or what UMASK leaves (login.defs(5)). */
function homeMode(umask: ChangeOptions[string]): Sh {
  if (typeof umask === 'string') return sh`printf '%o' ${0o777 & ~Number.parseInt(umask, 8)}`;
  return sh`awk '$1 == "HOME_MODE" { mode = $2 } $1 == "UMASK" { mask = $2 } END {
  if (mode == "") {
    if (mask !~ /^[0-7]+$/) mask = "022"
    mask = substr("000" mask, length(mask) + 1)
    for (i = 1; i <= 3; i++) {
      digit = substr(mask, i, 1)
      mode = mode (7 - digit)
    }
  }
  print mode
}' /etc/login.defs`;
}

function flag(name: string, wanted: unknown): readonly string[] {
  return wanted === true ? [name] : [];
}

function valued(name: string, value: unknown): readonly string[] {
  return typeof value === 'string' ? [name, value] : [];
}
