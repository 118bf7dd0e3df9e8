import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { modules } from '../../modules/registry.ts';
import type { HostRun } from '../applying/host_run.ts';
import type { RunPlay } from '../applying/run_play.ts';
import { type Diagnostic, ok, type Result } from '../language/diagnostics.ts';
import type { ModuleTable } from '../language/module_spec.ts';
import type { Playbook, PlaySyntax } from '../language/syntax.ts';
import type { Scope } from '../language/templated.ts';
import type { AnyModule } from '../planning/contracts.ts';
import { createSurroundings } from '../planning/surroundings.ts';
import { hostScope } from '../planning/variables.ts';
import type { Surroundings } from '../planning/walk_context.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { RunOptions } from './options.ts';
import { createReach, type Reaches } from './reach.ts';
import { readInput } from './read_input.ts';
import { delegates, resolvePlays } from './resolve_plays.ts';
import { openerFor } from './vault_options.ts';

/** A playbook that is made and not read. */
export interface Made {
  readonly playbook: Playbook;
  /** Where each host has a play of its own. */
  readonly syntaxOf?: (host: string) => PlaySyntax;
  /** Default: all there are. */
  readonly modules?: ModuleTable<AnyModule>;
  /** The run that it takes back. */
  readonly undoes?: string;
}

/** What to run, and where from. */
export interface RunSource {
  readonly paths: readonly string[];
  readonly made?: Made | undefined;
  /** Told of each file that is read, as it stands on the disk. */
  readonly read?: ((path: string, bytes: Uint8Array) => void) | undefined;
}

/** All that a run needs to know before it contacts anybody. */
export interface Prepared {
  readonly plays: readonly RunPlay[];
  readonly surroundings: Surroundings;
  /** For keywords of a play that concern all its hosts. */
  readonly scope: Scope;
  readonly reach: Reaches;
  /** Where each host of the run stands, for `hostvars`. */
  register(runs: ReadonlyMap<string, HostRun>): void;
}

/** Reads playbooks, inventory and variables, and resolves how each host is reached. Contacts nobody. */
export async function prepareRun(
  { paths, made, read }: RunSource,
  options: RunOptions,
  secrets: Secrets,
  startedAt: number,
): Promise<Result<Prepared>> {
  const warnings: Diagnostic[] = [];
  const opener = await openerFor(options, secrets);
  if (!opener.ok) return opener;
  const files = read === undefined ? opener.value : { ...opener.value, read };
  const input = readInput(paths, options, files, made?.playbook);
  if (!input.ok) return input;
  const { playbooks, inventory, extraVars } = input.value;
  warnings.push(...(input.warnings ?? []));

  const reach = createReach(secrets);
  let runs: ReadonlyMap<string, HostRun> = new Map();
  const surroundings = createSurroundings({
    modules: made?.modules ?? modules,
    inventory,
    extraVars,
    opener: files,
    tags: { only: options.tags, skip: options.skipTags },
    startedAt,
    verbosity: options.verbose,
    playbook: resolve(paths[0] as string),
    becomeDefaults: reach.become,
    loginUser: reach.loginUser,
    localUser: userInfo().username,
    situation: (host) => runs.get(host)?.situation(),
  });
  const scope = hostScope(surroundings, 'localhost');

  const plays = resolvePlays(playbooks, inventory, scope, options.limit);
  if (!plays.ok) return plays;
  warnings.push(...(plays.warnings ?? []));

  const hosts = new Set(plays.value.flatMap((play) => play.hosts));
  const others = new Set(delegates(playbooks) ? [...inventory.hosts.keys(), 'localhost'] : []);
  const reached = await reach.resolve(inventory, hosts, others, options, (host) => hostScope(surroundings, host));
  if (!reached.ok) return reached;
  warnings.push(...(reached.warnings ?? []));

  const register = (current: ReadonlyMap<string, HostRun>): void => {
    runs = current;
  };
  const { syntaxOf } = made ?? {};
  const own = plays.value.map((play) => (syntaxOf === undefined ? play : { ...play, syntaxOf }));
  return ok({ plays: own, surroundings, scope, reach, register }, warnings);
}
