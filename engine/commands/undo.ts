import { chooseRun, RECORDS, type RunRecord, readRecords, undoneOn } from '../applying/records.ts';
import { undoModules, undoPlay } from '../applying/undo/undo_play.ts';
import { error } from '../language/diagnostics.ts';
import { moment } from '../planning/moment.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { EXIT } from './exit_code.ts';
import type { RunOptions } from './options.ts';
import { refuse } from './refuse.ts';
import { runPlaybooks } from './run_playbooks.ts';

export interface UndoOptions extends RunOptions {
  readonly force?: true;
}

/** Takes a run back: plans, asks and applies as any run does. */
export async function undo(name: string | undefined, options: UndoOptions, secrets: Secrets): Promise<number> {
  const all = readRecords(RECORDS);
  const chosen = chooseRun(all, name);
  if ('problem' in chosen) {
    return refuse([error('option', chosen.problem, undefined, chosen.hint)], secrets, options);
  }
  const { run } = chosen;
  const force = options.force === true;
  const hosts = hostsLeft(run, all, force);
  if (hosts.length === 0) {
    process.stderr.write(`Nothing is left to undo of run ${run.head.id}.\n`);
    return EXIT.done;
  }
  const plays = new Map(hosts.map((host) => [host, undoPlay(run, hosts, host, force)]));
  const empty = undoPlay(run, hosts, undefined, force);
  const inventory = options.inventory.length > 0 ? options.inventory : run.head.inventory;
  return runPlaybooks(options.check ? 'plan' : 'apply', run.head.playbooks, { ...options, inventory }, secrets, {
    undoes: run.head.id,
    playbook: { path: run.path, plays: [empty] },
    syntaxOf: (host) => plays.get(host) ?? empty,
    modules: undoModules,
  });
}

/** The hosts that the run has not been taken back on; of the others it is said. */
function hostsLeft(run: RunRecord, all: readonly RunRecord[], force: boolean): readonly string[] {
  const undone = undoneOn(run, all);
  for (const [host, by] of undone) {
    process.stderr.write(
      `${host}: run ${run.head.id} was undone by run ${by.head.id} at ${moment(by.head.startedAt)}\n`,
    );
  }
  return [...run.entries.keys()].filter((host) => force || !undone.has(host));
}
