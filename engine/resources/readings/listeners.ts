import type { Ref, Seen } from '../../planning/contracts.ts';
import type { Answer } from '../../transport/connection.ts';
import { sh } from '../../transport/sh.ts';
import { complaint, partLines } from '../answer_text.ts';
import { readingType } from '../reading.ts';

/** A socket that waits for others to come. */
export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  /** `0.0.0.0`, `::`, `*` (both), or an address, without its interface. */
  readonly address: string;
  readonly port: number;
  /** Programs that hold it, where one may know. */
  readonly programs: readonly string[];
}

const listenersType = readingType<readonly Listener[]>({ name: 'listeners', collect, parse, derived: true });

export const LISTENERS: Ref<readonly Listener[]> = { type: listenersType, id: 'all', aspects: [] };

/** ss(8) where there is one; else the kernel's tables, which do not name programs. */
function collect() {
  return sh`if rb_said=$(ss -H -l -n -t -u -p 2>/dev/null); then
  rb_part ss
  printf '%s\\n' "$rb_said"
else
  rb_part proc
  for rb_table in tcp tcp6 udp udp6; do
    if [ -r /proc/net/$rb_table ]; then sed "1d; s/^/$rb_table /" /proc/net/$rb_table; fi
  done
fi
rb_part end`;
}

function parse(answer: Answer, refs: readonly Ref<readonly Listener[]>[]): readonly Seen[] {
  if (!answer.parts.has('end')) return refs.map((ref) => ({ ref, error: complaint(answer) }));
  const found = [...partLines(answer, 'ss').flatMap(fromSs), ...partLines(answer, 'proc').flatMap(fromProc)];
  const value = [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
  value.sort((a, b) => a.port - b.port || a.protocol.localeCompare(b.protocol) || a.address.localeCompare(b.address));
  return refs.map((ref) => ({ ref, value }));
}

/** `tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))`; `127.0.0.53%lo:53`, `[::]:22`, `*:80`. */
function fromSs(line: string): readonly Listener[] {
  const [protocol, , , , local = '', , ...rest] = line.trim().split(/\s+/);
  const [, address, port] = /^(.*):(\d{1,5})$/.exec(local) ?? [];
  if ((protocol !== 'tcp' && protocol !== 'udp') || address === undefined) return [];
  const programs = [...new Set([...rest.join(' ').matchAll(/\("([^"]*)",pid=/g)].map((match) => match[1] as string))];
  return [{ protocol, address: address.replace(/[[\]]/g, '').replace(/%.*$/, ''), port: Number(port), programs }];
}

/** proc(5): `sl local_address rem_address st ...`, in hex; 0A is a TCP socket that listens, 07 a UDP one without peer. */
function fromProc(line: string): readonly Listener[] {
  const [table = '', , local = '', , state] = line.trim().split(/\s+/);
  const protocol = table.startsWith('tcp') ? 'tcp' : 'udp';
  const [, address, port] = /^([\dA-F]{8}|[\dA-F]{32}):([\dA-F]{4})$/.exec(local) ?? [];
  if (state !== (protocol === 'tcp' ? '0A' : '07') || address === undefined) return [];
  return [{ protocol, address: addressOf(address), port: Number.parseInt(port as string, 16), programs: [] }];
}

/** The kernel prints an address as words in the byte order of the machine: little-endian wherever Debian runs today. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) =>
    Number.parseInt(`${bytes[at]}${bytes[at + 1]}`, 16).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}
