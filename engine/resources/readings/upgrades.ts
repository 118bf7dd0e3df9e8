import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { sh } from '../../transport/sh.ts';
import { complaint, partLines } from '../answer_text.ts';
import { quietApt } from '../apt_cache.ts';
import { readingType } from '../reading.ts';

/** A package that apt has a newer version of, as its lists have it. */
export interface Upgrade {
  readonly name: string;
  /** Missing: it is new, and something that is there comes to need it. */
  readonly from?: string;
  readonly to: string;
  /** An archive that calls itself one for security has it. */
  readonly security: boolean;
}

export interface UpgradesValue {
  readonly upgrades: readonly Upgrade[];
  /** Why apt would not do it, in its own words. */
  readonly refused?: string;
}

const upgradesType = readingType<UpgradesValue>({ name: 'upgrades', collect, parse, derived: true });

export const UPGRADES: Ref<UpgradesValue> = { type: upgradesType, id: 'all', aspects: [] };

/** What `apt-get dist-upgrade` would do: a kernel comes as a new package, which `upgrade` would leave out. */
function collect() {
  return sh`${quietApt()}
rb_said=$(rb_apt apt-get -s -q dist-upgrade 2>&1 </dev/null)
rb_status=$?
rb_part status
echo "$rb_status"
rb_part said
printf '%s\\n' "$rb_said" | grep -E '^(Inst|E:) ' || :`;
}

function parse(answer: Answer, refs: readonly Ref<UpgradesValue>[]): readonly Seen[] {
  const status = partLines(answer, 'status')[0];
  if (status === undefined) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const said = partLines(answer, 'said');
  const errors = said.filter((line) => line.startsWith('E: ')).map((line) => line.slice(3));
  const refused = status === '0' ? undefined : errors.join('; ') || `apt-get ended with status ${status}`;
  const value: UpgradesValue = { upgrades: said.flatMap(upgrade), ...(refused !== undefined && { refused }) };
  return refs.map((ref) => ({ ref, value }));
}

/** `Inst NAME [OLD] (NEW ORIGIN:VERSION/SUITE, ... [ARCH])`: Debian-Security:12/stable-security, jammy-security. */
function upgrade(line: string): readonly Upgrade[] {
  const [, name, from, to, origins] = /^Inst (\S+)(?: \[(\S*)\])? \((\S+) (.*)\)/.exec(line) ?? [];
  if (name === undefined || to === undefined) return [];
  return [{ name, ...(from !== undefined && { from }), to, security: /security|:ESM|ESM:/i.test(origins ?? '') }];
}
