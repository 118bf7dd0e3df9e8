import type { Recorded } from '../planning/history.ts';
import type { Instance } from '../planning/instance.ts';
import { targetKey } from '../planning/walk_context.ts';
import { TransportError } from '../transport/connection.ts';
import type { Done, Execution, Held } from './execution.ts';
import { leaveAndReturn, leavingOf } from './leave_and_return.ts';
import { preambleOf } from './preamble.ts';
import { type Piece, piecesOf } from './program.ts';
import { type TaskProgress, trackTasks } from './task_progress.ts';

/** Runs a stretch on a host: one round trip for each identity in a row. Stops at the first failure. */
export async function execute(stretch: readonly Instance[], how: Execution): Promise<Done> {
  const records = new Map<string, Recorded>();
  for (const group of groups(stretch)) {
    const run = await executeGroup(group, how);
    for (const [id, record] of run.records) records.set(id, record);
    if (run.again !== undefined || run.stopped || run.held !== undefined) {
      return { records, again: run.again, held: run.held };
    }
  }
  return { records, again: undefined };
}

/** Neighbours that run in the same shell with the same time limit; what runs nothing goes with its neighbours. */
function groups(stretch: readonly Instance[]): readonly (readonly Instance[])[] {
  const list: Instance[][] = [];
  let key: string | undefined;
  for (const instance of stretch) {
    const own = runs(instance) ? groupKey(instance) : key;
    const last = list.at(-1);
    if (last === undefined || (key !== undefined && own !== key)) list.push([instance]);
    else last.push(instance);
    key = own ?? key;
  }
  return list;
}

/**
 * What is fetched goes by itself: an answer, of all that is asked together, is limited in size. So does what sends the
 * host away: nothing behind it would be come to.
 */
function groupKey({ id, target, timeoutMs, steps }: Instance): string {
  const alone = steps.some((step) => step.kind === 'action' && (step.keeps ?? step.leaves) !== undefined);
  return `${targetKey(target)} ${timeoutMs ?? ''} ${alone ? id : ''}`;
}

function runs(instance: Instance): boolean {
  return (
    instance.steps.length > 0 && instance.checkMode !== true && instance.status !== 'fail' && instance.status !== 'skip'
  );
}

interface GroupRun extends Done {
  readonly stopped: boolean;
}

async function executeGroup(group: readonly Instance[], how: Execution): Promise<GroupRun> {
  const pieces = group.flatMap((instance) => (runs(instance) ? piecesOf(instance, how.store?.numbering) : []));
  const progress = trackTasks(group, pieces, how);
  let held: Held | undefined;
  progress.begin();
  if (pieces.length > 0 && !progress.stopped()) {
    try {
      how.intend(progress.open(), pieces);
      held = await ask(group, pieces, progress, how);
    } catch (thrown) {
      if (!(thrown instanceof TransportError)) throw thrown;
      progress.brokenOff(thrown);
    }
  }
  return { ...progress.done(), stopped: progress.stopped(), held };
}

/** Sends all pieces at once; gives why none of them was begun. */
async function ask(
  group: readonly Instance[],
  pieces: readonly Piece[],
  progress: TaskProgress,
  how: Execution,
): Promise<Held | undefined> {
  const { target } = (pieces[0] as Piece).instance;
  const preamble = preambleOf(target, pieces, how.store);
  const before = preamble.questions.length;
  const leaving = leavingOf(pieces);
  const shell = await how.shell(target);
  const send = () =>
    shell.ask([...preamble.questions, ...pieces.map((piece) => piece.sh)], {
      stopOnFailure: true,
      entering: preamble.entering,
      timeoutMs: group.find(runs)?.timeoutMs,
      signal: how.signal,
      onAnswer: (index, answer) => {
        if (index < before) preamble.answered(index, answer);
        else if (leaving === undefined) progress.answered(index - before, answer);
      },
    });
  const gone = leaving && (await leaveAndReturn(leaving, target, shell, how, send));
  const answers = gone === undefined ? await send() : gone.sent;
  const held = answers && preamble.judge(answers);
  if (held === undefined) progress.ended(gone === undefined ? (answers ?? []).slice(before) : [gone.last]);
  return held;
}
