import type { ChangeOptions, Ref, View } from '../../engine/planning/contracts.ts';
import { type AccountDefaults, accountDefaults } from '../../engine/resources/account_defaults.ts';
import { group as groupRef } from '../../engine/resources/group.ts';
import { type UserAspect, type UserValue, user as userRef } from '../../engine/resources/user.ts';
import type { UserParams } from './user_parameters.ts';

/** The user the task speaks of, with as much of the shadow line as the task needs: all of one who is to come back. */
export function refOf(params: UserParams): Ref<UserValue> {
  const aspects: UserAspect[] = [];
  if (params.local) aspects.push('local');
  if (params.state === 'absent') aspects.push('password', 'ageing');
  if (params.state === 'present') {
    // The password itself may not be known yet: that one is given is enough to look.
    const setsPassword = 'password' in params && params.update_password === 'always';
    if (setsPassword || typeof params.password_lock === 'boolean') aspects.push('password');
    if (AGEING.some(([name]) => typeof params[name] === 'number')) aspects.push('ageing');
  }
  return userRef(params.name, ...aspects);
}

const AGEING = [
  ['expires', 'expires'],
  ['password_expire_min', 'minDays'],
  ['password_expire_max', 'maxDays'],
  ['password_expire_warn', 'warnDays'],
  ['password_expire_account_disable', 'inactiveDays'],
] as const;

/** Names of the supplementary groups as given; `undefined` where none were. */
export function groupsGiven(params: UserParams): readonly string[] | undefined {
  return params.groups?.map((name) => name.trim()).filter((name) => name !== '');
}

/** What a user who is not there yet will be. */
export function newUser(params: UserParams, view: View): UserValue {
  const defaults = view.get(accountDefaults()) ?? { group: '100', home: '/home', shell: '/bin/sh', userGroups: true };
  const { name } = params;
  // useradd makes a group of the user's name, unless there is one that belongs to somebody else (-N, as Ansible).
  const ownGroup = defaults.userGroups && view.get(groupRef(name)) === null;
  return {
    name,
    ...defined('uid', params.uid),
    ...(given(params.group) ? primaryGroup(view, params.group) : { group: ownGroup ? name : defaults.group }),
    groups: memberships(params, view, []),
    comment: params.comment ?? '',
    home: params.home ?? defaultHome(defaults, name),
    ...(params.create_home && { homeExists: true }),
    shell: params.shell ?? defaults.shell,
    ...passwordOf(params, null),
    ...ageingOf(params),
  };
}

export function defaultHome(defaults: AccountDefaults, name: string): string {
  return `${defaults.home.replace(/\/+$/, '')}/${name}`;
}

/** What a user who is there shall be: what the task says, and the rest as it is. */
export function changedUser(params: UserParams, view: View, before: UserValue): UserValue {
  // The number of a new primary group is its own, and unknown while the group is still to be made.
  const { homeExists, gid, ...rest } = before;
  const home = params.home ?? before.home;
  const kept = home === before.home && homeExists !== undefined ? { homeExists } : {};
  return {
    ...rest,
    ...defined('uid', params.uid),
    ...(given(params.group) ? primaryGroup(view, params.group) : defined('gid', gid)),
    ...(before.groups && { groups: memberships(params, view, before.groups) }),
    ...defined('comment', params.comment),
    ...defined('home', home),
    ...(params.create_home ? { homeExists: true } : kept),
    ...defined('shell', params.shell),
    ...passwordOf(params, before),
    ...ageingOf(params),
  };
}

function primaryGroup(view: View, name: string): Pick<UserValue, 'group' | 'gid'> {
  const found = view.get(groupRef(name));
  return { group: found?.name ?? name, ...(found?.gid !== undefined && { gid: found.gid }) };
}

function groupName(view: View, name: string): string {
  return view.get(groupRef(name))?.name ?? name;
}

function memberships(params: UserParams, view: View, current: readonly string[]): readonly string[] {
  const wanted = groupsGiven(params)?.map((name) => groupName(view, name));
  if (wanted === undefined) return current;
  return [...new Set([...(params.append ? current : []), ...wanted])].sort();
}

/**
 * Ansible's rules: hashes are compared without the `!` that locks; a new hash is locked if it says so itself or
 * `password_lock` does; a lock alone leaves the hash.
 */
function passwordOf(params: UserParams, before: UserValue | null): Pick<UserValue, 'password' | 'locked'> {
  const { password_lock: lock } = params;
  if (given(params.password) && (before === null || params.update_password === 'always')) {
    const password = params.password.replace(/^!+/, '');
    if (password !== before?.password) return { password, locked: lock === true || params.password.startsWith('!') };
  }
  if (before === null) return lock === true ? { locked: true } : {};
  // usermod -U refuses to open an account without a password.
  if (typeof lock !== 'boolean' || (!lock && before.password === '')) return {};
  return { locked: lock };
}

function ageingOf(params: UserParams): Partial<UserValue> {
  const wanted: Record<string, number | null> = {};
  for (const [name, key] of AGEING) {
    const value = params[name];
    if (typeof value !== 'number') continue;
    if (value < 0) wanted[key] = null;
    else wanted[key] = name === 'expires' ? Math.floor(value / 86_400) : value;
  }
  return wanted;
}

export function optionsOf(params: UserParams): ChangeOptions {
  return {
    nonUnique: params.non_unique,
    system: params.system,
    moveHome: params.move_home,
    skeleton: params.skeleton ?? undefined,
    umask: params.umask ?? undefined,
    seuser: params.seuser ?? undefined,
  };
}

function given<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

function defined<K extends string, T>(key: K, value: T | null | undefined): { readonly [name in K]?: T } {
  return given(value) ? ({ [key]: value } as { readonly [name in K]?: T }) : {};
}
