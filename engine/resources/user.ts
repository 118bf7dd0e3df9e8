import type { Change, Diff, Ref, ResourceType, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { join, quote, type Sh, sh, tidy } from '../transport/sh.ts';
import { complaint, count, partLines } from './answer_text.ts';
import { type GroupLine, parseGroups } from './group.ts';
import { userProgram } from './user_program.ts';

/** What is missing is not known: not asked for, or the host chooses it when the user is made. */
export interface UserValue {
  readonly name: string;
  readonly uid?: number;
  /** Primary group: its name, or its number where the group has none. */
  readonly group?: string;
  readonly gid?: number;
  /** Groups that list the user as a member (group(5)), sorted. */
  readonly groups?: readonly string[];
  readonly comment?: string;
  readonly home?: string;
  readonly homeExists?: boolean;
  readonly shell?: string;
  /** Whether it stands in /etc/passwd and not only in a directory service. Aspect `local`. */
  readonly local?: boolean;
  /** The hash as in shadow(5), without the `!` of a locked one. A secret: never shown. Aspect `password`. */
  readonly password?: string;
  /** Aspect `password`. */
  readonly locked?: boolean;
  /** Days since 1970 after which the account is closed; null: never. Aspect `ageing`, as the rest. */
  readonly expires?: number | null;
  readonly minDays?: number | null;
  readonly maxDays?: number | null;
  readonly warnDays?: number | null;
  readonly inactiveDays?: number | null;
}

export type UserAspect = 'local' | 'password' | 'ageing';

/**
 * Options of a change: `nonUnique` (useradd -o), `system` (-r), `skeleton` (-k), `umask` (octal), `seuser` (-Z),
 * `moveHome` (usermod -m), `removeHome` (userdel -r), `force` (userdel -f).
 */
export const userType: ResourceType<UserValue> = {
  name: 'user',
  collect,
  parse,
  transition: (changes) => join(changes.map(userProgram), ' && '),
  describe,
  image: homeImage,
  affects,
  // Who logs in cannot be known here: any user may be the way in.
  access: () => true,
};

/** A home that goes with its user. */
function homeImage({ before, after, options }: Change<UserValue>, to: Sh): Sh | undefined {
  const goes = after === null && options.removeHome === true && before?.homeExists === true;
  return goes && before.home !== undefined ? sh`cp -a -- ${before.home} ${to}` : undefined;
}

/** A user by name, or by number where `name` is all digits (as getent(1) takes it). */
export function user(name: string, ...aspects: readonly UserAspect[]): Ref<UserValue> {
  return { type: userType, id: name, aspects };
}

function collect(refs: readonly Ref<UserValue>[]): Sh {
  const named = (aspects: readonly string[]) =>
    refs.filter((ref) => ref.aspects.some((a) => aspects.includes(a))).map((ref) => ref.id);
  const parts = [lookAtAll(refs.map((ref) => ref.id))];
  const local = named(['local']);
  if (local.length > 0) parts.push(sh`rb_part files\ngetent -s files passwd -- ${local} || :`);
  const shadow = named(['password', 'ageing']);
  if (shadow.length > 0) {
    parts.push(sh`if [ -r /etc/shadow ]; then rb_part shadow; getent shadow -- ${shadow} || :; fi`);
  }
  return tidy(join(parts));
}

/** Names that a shell knows the home of by itself (XCU 2.6.1, tilde expansion); one in quotes it does not. */
function isPlain(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) && quote(name) === name;
}

function lookAtAll(names: readonly string[]): Sh {
  const others = names.filter((name) => !isPlain(name));
  return sh`rb_part passwd
getent passwd -- ${names}
rb_status=$?
rb_part status
echo "$rb_status"
rb_part homes
rb_home() {
  case $2 in /*) if [ -e "$2" ]; then printf '%s\n' "$1"; fi ;; esac
}
${join(names.filter(isPlain).map((name) => sh`rb_home ${name} ~${name}`))}
${others.length > 0 ? homesOf(others) : sh`:`}
rb_part group
getent group || :`;
}

function homesOf(names: readonly string[]): Sh {
  return sh`rb_users=$(getent passwd -- ${names})
while IFS=: read -r rb_name _ _ _ _ rb_at _; do rb_home "$rb_name" "$rb_at"; done <<RB_USERS
$rb_users
RB_USERS`;
}

function parse(answer: Answer, refs: readonly Ref<UserValue>[]): readonly Seen[] {
  // getent(1): 0 all found, 2 one or more not found.
  const status = partLines(answer, 'status')[0];
  if (status !== '0' && status !== '2') return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const passwd = byName(partLines(answer, 'passwd'));
  const files = byName(partLines(answer, 'files'));
  const shadow = answer.parts.has('shadow') ? byName(partLines(answer, 'shadow')) : undefined;
  const homes = new Set(partLines(answer, 'homes'));
  const groups = parseGroups(partLines(answer, 'group'));
  return refs.map((ref) => {
    const line = passwd.get(ref.id) ?? (count(ref.id) === undefined ? undefined : byUid(passwd, ref.id));
    if (line === undefined) return { ref, value: null };
    return {
      ref,
      value: {
        ...accountOf(line, groups, homes),
        ...(ref.aspects.includes('local') && { local: files.has(line[0] as string) }),
        ...(shadow && shadowOf(shadow.get(ref.id) ?? ['', line[1] as string], ref.aspects)),
      },
    };
  });
}

/** Lines of passwd(5) or shadow(5) by their first field; what is no such line is left out. */
function byName(text: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const line of text) {
    const fields = line.split(':');
    const name = fields[0] as string;
    if (fields.length >= 7 && name !== '') found.set(name, fields);
  }
  return found;
}

function byUid(passwd: ReadonlyMap<string, readonly string[]>, uid: string): readonly string[] | undefined {
  return [...passwd.values()].find((fields) => fields[2] === uid);
}

function accountOf(fields: readonly string[], groups: readonly GroupLine[], homes: ReadonlySet<string>): UserValue {
  const [name = '', , uid, gid, comment = '', home = '', shell = ''] = fields;
  const uidNumber = count(uid);
  const gidNumber = count(gid);
  const primary = groups.find((g) => g.gid !== undefined && g.gid === gidNumber)?.name ?? gid;
  return {
    name,
    ...(uidNumber !== undefined && { uid: uidNumber }),
    ...(gidNumber !== undefined && { gid: gidNumber }),
    ...(primary !== undefined && { group: primary }),
    groups: [...new Set(groups.filter((g) => g.members.includes(name)).map((g) => g.name))].sort(),
    comment,
    home,
    homeExists: homes.has(name),
    shell,
  };
}

function shadowOf(fields: readonly string[], aspects: readonly string[]): Partial<UserValue> {
  const [, hash = '', , min, max, warn, inactive, expires] = fields;
  const days = (field: string | undefined) => count(field) ?? null;
  return {
    ...(aspects.includes('password') && { password: hash.replace(/^!+/, ''), locked: hash.startsWith('!') }),
    ...(aspects.includes('ageing') && {
      expires: days(expires),
      minDays: days(min),
      maxDays: days(max),
      warnDays: days(warn),
      inactiveDays: days(inactive),
    }),
  };
}

function describe({ ref, before, after, options }: Change<UserValue>): Diff {
  const old = shown(before, after === null);
  const now = shown(after, before === null);
  const told = Object.keys({ ...old, ...now }).filter((name) => after !== null || name !== 'home directory');
  const attributes = told.map((name) => ({ name, before: old[name], after: now[name] }));
  if (before === null && after?.uid === undefined) {
    attributes.unshift({ name: 'uid', before: undefined, after: nextFree(options.system) });
  }
  if (before?.homeExists === true && after === null) {
    const fate = options.removeHome === true ? 'removed with all that is in it' : 'stays';
    attributes.push({ name: 'home directory', before: 'there', after: fate });
  }
  const passwordSet = after?.password !== undefined && after.password !== before?.password;
  if (passwordSet && before !== null) attributes.push({ name: 'password', before: '(hidden)', after: '(hidden, new)' });
  if (passwordSet && before === null) attributes.push({ name: 'password', before: undefined, after: '(hidden)' });
  return {
    title: `user ${ref.id}`,
    action: before === null ? 'create' : after === null ? 'remove' : 'change',
    attributes: attributes.filter((a) => a.before !== a.after),
  };
}

function nextFree(system: unknown): string {
  return system === true ? 'next free system uid' : 'next free';
}

/** The attributes as a person reads them, by name, the password left out; of a user `alone`, no empty ones. */
function shown(value: UserValue | null, alone: boolean): Readonly<Record<string, string | undefined>> {
  if (value === null) return {};
  const text = (given: string | undefined) => (alone && given === '' ? undefined : given);
  const days = (n: number | null | undefined) => (n === undefined ? undefined : n === null ? 'never' : String(n));
  const locked = value.locked === undefined ? undefined : value.locked ? 'yes' : 'no';
  const homeExists = value.homeExists === undefined ? undefined : value.homeExists ? 'there' : 'not there';
  return {
    uid: value.uid === undefined ? undefined : String(value.uid),
    group: value.group,
    groups: text(value.groups?.join(', ')),
    comment: text(value.comment),
    home: value.home,
    'home directory': homeExists,
    shell: value.shell,
    'password locked': locked,
    expires: typeof value.expires === 'number' ? isoDate(value.expires) : days(value.expires),
    'password min days': days(value.minDays),
    'password max days': days(value.maxDays),
    'password warn days': days(value.warnDays),
    'password inactive days': days(value.inactiveDays),
  };
}

/** `2024-03-01`; a day that no calendar has stays a number. */
function isoDate(days: number): string {
  const date = new Date(days * 86_400_000);
  return Number.isNaN(date.getTime()) ? `day ${days} since 1970` : date.toISOString().slice(0, 10);
}

const FILES = new Set(['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}`));

function affects(change: Change<UserValue>, other: Ref): boolean {
  const { before, after, ref } = change;
  switch (other.type.name) {
    case 'path':
      return FILES.has(other.id) || homesTouched(change).some((home) => isWithin(other.id, home));
    case 'group':
      return other.id === ref.id && (before === null || after === null);
    case 'crontab':
      return other.id === ref.id && after === null;
    default:
      return false;
  }
}

/** Homes that the change makes, moves, removes or gives to another owner. */
function homesTouched({ before, after, options }: Change<UserValue>): readonly string[] {
  if (after === null) return options.removeHome === true && before?.home !== undefined ? [before.home] : [];
  const homes = new Set<string>();
  const made = after.homeExists === true && (before?.homeExists !== true || before.home !== after.home);
  if (made && after.home !== undefined) homes.add(after.home);
  const moved = options.moveHome === true && before?.home !== after.home;
  const owned = before !== null && (before.uid !== after.uid || before.group !== after.group);
  if ((moved || owned) && before?.home !== undefined) homes.add(before.home);
  return [...homes];
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}
