import { findUnknown, Unknown, type ValueMap } from '../language/values.ts';
import type { Change, Seen } from '../planning/contracts.ts';
import { keyOf } from '../planning/contracts.ts';
import type { Recorded } from '../planning/history.ts';
import type { Instance } from '../planning/instance.ts';
import { read } from '../planning/observe.ts';
import type { Outcome, TaskFailure, TaskResult } from '../planning/plan.ts';
import type { State } from '../planning/state.ts';
import { alters, sameValue } from '../planning/state.ts';
import { targetKey } from '../planning/walk_context.ts';
import { type Answer, type Shell, TransportError } from '../transport/connection.ts';
import type { Sh } from '../transport/sh.ts';
import { unreachable } from './excused.ts';
import { brokenOff, failureOf, mismatch } from './failure.ts';
import type { Arming } from './guard.ts';
import { acts, guarded, type Numbering, type Piece, piecesOf } from './program.ts';
import { LOCKED, WAITED } from './store.ts';

export interface Execution {
  shell(target: Instance['target']): Promise<Shell>;
  /** Observed state of the target host; what is done is learnt, what may have moved is forgotten. */
  observed(host: string): State;
  user(instance: Instance): string;
  started(instance: Instance): void;
  /** Called before anything of a task is sent, with all that is about to be sent. */
  intend(instances: readonly Instance[], pieces: readonly Piece[]): void;
  finished(result: TaskResult): void;
  /** The run's place on the host; `undefined` while planning, when nothing is changed that counts. */
  readonly store:
    | {
        readonly numbering: Numbering;
        entering(target: Instance['target']): Sh;
        /** What arms the access guard there; `undefined`: it is armed, or there is none. */
        guarding(target: Instance['target']): Arming | undefined;
      }
    | undefined;
  /** How often this instance has been tried before (`until`). */
  attempts(id: string): number;
  readonly signal: AbortSignal | undefined;
}

export interface Done {
  readonly records: ReadonlyMap<string, Recorded>;
  /** A task whose `until` does not hold yet: to be tried again after its delay. */
  readonly again: Instance | undefined;
  /** Another run is at work on the host, or has just been: nothing of the group was begun. */
  readonly held?: Held | undefined;
}

/** `holder`: what the host says of the run that has the lock; `undefined`: it is over, and the lock is ours. */
export interface Held {
  readonly holder: string | undefined;
}

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
    const own = runs(instance) ? `${targetKey(instance.target)} ${instance.timeoutMs ?? ''}` : key;
    const last = list.at(-1);
    if (last === undefined || (key !== undefined && own !== key)) list.push([instance]);
    else last.push(instance);
    key = own ?? key;
  }
  return list;
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
  const records = new Map<string, Recorded>();
  const pieces = group.flatMap((instance) => (runs(instance) ? piecesOf(instance, how.store?.numbering) : []));
  const answers: (Answer | null | undefined)[] = [];
  const startedAt = new Map<Instance, number>();
  let again: Instance | undefined;
  let stopped = false;
  let next = 0;

  /** Finishes, in order, every task whose answers are all there. */
  const settle = (final: boolean): void => {
    for (; next < group.length && !stopped && again === undefined; next++) {
      const instance = group[next] as Instance;
      if (!startedAt.has(instance)) {
        startedAt.set(instance, performance.now());
        how.started(instance);
      }
      const own = pieces.flatMap((piece, i) => (piece.instance === instance ? [{ piece, answer: answers[i] }] : []));
      const failedAt = own.findIndex(({ answer }) => answer != null && answer.status !== 0);
      if (!final && failedAt === -1 && own.some(({ answer }) => answer == null)) return;
      const ms = performance.now() - (startedAt.get(instance) as number);
      const end = finish(instance, own, how, ms);
      if (end.again) again = instance;
      else records.set(instance.id, end.record);
      if (end.record.outcome === 'failed' || end.record.outcome === 'ignored' || end.record.outcome === 'rescued')
        stopped = true;
    }
  };

  settle(false);
  if (pieces.length === 0 || stopped) return { records, again, stopped };
  try {
    how.intend(group.slice(next), pieces);
    const { target } = (pieces[0] as Piece).instance;
    const entering = how.store !== undefined && pieces.some(acts) ? [how.store.entering(target)] : [];
    const arming = pieces.some(guarded) ? how.store?.guarding(target) : undefined;
    const before = [...entering, ...(arming === undefined ? [] : [arming.sh])];
    const shell = await how.shell(target);
    const given = await shell.ask([...before, ...pieces.map((piece) => piece.sh)], {
      stopOnFailure: true,
      entering: entering.length > 0,
      timeoutMs: group.find(runs)?.timeoutMs,
      signal: how.signal,
      onAnswer: (index, answer) => {
        if (index < before.length) {
          if (index === entering.length) arming?.answered(answer);
          return;
        }
        answers[index - before.length] = answer;
        settle(false);
      },
    });
    if (given[entering.length] === null) arming?.answered(null);
    const entered = entering.length > 0 ? judgeEntering(given[0] as Answer) : undefined;
    if (entered instanceof TransportError) throw entered;
    if (entered !== undefined) return { records, again, stopped, held: entered };
    const unarmed = arming?.problem();
    if (unarmed !== undefined) throw unarmed;
    given.slice(before.length).forEach((answer, i) => {
      answers[i] = answer;
    });
    settle(true);
  } catch (thrown) {
    if (!(thrown instanceof TransportError)) throw thrown;
    const instance = group[next];
    if (instance === undefined) return { records, again, stopped: true };
    forgetAll(instance, how);
    const ms = performance.now() - (startedAt.get(instance) ?? performance.now());
    const own = pieces.flatMap((piece, i) => (piece.instance === instance ? [{ piece, answer: answers[i] }] : []));
    const end = broken(instance, own, thrown, how, ms);
    records.set(instance.id, end);
    stopped = true;
  }
  return { records, again, stopped };
}

/** Nothing: the shell is the run's own. */
function judgeEntering(answer: Answer): Held | TransportError | undefined {
  if (answer.status === 0) return undefined;
  if (answer.status === WAITED) return { holder: undefined };
  if (answer.status === LOCKED) return { holder: new TextDecoder().decode(answer.parts.get('holder')) };
  const why = new TextDecoder().decode(answer.stderr).trim();
  return new TransportError(
    'no room',
    `the run's directory on the host cannot be made: ${why || `status ${answer.status}`}`,
    'Nothing was changed. It needs room and the right to write below /var/lib/runbook (others than root: their home).',
  );
}

interface Answered {
  readonly piece: Piece;
  readonly answer: Answer | null | undefined;
}

function finish(
  instance: Instance,
  own: readonly Answered[],
  how: Execution,
  ms: number,
): { readonly record: Recorded; readonly again: boolean } {
  if (own.length === 0) {
    const record = instance.predicted;
    const failure = instance.status === 'fail' ? { message: instance.message ?? 'failed' } : undefined;
    how.finished({ task: instance, outcome: record.outcome, result: plain(record), ...(failure && { failure }), ms });
    return { record, again: false };
  }
  const failure = judgeAnswers(instance, own, how);
  const actions = own.flatMap(({ piece, answer }) =>
    piece.kind === 'action' && answer ? [{ action: piece.action, answer }] : [],
  );
  const made = own.some(({ piece, answer }) => piece.kind === 'transition' && answer?.status === 0);
  const acted = actions.some(({ action, answer }) =>
    typeof action.changed === 'function' ? action.changed(answer) : action.changed,
  );
  const raw: ValueMap = {
    ...plain(instance.predicted),
    ...(failure === undefined ? toldNow(instance, how) : {}),
    ...Object.assign({}, ...actions.map(({ action, answer }) => action.result(answer))),
    ...(failure === undefined ? {} : { msg: failure.message }),
  };
  const verdict = instance.judge(raw, made || acted, failure?.message);
  const tries = how.attempts(instance.id) + 1;
  const again = verdict.again && instance.until !== undefined && tries <= instance.until.retries;
  const exhausted = verdict.again && !again ? `\`until\` did not hold after ${tries} tries` : undefined;
  const failed = verdict.failed ?? exhausted;
  const outcome = outcomeOf(instance, failed !== undefined, verdict.changed);
  const result: ValueMap = {
    ...raw,
    changed: verdict.changed,
    failed: failed !== undefined,
    ...(failed === undefined ? {} : { msg: failed }),
    ...(instance.until === undefined ? {} : { attempts: tries }),
  };
  const { facts, variables, meta, include } = instance.predicted;
  const record: Recorded = { outcome, result, changed: verdict.changed, facts, variables, meta, include };
  if (!again) {
    const shown = failed === undefined ? undefined : { ...failure, message: failed };
    how.finished({ task: instance, outcome, result, ...(shown && { failure: shown }), ms });
  }
  return { record, again };
}

/** The module's own result; what it could not know before the task was done it is asked again. */
function toldNow(instance: Instance, how: Execution): ValueMap {
  const { told, retell } = instance;
  const open = Object.keys(told).filter((key) => findUnknown(told[key]) !== undefined);
  if (open.length === 0 || retell === undefined) return told;
  try {
    const now = retell(how.observed(instance.target.host));
    return { ...told, ...Object.fromEntries(open.map((key) => [key, now[key] ?? null])) };
  } catch {
    // Something it looks at has been put in doubt since: these keys stay unknown, and say so where they are used.
    return told;
  }
}

function plain(record: Recorded): ValueMap {
  return record.result instanceof Unknown ? {} : record.result;
}

function outcomeOf(instance: Instance, failed: boolean, changed: boolean): Outcome {
  if (!failed) return changed ? 'changed' : 'ok';
  return instance.caught ?? 'failed';
}

/** Learns what the answers tell of the host, and gives what went wrong. */
function judgeAnswers(instance: Instance, own: readonly Answered[], how: Execution): TaskFailure | undefined {
  const state = how.observed(instance.target.host);
  const failedAt = own.findIndex(({ piece, answer }) => answer != null && wentWrong(piece, answer) !== undefined);
  const done = own.slice(0, failedAt === -1 ? own.length : failedAt);
  for (const { piece } of failedAt === -1 ? own : own.slice(0, failedAt + 1)) unsettle(piece, state);
  if (failedAt !== -1) {
    forgetAll(instance, how);
    const { piece, answer } = own[failedAt] as { piece: Piece; answer: Answer };
    return failureOf(
      piece,
      answer,
      wentWrong(piece, answer) as string,
      done.map((one) => one.piece),
    );
  }
  for (const { piece, answer } of own) {
    if (piece.kind !== 'proof') continue;
    const seen = read(piece.question, answer ?? null);
    for (const one of seen) state.learn(one, how.user(instance));
    const wrong = disproved(piece.changes, seen);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function wentWrong(piece: Piece, answer: Answer): string | undefined {
  if (piece.kind === 'proof') return undefined;
  if (piece.kind === 'action' && piece.action.failed !== undefined) return piece.action.failed(answer);
  return answer.status === 0 ? undefined : `it ended with status ${answer.status}`;
}

/** What may have moved is no longer known. */
function unsettle(piece: Piece, state: State): void {
  if (piece.kind === 'action') {
    const { disturbs } = piece.action;
    if (acts(piece) && disturbs !== 'nothing') state.forget(disturbs === 'everything' ? () => true : disturbs);
  } else if (piece.kind === 'transition') {
    for (const { change } of piece.changes) {
      state.forget((other, value) => alters(change, other, value));
    }
  }
}

function forgetAll(instance: Instance, how: Execution): void {
  const keys = new Set(instance.steps.flatMap((step) => (step.kind === 'change' ? [keyOf(step.change.ref)] : [])));
  const opaque = instance.steps.some((step) => step.kind === 'action' && step.disturbs !== 'nothing');
  how.observed(instance.target.host).forget((ref) => opaque || keys.has(keyOf(ref)));
}

/** *Changed* means observed equal to what was wanted, not that a program said so. */
function disproved(changes: readonly Change[], seen: readonly Seen[]): TaskFailure | undefined {
  const last = new Map(changes.map((change) => [keyOf(change.ref), change]));
  for (const one of seen) {
    const change = last.get(keyOf(one.ref));
    if (change === undefined) continue;
    if ('error' in one) return { message: `it was changed, and then could not be read: ${one.error}` };
    const right =
      one.value === null || change.after === null
        ? one.value === change.after
        : sameValue(change.ref, one.value, change.after);
    if (!right) return mismatch(change, one.value);
  }
  return undefined;
}

/** The transport broke in the middle of a task. */
function broken(
  instance: Instance,
  own: readonly Answered[],
  fault: TransportError,
  how: Execution,
  ms: number,
): Recorded {
  const there = fault.fault === 'timeout' || fault.fault === 'no room';
  const excused = !there && instance.ignoreUnreachable && fault.fault !== 'interrupted';
  const outcome = there ? outcomeOf(instance, true, false) : excused ? 'ignored' : 'unreachable';
  const result = there ? { changed: false, failed: true, msg: fault.message } : unreachable(fault.message);
  const failure: TaskFailure = {
    message: fault.message,
    left: fault.fault === 'no room' ? 'Nothing of it was begun.' : brokenOff(instance.noLog ? [] : own),
    ...(fault.hint === undefined ? {} : { hint: fault.hint }),
  };
  how.finished({ task: instance, outcome, result, failure, ms });
  return { outcome, result, changed: false };
}
