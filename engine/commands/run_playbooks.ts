import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { openConnections } from '../applying/connections.ts';
import { JournalFault, journalProblem, runId } from '../applying/journal.ts';
import { RECORDS, readRecords } from '../applying/records.ts';
import { type RunEnd, type RunInput, run } from '../applying/run.ts';
import { type Diagnostic, error } from '../language/diagnostics.ts';
import type { RunCommand } from '../planning/plan.ts';
import { createReporter } from '../reporting/reporter.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { createKeyRing } from '../transport/connect.ts';
import { EXIT, exitCode } from './exit_code.ts';
import { type GitState, gitState } from './git_state.ts';
import { listenForInterrupts } from './interrupt.ts';
import type { RunOptions } from './options.ts';
import { type Made, prepareRun } from './prepare_run.ts';
import { refuse } from './refuse.ts';
import { reportFiles, writeReports } from './report_files.ts';
import { wantsColor } from './terminal.ts';
import { createWitness } from './witness.ts';

/** Whoever keeps a plan, or holds it against one that was kept. */
export interface PlanKeeper extends Required<Pick<RunInput, 'review'>> {
  /** Told of each file that is read, as it stands on the disk. */
  read(path: string, bytes: Uint8Array): void;
}

/** Reads everything, refuses what is wrong before any host is contacted, then plans and perhaps applies. */
export async function runPlaybooks(
  command: RunCommand,
  paths: readonly string[],
  options: RunOptions,
  secrets: Secrets,
  made?: Made,
  keeper?: PlanKeeper,
): Promise<number> {
  const color = wantsColor(options, process.stdout);
  const tell = (diagnostics: readonly Diagnostic[]): number => refuse(diagnostics, secrets, options);

  const reports = reportFiles(options.report);
  if (!reports.ok) return tell(reports.diagnostics);
  const startedAt = Date.now();
  const prepared = await prepareRun({ paths, made, read: keeper?.read }, options, secrets, startedAt);
  if (!prepared.ok) return tell(prepared.diagnostics);
  if (prepared.warnings !== undefined) tell(prepared.warnings);
  const noJournal = command !== 'plan' ? journalProblem(RECORDS) : undefined;
  if (noJournal !== undefined) return tell([noJournal]);
  const { plays, surroundings, scope, reach, register } = prepared.value;

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

  const by = `${userInfo().username}@${hostname()}`;
  const note = {
    id: runId(startedAt),
    startedAt,
    by,
    playbooks: paths,
    ...(made?.undoes !== undefined && { undoes: made.undoes }),
  };
  const kind = command === 'audit' ? { command } : {};
  let git: GitState | undefined;
  const witness = createWitness(() => ({ ...note, ...kind, inventory: options.inventory, git }), secrets);

  const report = async (code: number): Promise<number> => {
    if (reports.value.length === 0) return code;
    const unwritten = await writeReports(reports.value, witness.kept(), readRecords(RECORDS), secrets);
    if (unwritten.length > 0) tell(unwritten);
    return unwritten.length > 0 && code === EXIT.done ? EXIT.failed : code;
  };

  let end: RunEnd;
  let again: string | undefined;
  try {
    end = await run({
      command,
      playbooks: paths,
      plays,
      surroundings,
      connections,
      forks: options.forks,
      lookTimeoutMs: LOOK_TIMEOUT_MS,
      mask: secrets.mask,
      scope,
      emit: (event) => {
        witness.event(event);
        reporter.event(event);
      },
      run: note,
      lockTimeoutS: options.lockTimeout,
      guardTimeoutS: options.guard ? options.guardTimeout : undefined,
      keep: options.keep,
      wholly: made?.undoes && 'it is not as the run left it; --force takes the run back anyway',
      intend: witness.intend,
      ...(keeper && { review: keeper.review }),
      planned: async () => {
        const kept = command === 'audit' || reports.value.length > 0 || (command === 'apply' && witness.pending());
        const asked = kept ? gitState(resolve(paths[0] as string)) : undefined;
        await reporter.planned();
        git = await asked;
      },
      confirm: async () => {
        if (options.yes) return 'assumed';
        if (!terminal || options.json) return 'cannot ask';
        const { confirm } = await import('../reporting/ask.ts');
        return (await confirm('Apply this plan?')) ? 'yes' : 'no';
      },
      stopping: interrupt.asked,
      signal: interrupt.signal,
      register,
    });
    witness.ended(end);
    await reporter.close();
  } catch (thrown) {
    if (!(thrown instanceof JournalFault)) throw thrown;
    const hint = 'The run was stopped there. Apply again when there is room: it goes on from where it stopped.';
    tell([error('file', thrown.message, undefined, hint)]);
    return report(EXIT.failed);
  } finally {
    await connections.close();
    interrupt.close();
    again = witness.close(options.keep);
  }
  if (end.kind === 'wrong') return tell(end.diagnostics);
  say(end);
  if (again !== undefined) process.stderr.write(`${again}\n`);
  const planFailed = command === 'plan' && witness.planFailed();
  const found = witness.found('fail') || (options.failOn === 'warn' && witness.found('warn'));
  const pending = command === 'audit' ? found : witness.pending() && options.detailedExitcode === true;
  return report(exitCode(end, witness.recap(), planFailed, pending));
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
