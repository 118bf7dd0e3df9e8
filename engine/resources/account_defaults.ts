import type { Ref, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { type Sh, sh } from '../transport/sh.ts';
import { partLines } from './answer_text.ts';
import { parseGroups } from './group.ts';
import { readingType } from './reading.ts';

/** What useradd(8) does where it is not told: /etc/default/useradd and login.defs(5). Only looked at, never changed. */
export interface AccountDefaults {
  /** Primary group of a user who gets no group of their own: its name, or its number where it has none. */
  readonly group: string;
  /** Directory that homes are made in. */
  readonly home: string;
  readonly shell: string;
  /** Whether a new user gets a group of the same name (USERGROUPS_ENAB). */
  readonly userGroups: boolean;
}

export const accountDefaultsType = readingType<AccountDefaults>({
  name: 'account_defaults',
  collect,
  parse,
});

export function accountDefaults(): Ref<AccountDefaults> {
  return { type: accountDefaultsType, id: 'useradd', aspects: [] };
}

const FILES = ['/etc/default/useradd', '/etc/login.defs'];

function collect(): Sh {
  return sh`rb_part lines
grep -hsE '^(GROUP|HOME|SHELL)=|^[[:blank:]]*USERGROUPS_ENAB[[:blank:]]' ${FILES} || :
rb_part group
getent group || :`;
}

function parse(answer: Answer, refs: readonly Ref<AccountDefaults>[]): readonly Seen[] {
  const found = new Map<string, string>();
  for (const line of partLines(answer, 'lines')) {
    const [, name, value] = /^\s*([A-Z_]+)(?:=|\s+)"?([^"]*?)"?\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined && value !== '') found.set(name, value);
  }
  // The values that useradd itself starts from: useradd(8), "CONFIGURATION" and Debian's source.
  const group = found.get('GROUP') ?? '100';
  const named = parseGroups(partLines(answer, 'group')).find((g) => g.gid !== undefined && String(g.gid) === group);
  const value: AccountDefaults = {
    group: named?.name ?? group,
    home: found.get('HOME') ?? '/home',
    shell: found.get('SHELL') ?? '/bin/sh',
    userGroups: found.get('USERGROUPS_ENAB') !== 'no',
  };
  return refs.map((ref) => ({ ref, value }));
}
