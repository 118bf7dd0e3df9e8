import type { Ref, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { sh } from '../transport/sh.ts';
import { complaint, partLines } from './answer_text.ts';
import { readingType } from './reading.ts';

/** An application profile of ufw, out of /etc/ufw/applications.d: `80,443/tcp`, `2049/tcp` and `2049/udp`. */
export interface UfwProfile {
  readonly ports: readonly string[];
}

const profileType = readingType<UfwProfile>({
  name: 'ufw profile',
  collect: () => sh`rb_part profiles
[ ! -d /etc/ufw/applications.d ] ||
  find /etc/ufw/applications.d -maxdepth 1 -type f ! -name '.*' ! -name '*.dpkg-*' -exec sed -n '/^\\[.*\\]/p; /^ports *=/p' {} +`,
  parse,
});

export function ufwProfile(name: string): Ref<UfwProfile> {
  return { type: profileType, id: name, aspects: [] };
}

function parse(answer: Answer, refs: readonly Ref<UfwProfile>[]): readonly Seen[] {
  if (answer.status !== 0) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const profiles = new Map<string, UfwProfile>();
  let name: string | undefined;
  for (const line of partLines(answer, 'profiles')) {
    const head = /^\[(.*)\]\s*$/.exec(line);
    const ports = /^ports *=\s*(.*?)\s*$/.exec(line)?.[1];
    if (head !== null) name = head[1];
    else if (name !== undefined && ports) profiles.set(name, { ports: ports.split('|').map((one) => one.trim()) });
  }
  return refs.map((ref) => ({ ref, value: profiles.get(ref.id) ?? null }));
}
