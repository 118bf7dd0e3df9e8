import { isIP } from 'node:net';
import { ALL_V4, ALL_V6 } from './wait_program.ts';

const MAPPED = '0000000000000000FFFF0000';

/** An address as proc_net_tcp(5) has it, in either family that it may show in; `undefined`: it is a name. */
export function procAddresses(host: string): readonly string[] | undefined {
  if (host === 'localhost') return [...(procAddresses('127.0.0.1') ?? []), ...(procAddresses('::1') ?? [])];
  if (host === '0.0.0.0') return [ALL_V4];
  if (host === '::') return [ALL_V6];
  const version = isIP(host);
  if (version === 4) {
    const hex = swapped(host.split('.').map(Number));
    return [hex, `${MAPPED}${hex}`];
  }
  return version === 6 && !host.includes('%') ? [wordsOf(host)] : undefined;
}

/** The kernel prints words of 32 bits as the machine has them: their last byte first. */
function swapped(bytes: readonly number[]): string {
  return bytes
    .toReversed()
    .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
    .join('');
}

function wordsOf(host: string): string {
  const canonical = new URL(`http://[${host}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const [left, right] = [groups(head), groups(tail)];
  const all = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
  const bytes = all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
  return [0, 4, 8, 12].map((at) => swapped(bytes.slice(at, at + 4))).join('');
}
