import { packageOf } from '../../engine/resources/package.ts';
import type { PackageValue } from '../../engine/resources/package_value.ts';
import { type SimulationRow, type SimulationValue, simulation } from '../../engine/resources/simulation.ts';
import { withRemedy } from './apt_words.ts';
import type { See } from './package_decision.ts';

/** A package that the task names. */
export interface Asked {
  readonly name: string;
  readonly found: PackageValue | null;
  /** The one version that can come of it, where that is known without a simulation. */
  readonly version?: string | undefined;
}

/** One apt-get that is needed. */
export interface NeededRun {
  readonly words: readonly string[];
  readonly asked: readonly Asked[];
  /** The lists are renewed before it, and may change what it does. */
  readonly open: boolean;
  /** apt knows enough already to simulate it. */
  readonly known: boolean;
}

export interface Run extends Omit<NeededRun, 'known'> {
  /** What it would do now, dependencies and all; `undefined`: apt can't tell before the lists are renewed. */
  readonly rows: readonly RunRow[] | undefined;
}

export interface RunRow extends SimulationRow {
  readonly found: PackageValue | null;
}

export type Simulated =
  | { readonly runs: readonly Run[] }
  | { readonly refused: string }
  | { readonly interrupted: true };

/** `undefined`: more has to be looked at. */
export function simulate(needed: readonly NeededRun[], see: See): Simulated | undefined {
  const seen = needed.map((run) => ({ run, value: run.known ? see(simulation(run.words)) : null }));
  const unseen = seen.some(({ value }) => value === undefined);
  if (seen.some(({ value }) => value?.interrupted)) return { interrupted: true };
  const refused = seen.find(({ run, value }) => value?.refused !== undefined && !run.open)?.value?.refused;
  if (refused !== undefined) return { refused: withRemedy(refused) };
  let complete = !unseen;
  const runs = seen.map(({ run, value }): Run => {
    const rows = run.known ? rowsOf(value) : undefined;
    const found = rows?.map((row): RunRow => {
      const now = see(packageOf(row.name));
      if (now === undefined) complete = false;
      return { ...row, found: now ?? null };
    });
    return { ...run, rows: found };
  });
  return complete ? { runs } : undefined;
}

/** What cannot be simulated before something else is done. */
export function unforeseen(needed: readonly NeededRun[]): readonly Run[] {
  return needed.map(({ words, asked }) => ({ words, asked, open: true, rows: undefined }));
}

function rowsOf(value: SimulationValue | null | undefined): readonly SimulationRow[] | undefined {
  return value?.refused === undefined ? (value?.rows ?? []) : undefined;
}
