import { count } from '../language/count.ts';
import type { HostRecap } from '../planning/plan.ts';
import { printable } from './escape.ts';
import { seconds } from './result_text.ts';
import type { Style } from './style.ts';

const COLUMNS = ['ok', 'changed', 'failed', 'skipped', 'rescued', 'ignored'] as const;

/** More hosts than this are told by groups with equal numbers; -v names each. */
const MOST_ROWS = 40;

/** A row for each host, those in trouble last, where the eye is when the run ends. */
export function recapText(recap: readonly HostRecap[], style: Style, verbosity: number, totalMs: number): string {
  const rows =
    recap.length > MOST_ROWS && verbosity === 0
      ? grouped(recap)
      : recap.map((host) => ({ label: host.host, recap: host }));
  const sorted = [...rows].sort((a, b) => trouble(a.recap) - trouble(b.recap));
  const width = Math.max(4, ...sorted.map((row) => row.label.length));
  const head = ['host'.padEnd(width), ...COLUMNS.map((name) => name.padStart(8)), 'time'.padStart(9)].join('');
  const lines = sorted.map(({ label, recap: host }) => {
    const cells = COLUMNS.map((name) => paint(name, host[name], style));
    const end = host.reverted ? `  ${style.bad('reverted')}` : host.unreachable ? `  ${style.bad('unreachable')}` : '';
    return `${printable(label).padEnd(width)}${cells.join('')}${seconds(host.ms).padStart(9)}${end}`;
  });
  return [style.strong(head), ...lines, style.faint(`${count(recap.length, 'host')} in ${seconds(totalMs)}`), ''].join(
    '\n',
  );
}

function trouble(host: HostRecap): number {
  return host.failed > 0 || host.reverted ? 2 : host.unreachable ? 1 : 0;
}

function paint(name: (typeof COLUMNS)[number], number: number, style: Style): string {
  const text = String(number).padStart(8);
  if (number === 0) return style.faint(text);
  if (name === 'failed') return style.bad(text);
  return name === 'changed' ? style.change(text) : text;
}

function grouped(recap: readonly HostRecap[]): readonly { label: string; recap: HostRecap }[] {
  const groups = new Map<string, HostRecap[]>();
  for (const host of recap) {
    const key = JSON.stringify([...COLUMNS.map((name) => host[name]), host.unreachable, host.reverted]);
    groups.set(key, [...(groups.get(key) ?? []), host]);
  }
  return [...groups.values()].map((hosts) => {
    const first = hosts[0] as HostRecap;
    const label = hosts.length === 1 ? first.host : `${first.host} and ${hosts.length - 1} more`;
    return { label, recap: { ...first, ms: Math.max(...hosts.map((host) => host.ms)) } };
  });
}
