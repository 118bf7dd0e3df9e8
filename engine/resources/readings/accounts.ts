import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { sh } from '../../transport/sh.ts';
import { complaint, count, partLines } from '../answer_text.ts';
import { readingType } from '../reading.ts';

/** An account of /etc/passwd, and what its password is like; never the password's hash. */
export interface AccountValue {
  readonly name: string;
  readonly uid: number;
  readonly shell: string;
  /** Whether the shell lets one work: not nologin, false, or sync. */
  readonly login: boolean;
  /** `old`: by MD5 or DES, which a graphics card finds in hours. */
  readonly password: 'empty' | 'locked' | 'set' | 'old';
}

const accountsType = readingType<readonly AccountValue[]>({ name: 'accounts', collect, parse, derived: true });

export const ACCOUNTS: Ref<readonly AccountValue[]> = { type: accountsType, id: 'local', aspects: [] };

/** Hashes stay on the host: awk(1) tells of each what kind it is (crypt(5)). */
const KIND = `function kind(p) {
  if (p == "") return "empty"
  if (p ~ /^[!*]/) return "locked"
  if (p ~ /^\\$1\\$/ || p !~ /^[$_]/) return "old"
  return "set"
}`;

function collect() {
  return sh`rb_part passwd
awk -F : ${`${KIND}\n{ print $1 ":" ($2 == "x" ? "x" : kind($2)) ":" $3 ":" $7 }`} /etc/passwd
if [ -r /etc/shadow ]; then
  rb_part shadow
  awk -F : ${`${KIND}\n{ print $1 ":" kind($2) }`} /etc/shadow
else
  echo '/etc/shadow cannot be read' >&2
fi`;
}

const NO_LOGIN = /(^|\/)(nologin|false|sync|true|halt|shutdown)$/;

function parse(answer: Answer, refs: readonly Ref<readonly AccountValue[]>[]): readonly Seen[] {
  if (!answer.parts.has('shadow')) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const shadow = new Map(partLines(answer, 'shadow').map((line) => line.split(':') as [string, string]));
  const value = partLines(answer, 'passwd').flatMap((line): readonly AccountValue[] => {
    const [name = '', field = '', uid, shell = ''] = line.split(':');
    const number = count(uid);
    if (number === undefined) return [];
    const told = field === 'x' ? (shadow.get(name) ?? 'locked') : field;
    const password = (['empty', 'set', 'old'] as const).find((kind) => kind === told) ?? 'locked';
    // passwd(5): an empty shell is /bin/sh.
    return [{ name, uid: number, shell, login: !NO_LOGIN.test(shell), password }];
  });
  return refs.map((ref) => ({ ref, value }));
}
