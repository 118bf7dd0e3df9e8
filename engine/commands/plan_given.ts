import type { RunPlay } from '../applying/run_play.ts';
import type { RunOptions } from './options.ts';
import type { PlanKeys } from './plan_file.ts';

/** What a plan hangs on: it is in the plan, and not given again. */
export const SHAPING = [
  'inventory',
  'limit',
  'tags',
  'skipTags',
  'extraVars',
  'become',
  'becomeUser',
  'becomeMethod',
  'user',
  'privateKey',
  'connection',
  'sshCommonArgs',
] as const satisfies readonly (keyof RunOptions)[];

/** Where secrets come from: they are had from there again, or from where the second command line says. */
export const SOURCES = [
  'vaultPasswordFile',
  'vaultId',
  'askVaultPass',
  'ageIdentity',
  'askBecomePass',
  'askPass',
] as const satisfies readonly (keyof RunOptions)[];

/** What a saved plan has of its command line. */
export interface Given {
  readonly playbooks: readonly string[];
  readonly options: Partial<RunOptions>;
}

/** Those of the options that were given. */
export function pick(options: RunOptions, names: readonly (keyof RunOptions)[]): Partial<RunOptions> {
  const given = names.filter((name) => {
    const value = options[name];
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
  });
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}

/** The hosts of all plays, in the batches in which they come. */
export function playsDigest(plays: readonly RunPlay[], keys: PlanKeys): string {
  return keys.digest(JSON.stringify(plays.map(({ name, hosts, batches }) => [name, hosts, batches])));
}
