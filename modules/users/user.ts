import { Unknown, type ValueMap } from '../../engine/language/values.ts';
import { defineModule, type Ref, set, type View, type Wish } from '../../engine/planning/contracts.ts';
import { accountDefaults } from '../../engine/resources/account_defaults.ts';
import { group as groupRef } from '../../engine/resources/group.ts';
import { type UserValue, user as userRef } from '../../engine/resources/user.ts';
import { accountNameProblem } from './account_name.ts';
import { looksHashed } from './password_hash.ts';
import { looksAtKey, sshKeyWish } from './ssh_key.ts';
import { type UserParams, userSchema } from './user_parameters.ts';
import { changedUser, defaultHome, groupsGiven, newUser, optionsOf, refOf } from './user_wish.ts';

export const user = defineModule<UserParams>({
  name: 'user',
  collection: 'ansible.builtin',
  summary: 'Manages a user account',
  description: [
    'Uses useradd(8), usermod(8), userdel(8), chpasswd(8) and chage(1). Users of a directory service are seen but never made twice.',
    'A password is a crypt(3) hash, such as `{{ secret | password_hash("sha512", salt) }}`. It is never shown, and stands in no argument list.',
  ],
  schema: userSchema,
  examples: `- name: User who deploys
  user:
    name: deploy
    group: ops
    groups: [adm]
    append: true
    shell: /bin/bash

- name: User who has left
  user:
    name: former
    state: absent
    remove: true
`,
  returns: {
    name: 'Name of the user.',
    state: '`present` or `absent`.',
    uid: 'Number of the user.',
    group: 'Number of the primary group.',
    groups: 'The `groups` asked for, joined with commas.',
    comment: 'Full name or description.',
    home: 'Home directory.',
    shell: 'Login shell.',
    ssh_key_file: 'Path of the key, with `generate_ssh_key`.',
    ssh_public_key: 'The public key, with `generate_ssh_key`.',
  },
  looksAt: (params, view) => {
    if (accountNameProblem(params.name) !== undefined) return [];
    const own = refOf(params);
    if (params.state === 'absent') return [own];
    const refs: Ref[] = [own, ...groupsNamed(params).map((name) => groupRef(name))];
    if (typeof params.uid === 'number') refs.push(userRef(String(params.uid)));
    if (view.peek(own) === null) refs.push(accountDefaults(), groupRef(params.name));
    const home = params.generate_ssh_key ? homeOf(params, view) : undefined;
    return home === undefined ? refs : [...refs, ...looksAtKey(params, home)];
  },
  wants: (params, view) => {
    const problem = accountNameProblem(params.name);
    if (problem !== undefined) return failed(problem, 'name');
    const before = view.get(refOf(params));
    return params.state === 'absent' ? absent(params, before) : present(params, view, before);
  },
});

function failed(message: string, parameter: keyof UserParams): Wish {
  return { steps: [], failed: { message, parameter: [parameter] } };
}

/** Where the user lives or will live, as soon as that can be told. */
function homeOf(params: UserParams, view: View): string | undefined {
  if (typeof params.home === 'string') return params.home;
  const before = view.peek(refOf(params));
  if (before !== null) return before?.home;
  const defaults = view.peek(accountDefaults());
  return defaults ? defaultHome(defaults, params.name) : undefined;
}

/** Every group the task names, once. */
function groupsNamed(params: UserParams): readonly string[] {
  return [...new Set([...(params.group ? [params.group] : []), ...(groupsGiven(params) ?? [])])];
}

function absent(params: UserParams, before: UserValue | null): Wish {
  const result = { name: params.name, state: 'absent', force: params.force, remove: params.remove };
  if (before === null || (params.local && before.local === false)) return { steps: [], result };
  return { steps: [set(refOf(params), null, { removeHome: params.remove, force: params.force })], result };
}

function present(params: UserParams, view: View, before: UserValue | null): Wish {
  const problem = wrongWith(params, view, before);
  if (problem !== undefined) return problem;
  const wanted = before === null ? newUser(params, view) : changedUser(params, view, before);
  const wish = { steps: [set(refOf(params), wanted, optionsOf(params))], result: resultOf(params, wanted) };
  const warnings = warningsOf(params, before);
  if (!params.generate_ssh_key) return { ...wish, warnings };
  if (wanted.home === undefined) return failed(`${params.name} has no home directory for a key`, 'generate_ssh_key');
  const key = sshKeyWish(params, wanted.home, view, wish.result);
  return {
    steps: [...wish.steps, ...(key.action === undefined ? [] : [key.action])],
    result: key.result,
    warnings: [...warnings, ...key.warnings],
  };
}

/** What the tools would refuse half-way, told before anything is touched. */
function wrongWith(params: UserParams, view: View, before: UserValue | null): Wish | undefined {
  const { name } = params;
  if (params.local && before?.local === false) {
    return failed(
      `the user ${name} comes from a directory service: one in /etc/passwd cannot stand beside it`,
      'local',
    );
  }
  const missing = groupsNamed(params).find((one) => view.get(groupRef(one)) === null);
  if (missing !== undefined) {
    const parameter = missing === params.group ? 'group' : 'groups';
    return failed(`the group ${missing} does not exist; the module \`group\` makes one`, parameter);
  }
  if (typeof params.uid === 'number' && !params.non_unique) {
    const holder = view.get(userRef(String(params.uid)));
    if (holder !== null && holder.name !== name) {
      return failed(`uid ${params.uid} belongs to ${holder.name}; \`non_unique: true\` would allow both`, 'uid');
    }
  }
  for (const key of ['comment', 'home', 'shell'] as const) {
    if (/[:\n]/.test(params[key] ?? ''))
      return failed(`\`${key}\` cannot have a colon or a line break (passwd(5))`, key);
  }
  if (/[:\n]/.test(params.password ?? '')) {
    return failed('`password` cannot have a colon or a line break: it is a hash (shadow(5))', 'password');
  }
  return unreadableShadow(params, view, before);
}

function unreadableShadow(params: UserParams, view: View, before: UserValue | null): Wish | undefined {
  const { aspects } = refOf(params);
  const unread =
    (aspects.includes('password') && before?.password === undefined) ||
    (aspects.includes('ageing') && before?.expires === undefined);
  if (before === null || !unread) return undefined;
  const parameter = aspects.includes('password') ? 'password' : 'expires';
  return failed(
    `${view.user} cannot read /etc/shadow, which tells the password's state: use \`become: true\``,
    parameter,
  );
}

function warningsOf(params: UserParams, before: UserValue | null): readonly string[] {
  const warnings: string[] = [];
  if (params.append && groupsGiven(params) === undefined) warnings.push('`append` does nothing without `groups`');
  if (typeof params.password === 'string' && !looksHashed(params.password)) {
    warnings.push('`password` does not look like a hash: whoever knows this text cannot log in with it (crypt(3))');
  }
  if (params.password === '') warnings.push('`password` is empty: anybody can log in without one');
  if (params.password_lock === false && before?.password === '' && before.locked && !params.password) {
    warnings.push(`${params.name} has no password to unlock: give one with \`password\``);
  }
  return warnings;
}

function resultOf(params: UserParams, wanted: UserValue): ValueMap {
  const later = new Unknown(`the user ${params.name}`);
  return {
    name: params.name,
    state: 'present',
    uid: wanted.uid ?? later,
    group: wanted.gid ?? later,
    comment: wanted.comment ?? '',
    home: wanted.home ?? '',
    shell: wanted.shell ?? '',
    append: params.append,
    move_home: params.move_home,
    ...(params.groups && { groups: (groupsGiven(params) ?? []).join(',') }),
    ...(params.password && { password: 'NOT_LOGGING_PASSWORD' }),
  };
}
