import type { Change, Diff, Ref, ResourceType, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { join, type Sh, sh } from '../transport/sh.ts';
import { complaint, partLines } from './answer_text.ts';

/** The name that the running kernel has (uname(2)); the one that lasts stands in /etc/hostname. */
export interface HostnameValue {
  readonly name: string;
}

export const hostnameType: ResourceType<HostnameValue> = {
  name: 'hostname',
  collect: () => sh`rb_part name
uname -n`,
  parse,
  transition: (changes) => join(changes.map(rename), ' && '),
  describe,
  affects: (_, other) => other.type.name === 'facts' || other.id === '/proc/sys/kernel/hostname',
};

export const RUNNING_NAME: Ref<HostnameValue> = { type: hostnameType, id: 'running', aspects: [] };

function parse(answer: Answer, refs: readonly Ref<HostnameValue>[]): readonly Seen[] {
  const [name] = partLines(answer, 'name');
  return refs.map((ref) => (name ? { ref, value: { name } } : { ref, error: complaint(answer) }));
}

/** systemd-hostnamed sees a new name by itself. */
function rename({ after }: Change<HostnameValue>): Sh {
  if (after === null) return sh`{ echo 'a host cannot be without a name' >&2; exit 1; }`;
  return sh`hostname -- ${after.name}`;
}

function describe({ before, after }: Change<HostnameValue>): Diff {
  return {
    title: 'hostname',
    action: before === null ? 'create' : after === null ? 'remove' : 'change',
    attributes: [{ name: 'name', before: before?.name, after: after?.name }],
  };
}
