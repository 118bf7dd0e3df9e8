import type { Change, Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { sh } from '../../transport/sh.ts';
import { complaint, partLines, partText } from '../answer_text.ts';
import { readingType } from '../reading.ts';

/** A service as Ansible's service_facts tells it. */
interface ServiceState {
  readonly name: string;
  readonly source: 'systemd' | 'sysv';
  /** `running`, `stopped`; of units that systemd has not loaded, their ActiveState, or `unknown`. */
  readonly state: string;
  /** `enabled`, `static`, ...; what is wrong with it comes first: `not-found`, `masked`, `failed`. */
  readonly status?: string;
}

const servicesType = readingType<readonly ServiceState[]>({
  name: 'services',
  // Names with `@.` are templates, and no unit that could be in a state.
  collect: () => sh`rb_part sysv
if [ -d /etc/init.d ] && command -v service >/dev/null; then service --status-all 2>/dev/null; fi
rb_part units
if [ -d /run/systemd/system ]; then
  systemctl list-units --no-pager --no-legend --plain --full --type service --all
  rb_part files
  rb_files=$(systemctl list-unit-files --no-pager --no-legend --full --type service --all)
  printf '%s\\n' "$rb_files"
  rb_part states
  printf '%s\\n' "$rb_files" | while read -r rb_name _; do
    case $rb_name in *@.*) ;; ?*) echo "$rb_name" ;; esac
  done | xargs -r systemctl show --no-pager -p Names -p ActiveState --
fi
rb_part end`,
  parse,
  derived: ({ ref: { type, id } }: Change) =>
    ['unit', 'package'].includes(type.name) || (type.name === 'path' && /\/(systemd|init\.d)\//.test(id)),
});

export const SERVICES: Ref<readonly ServiceState[]> = { type: servicesType, id: 'all', aspects: [] };

function parse(answer: Answer, refs: readonly Ref<readonly ServiceState[]>[]): readonly Seen[] {
  if (!answer.parts.has('end')) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const services = new Map<string, ServiceState>();
  for (const one of sysv(partLines(answer, 'sysv'))) services.set(one.name, one);
  for (const one of loaded(partLines(answer, 'units'))) services.set(one.name, one);
  const states = activeStates(partText(answer, 'states'));
  for (const line of partLines(answer, 'files')) {
    const [name = '', status = ''] = line.split(/\s+/);
    if (name === '') continue;
    const known = services.get(name);
    const state = known?.state ?? states.get(name) ?? 'unknown';
    if (!BAD.has(known?.status ?? '')) services.set(name, { name, source: 'systemd', state, status });
  }
  const value = [...services.values()];
  return refs.map((ref) => ({ ref, value }));
}

/** ` [ + ]  cron`. */
function sysv(lines: readonly string[]): readonly ServiceState[] {
  return lines.flatMap((line): readonly ServiceState[] => {
    const [, state, name] = /^\s*\[ ([+-]) \]\s+(\S+)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, source: 'sysv', state: state === '+' ? 'running' : 'stopped' }];
  });
}

const BAD: ReadonlySet<string> = new Set(['not-found', 'masked', 'failed']);

/** `ssh.service loaded active running OpenBSD Secure Shell server`. */
function loaded(lines: readonly string[]): readonly ServiceState[] {
  return lines.flatMap((line): readonly ServiceState[] => {
    const [name = '', load = '', active = '', sub] = line.trim().split(/\s+/);
    if (sub === undefined) return [];
    const status = [load, active].find((one) => BAD.has(one)) ?? active;
    return [{ name, source: 'systemd', state: sub === 'running' ? 'running' : 'stopped', status }];
  });
}

/** By each name that a unit has. */
function activeStates(text: string): ReadonlyMap<string, string> {
  const states = new Map<string, string>();
  for (const block of text.split(/\n{2,}/)) {
    const [, names = ''] = /^Names=(.*)$/m.exec(block) ?? [];
    const [, state = ''] = /^ActiveState=(.*)$/m.exec(block) ?? [];
    for (const name of names.split(' ')) states.set(name, state);
  }
  return states;
}
