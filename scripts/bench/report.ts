import type { Measurements } from './fleet.ts';

export interface Version {
  readonly version: number;
  readonly node: number;
}

const seconds = (ms: number): string => (ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`);
const megabytes = (mb: number): string => `${mb.toFixed(0)} MB`;
const floorOf = ({ node, login }: Measurements): number => node + login;

/** A row a measure, a column a fleet; what is in brackets is the ratio to `node -e 0` and the logins together. */
export function table(fleets: readonly Measurements[]): string {
  const ratio = (fleet: Measurements, ms: number | undefined): string =>
    ms === undefined ? '-' : `${seconds(ms)} (${(ms / floorOf(fleet)).toFixed(2)} x)`;
  const plain = (value: number | undefined, show: (value: number) => string): string =>
    value === undefined ? '-' : show(value);
  const rows: [string, (fleet: Measurements) => string][] = [
    ['node -e 0', ({ node }) => seconds(node)],
    ['ssh HOST true, in parallel', ({ login }) => seconds(login)],
    ['both together', (fleet) => ratio(fleet, floorOf(fleet))],
    ['runbook plan, converged', (fleet) => ratio(fleet, fleet.runbook?.plan)],
    ['runbook apply, converged', (fleet) => ratio(fleet, fleet.runbook?.converged)],
    ['runbook apply, first', (fleet) => ratio(fleet, fleet.runbook?.first)],
    ['ansible-playbook, converged', (fleet) => ratio(fleet, fleet.ansible?.converged)],
    ['ansible-playbook, first', (fleet) => ratio(fleet, fleet.ansible?.first)],
    ['runbook, memory at its peak', ({ runbook }) => plain(runbook?.memory, megabytes)],
    ['ansible-playbook, memory at its peak', ({ ansible }) => plain(ansible?.memory, megabytes)],
  ];
  const head = ['', ...fleets.map(({ hosts }) => (hosts === 1 ? '1 host' : `${hosts} hosts`))];
  return aligned([head, ...rows.map(([name, cell]) => [name, ...fleets.map(cell)])]);
}

interface Target {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly better: 'low' | 'high';
  readonly unit: string;
}

/** The targets that could be measured, as text, and whether all were reached. */
export function targets(fleets: readonly Measurements[], version: Version | undefined): { text: string; met: boolean } {
  const all = [...fleets.flatMap(fleetTargets), ...(version === undefined ? [] : [versionTarget(version)])];
  const rows = all.map(({ name, value, limit, better, unit }) => {
    const met = better === 'low' ? value <= limit : value >= limit;
    const bound = `${better === 'low' ? 'at most' : 'at least'} ${limit} ${unit}`;
    return { met, row: [met ? 'pass' : 'MISS', name, `${value.toFixed(unit === 'x' ? 2 : 0)} ${unit}`, bound] };
  });
  return { text: aligned(rows.map(({ row }) => row)), met: rows.every(({ met }) => met) };
}

function fleetTargets(fleet: Measurements): Target[] {
  const { runbook, ansible } = fleet;
  if (runbook === undefined) return [];
  const fleetName = fleet.hosts === 1 ? '1 host' : `${fleet.hosts} hosts`;
  const found: Target[] = [
    {
      name: `${fleetName}, converged apply to node -e 0 and ssh true`,
      value: runbook.converged / floorOf(fleet),
      limit: 1.5,
      better: 'low',
      unit: 'x',
    },
    { name: `${fleetName}, memory`, value: runbook.memory, limit: 200, better: 'low', unit: 'MB' },
  ];
  if (ansible !== undefined) {
    const value = ansible.converged / runbook.converged;
    found.push({
      name: `${fleetName}, ansible-playbook to runbook, converged`,
      value,
      limit: 30,
      better: 'high',
      unit: 'x',
    });
  }
  return found;
}

const versionTarget = ({ version, node }: Version): Target => ({
  name: 'runbook --version to node -e 0',
  value: version / node,
  limit: 1.5,
  better: 'low',
  unit: 'x',
});

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
