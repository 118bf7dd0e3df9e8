import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { modules } from '../../modules/registry.ts';
import { openConnections } from '../applying/connections.ts';
import type { HostRun } from '../applying/host_run.ts';
import { type Journal, JournalFault, journalProblem, openJournal, runId } from '../applying/journal.ts';
import { pruneRecords, RECORDS } from '../applying/records.ts';
import { type RunEnd, type RunInput, run } from '../applying/run.ts';
import { type Diagnostic, error } from '../language/diagnostics.ts';
import type { ModuleTable } from '../language/module_spec.ts';
import type { Playbook, PlaySyntax } from '../language/syntax.ts';
import type { AnyModule } from '../planning/contracts.ts';
import { isPending } from '../planning/pending.ts';
import type { HostRecap, RunEvent } from '../planning/plan.ts';
import { createSurroundings } from '../planning/surroundings.ts';
import { hostScope } from '../planning/variables.ts';
import { recordTask } from '../reporting/recorded_task.ts';
import { createReporter } from '../reporting/reporter.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { createKeyRing, preload } from '../transport/connect.ts';
import { EXIT, exitCode, hasFailed } from './exit_code.ts';
import { type GitState, gitState } from './git_state.ts';
import { listenForInterrupts } from './interrupt.ts';
import type { RunOptions } from './options.ts';
import { createReach } from './reach.ts';
import { readInput } from './read_input.ts';
import { refuse } from './refuse.ts';
import { delegates, resolvePlays } from './resolve_plays.ts';
import { writeRetryLimit } from './retry_limit.ts';
import { wantsColor } from './terminal.ts';
import { openerFor } from './vault_options.ts';

/** A run to be taken back: its plays are made from its journal, each host's its own. */
export interface Undo {
  readonly run: string;
  readonly playbook: Playbook;
  readonly syntaxOf: (host: string) => PlaySyntax;
  readonly modules: ModuleTable<AnyModule>;
}

/** Whoever keeps a plan, or holds it against one that was kept. */
export interface PlanKeeper extends Required<Pick<RunInput, 'review'>> {
  /** Told of each file that is read, as it stands on the disk. */
  read(path: string, bytes: Uint8Array): void;
}

/** Reads everything, refuses what is wrong before any host is contacted, then plans and perhaps applies. */
export async function runPlaybooks(
  command: 'plan' | 'apply',
  paths: readonly string[],
  options: RunOptions,
  secrets: Secrets,
  undo?: Undo,
  keeper?: PlanKeeper,
): Promise<number> {
  if (options.connection !== 'local') preload();
  const color = wantsColor(options, process.stdout);
  const tell = (diagnostics: readonly Diagnostic[]): number => refuse(diagnostics, secrets, options);

  const opener = await openerFor(options, secrets);
  if (!opener.ok) return tell(opener.diagnostics);
  const files = keeper === undefined ? opener.value : { ...opener.value, read: keeper.read };
  const input = readInput(paths, options, files, undo?.playbook);
  if (!input.ok) return tell(input.diagnostics);
  const { playbooks, inventory, extraVars } = input.value;
  if (input.warnings !== undefined) tell(input.warnings);

  const noJournal = command === 'apply' ? journalProblem(RECORDS) : undefined;
  if (noJournal !== undefined) return tell([noJournal]);

  const startedAt = Date.now();
  const reach = createReach(secrets);
  const runs: { current: ReadonlyMap<string, HostRun> } = { current: new Map() };
  const surroundings = createSurroundings({
    modules: undo?.modules ?? modules,
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
    situation: (host) => runs.current.get(host)?.situation(),
  });
  const scope = hostScope(surroundings, 'localhost');

  const plays = resolvePlays(playbooks, inventory, scope, options.limit);
  if (!plays.ok) return tell(plays.diagnostics);
  if (plays.warnings !== undefined) tell(plays.warnings);

  const hosts = new Set(plays.value.flatMap((play) => play.hosts));
  const others = new Set(delegates(playbooks) ? [...inventory.hosts.keys(), 'localhost'] : []);
  const reached = await reach.resolve(inventory, hosts, others, options, (host) => hostScope(surroundings, host));
  if (!reached.ok) return tell(reached.diagnostics);
  if (reached.warnings !== undefined) tell(reached.warnings);

  const terminal = process.stdout.isTTY === true && process.stdin.isTTY === true;
  const reporter = createReporter({
    out: process.stdout,
    secrets,
    json: options.json === true,
    color,
    terminal: process.stdout.isTTY === true,
    verbosity: options.verbose,
    width: process.stdout.columns ?? 80,
    command,
  });
  const interrupt = listenForInterrupts((message) => process.stderr.write(`${message}\n`));
  const connections = openConnections(reach, {
    keys: createKeyRing(),
    retries: options.retries,
    signal: interrupt.signal,
    askPassphrase: (file) => askPassphrase(file, secrets),
    onNewHostKey: (host: string, fingerprint: string, file: string) =>
      reporter.event({ type: 'warning', host, message: `new host key ${fingerprint} added to ${file}` }),
  });

  let journal: Journal | undefined;
  let recap: readonly HostRecap[] = [];
  let planFailed = false;
  let pending = false;
  const refused = new Set<string>();
  const by = `${userInfo().username}@${hostname()}`;
  const note = { id: runId(startedAt), startedAt, by, playbooks: paths, ...(undo && { undoes: undo.run }) };
  const gitAsked = command === 'apply' ? gitState(resolve(paths[0] as string)) : undefined;
  let git: GitState | undefined;
  /** Hosts that were out before anything was done. */
  const leftOut: RunEvent[] = [];
  const emit = (event: RunEvent): void => {
    if (event.type === 'apply-started') {
      journal = openJournal(RECORDS, { ...note, inventory: options.inventory, git }, secrets.maskJson);
      for (const before of leftOut) journal.event(before);
    }
    if (event.type === 'host-refused' || event.type === 'host-unreachable') leftOut.push(event);
    if (event.type === 'task-finished') {
      const done = recordTask(event.result, secrets.mask);
      if (done !== undefined) journal?.keep(done);
    }
    if (event.type === 'run-finished') recap = event.recap;
    if (event.type === 'host-refused') refused.add(event.host);
    if (event.type === 'planned') {
      planFailed ||=
        command === 'plan' && event.tasks.some((task) => task.status === 'fail' && task.caught === undefined);
      pending ||= event.tasks.some(isPending);
    }
    journal?.event(event);
    reporter.event(event);
  };

  let end: RunEnd;
  try {
    end = await run({
      command,
      playbooks: paths,
      plays: plays.value.map((play) => (undo === undefined ? play : { ...play, syntaxOf: undo.syntaxOf })),
      surroundings,
      connections,
      forks: options.forks,
      lookTimeoutMs: LOOK_TIMEOUT_MS,
      mask: secrets.mask,
      scope,
      emit,
      run: note,
      lockTimeoutS: options.lockTimeout,
      guardTimeoutS: options.guard ? options.guardTimeout : undefined,
      keep: options.keep,
      wholly: undo && 'it is not as the run left it; --force takes the run back anyway',
      intend: (host, instances, pieces) => journal?.intend(host, instances, pieces),
      ...(keeper && { review: keeper.review }),
      planned: async () => {
        git = await gitAsked;
        await reporter.planned();
      },
      confirm: async () => {
        if (options.yes) return 'assumed';
        if (!terminal || options.json) return 'cannot ask';
        const { confirm } = await import('../reporting/ask.ts');
        return (await confirm('Apply this plan?')) ? 'yes' : 'no';
      },
      stopping: interrupt.asked,
      signal: interrupt.signal,
      register: (created) => {
        runs.current = created;
      },
    });
    journal?.end(end.kind);
    await reporter.close();
  } catch (thrown) {
    if (!(thrown instanceof JournalFault)) throw thrown;
    const hint = 'The run was stopped there. Apply again when there is room: it goes on from where it stopped.';
    tell([error('file', thrown.message, undefined, hint)]);
    return EXIT.failed;
  } finally {
    await connections.close();
    interrupt.close();
    journal?.close();
  }
  if (journal !== undefined) pruneRecords(RECORDS, options.keep);
  if (end.kind === 'wrong') return tell(end.diagnostics);
  say(end);
  const again = recap.filter((host) => hasFailed(host) || host.unreachable || refused.has(host.host));
  if (journal !== undefined && again.length > 0) {
    const names = again.map(({ host }) => host);
    process.stderr.write(`${writeRetryLimit(journal.dir, names)}\n`);
  }
  return exitCode(end, recap, planFailed, pending && options.detailedExitcode === true);
}

/** The key is then passed over, for this reason. */
async function askPassphrase(file: string, secrets: Secrets): Promise<string> {
  const { askSecret } = await import('../reporting/ask.ts');
  const asked = await askSecret(`Passphrase for ${file}: `);
  if (!asked.ok) throw new Error(asked.diagnostics[0]?.message);
  secrets.add(asked.value);
  return asked.value;
}

/** A look that takes longer than this hangs: a dead NFS mount, a stuck dpkg. */
const LOOK_TIMEOUT_MS = 120_000;

/** What the end of a run asks the user to do. */
function say(end: RunEnd): void {
  const lines: Partial<Record<RunEnd['kind'], string>> = {
    declined: 'Nothing was changed.',
    'cannot ask': 'Nothing was changed: there is no terminal to ask on. Add --yes to apply this plan.',
    interrupted: 'Interrupted. What was running has been finished; run the same command again to go on.',
    refused: 'On some hosts nothing was changed, for the reason above.',
    drifted: 'Nothing was changed: this is not what was planned any more. Plan or apply again to see what would be.',
    unreachable: 'Nothing was changed: hosts of this plan cannot be reached.',
  };
  const line = lines[end.kind];
  if (line !== undefined) process.stderr.write(`${line}\n`);
}
