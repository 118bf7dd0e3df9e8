import type { Diagnostic } from '../language/diagnostics.ts';
import type { Scope } from '../language/templated.ts';
import { isGuarded } from '../planning/guarded.ts';
import type { Instance } from '../planning/instance.ts';
import { isPending } from '../planning/pending.ts';
import type { RunCommand, RunEvent } from '../planning/plan.ts';
import type { Surroundings } from '../planning/walk_context.ts';
import { TransportError } from '../transport/connection.ts';
import { applyPlay } from './apply_play.ts';
import { audited } from './audited.ts';
import type { Connections } from './connections.ts';
import { fingerprint } from './fingerprint.ts';
import { createGuards, type Guards } from './guard.ts';
import type { HostPlan } from './host_plan.ts';
import { createHostRun, type HostRun } from './host_run.ts';
import { inParallel } from './in_parallel.ts';
import { createOnceBoard, type OnceBoard } from './once.ts';
import type { Piece } from './program.ts';
import { createRecap } from './recap.ts';
import { type HostPlay, playOf, type RunPlay } from './run_play.ts';
import type { RunNote } from './store.ts';

export interface RunInput {
  readonly command: RunCommand;
  readonly playbooks: readonly string[];
  readonly plays: readonly RunPlay[];
  readonly surroundings: Surroundings;
  readonly connections: Connections;
  readonly forks: number;
  readonly lookTimeoutMs: number;
  /** Takes the secrets out of what hosts' journals tell. */
  readonly mask: (text: string) => string;
  readonly run: RunNote;
  readonly lockTimeoutS: number;
  /** `undefined`: without the access guard. */
  readonly guardTimeoutS: number | undefined;
  readonly keep: number;
  /** A host is changed as a whole or not at all: why it is not, where a task is known to fail beforehand. */
  readonly wholly?: string | undefined;
  /** For keywords of a play that concern all its hosts. */
  readonly scope: Scope;
  emit(event: RunEvent): void;
  /** Written down before it is done. */
  intend(host: string, instances: readonly Instance[], pieces: readonly Piece[]): void;
  /** All hosts are planned: gives the end of the run where this plan may not be gone on with. */
  review?(plans: ReadonlyMap<string, HostPlan>, input: Pick<RunInput, 'plays' | 'emit'>): RunEnd | undefined;
  /** The plan is shown. */
  planned(): Promise<void>;
  /** Shown the plan, may it be done? `assumed`: nobody was asked. */
  confirm(): Promise<'yes' | 'assumed' | 'no' | 'cannot ask'>;
  /** No more stretches are begun. */
  stopping(): boolean;
  readonly signal: AbortSignal;
  /** Registers where each host stands, for `hostvars`. */
  register(runs: ReadonlyMap<string, HostRun>): void;
}

export type RunEnd =
  | { readonly kind: 'wrong'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'planned' | 'audited' | 'applied' | 'declined' | 'cannot ask' | 'interrupted' | 'unreachable' }
  | { readonly kind: 'drifted' | 'refused'; readonly hosts: readonly string[] };

/** While a question stands the world goes on; a plan that nobody was asked about may be this old. */
const FRESH_MS = 5_000;

/** The whole of plan, audit and apply, top to bottom: all are this, and plan and audit stop half way. */
export async function run(given: RunInput): Promise<RunEnd> {
  const { plays } = given;
  const hosts = [...new Set(plays.flatMap((play) => play.hosts))];
  const recap = createRecap(hosts);
  const emit = (event: RunEvent): void => {
    recap.event(event);
    given.emit(event);
  };
  const input: RunInput = { ...given, emit };
  const finish = (end: RunEnd): RunEnd => {
    emit({ type: 'run-finished', at: Date.now(), recap: recap.list() });
    return end;
  };
  let changes = 0;
  const number = () => ++changes;
  const guards = guardsOf(input);
  const runs = new Map(
    hosts.map((host) => [host, createHostRun(host, { ...input, number, guards, exact: input.review !== undefined })]),
  );
  input.register(runs);

  const mistakes = hosts.flatMap((host) => (runs.get(host) as HostRun).preflight(playsOf(plays, host)));
  if (mistakes.length > 0) return { kind: 'wrong', diagnostics: mistakes };

  emit({ type: 'run-started', command: input.command, playbooks: input.playbooks, hosts, at: Date.now() });
  const plans = await planAll(input, runs);
  const { modules } = input.surroundings;
  for (const [host, { instances }] of plans) {
    emit({ type: 'planned', host, tasks: input.command === 'audit' ? audited(instances, modules) : instances });
  }
  const against = input.signal.aborted || input.stopping() ? undefined : input.review?.(plans, input);
  if (against !== undefined) return finish(against);
  if (input.command === 'apply' && guards === undefined && touchesAccess(plans)) {
    emit({ type: 'warning', message: 'there is no access guard (--no-guard): a change that locks you out stays' });
  }
  await input.planned();
  if (input.signal.aborted || input.stopping()) return finish({ kind: 'interrupted' });
  const impossible = input.wholly ? [...plans].filter(([, plan]) => plan.failed).map(([host]) => host) : [];
  for (const host of impossible)
    (runs.get(host) as HostRun).refuse(input.wholly as string, 'Nothing was changed there.');
  const none = impossible.length === plans.size || input.command !== 'apply';
  if (impossible.length > 0 && none) return finish({ kind: 'refused', hosts: impossible });
  if (input.command !== 'apply') return finish({ kind: input.command === 'plan' ? 'planned' : 'audited' });

  const plannedAt = Date.now();
  const pending = [...plans]
    .filter(([host, plan]) => !impossible.includes(host) && plan.instances.some(isPending))
    .map(([host]) => host);
  if (pending.length > 0) {
    const answer = await input.confirm();
    if (answer === 'no') return finish({ kind: 'declined' });
    if (answer === 'cannot ask') return finish({ kind: answer });
    if (answer === 'yes' || Date.now() - plannedAt > FRESH_MS) {
      const moved = await lookAgain(input, runs, plans);
      if (moved.length > 0) return finish({ kind: 'drifted', hosts: moved });
      const away = [...runs.values()].some((run) => run.lost() !== undefined);
      if (input.review !== undefined && away) return finish({ kind: 'unreachable' });
    }
  }
  emit({ type: 'apply-started', at: Date.now() });
  const counted = new Set<string>();
  for (const [i, play] of plays.entries()) {
    if (input.stopping() || input.signal.aborted) break;
    const broken = await applyPlay(input, runs, play, counted);
    if (!broken) continue;
    const names = plays.slice(i + 1).map(({ name }) => `\`${name}\``);
    if (names.length > 0) emit({ type: 'warning', message: `plays that were not begun: ${names.join(', ')}` });
    break;
  }
  const interrupted = input.stopping() || input.signal.aborted;
  await inParallel(runs.values(), input.forks, (run) => run.leave(!interrupted));
  const refused = [...runs.values()].filter((run) => run.lost() === 'refused').map(({ name }) => name);
  if (refused.length > 0 && !interrupted) return finish({ kind: 'refused', hosts: refused });
  return finish({ kind: interrupted ? 'interrupted' : 'applied' });
}

function guardsOf({ surroundings, connections, run, guardTimeoutS }: RunInput): Guards | undefined {
  if (guardTimeoutS === undefined) return undefined;
  return createGuards({
    run: run.id,
    timeoutS: guardTimeoutS,
    connections,
    loginUser: ({ host, connection, remoteUser }) => surroundings.loginUser(host, connection, remoteUser),
  });
}

function touchesAccess(plans: ReadonlyMap<string, HostPlan>): boolean {
  return [...plans.values()].some((plan) =>
    plan.instances.some((instance) => isPending(instance) && instance.steps.some(isGuarded)),
  );
}

function playsOf(plays: readonly RunPlay[], host: string): readonly HostPlay[] {
  return plays.filter((play) => play.hosts.includes(host)).map((play) => playOf(play, host));
}

async function planAll(input: RunInput, runs: ReadonlyMap<string, HostRun>): Promise<ReadonlyMap<string, HostPlan>> {
  const boards = new Map(input.plays.flatMap((play) => play.batches.map((batch) => [batch, createOnceBoard(batch)])));
  const plans = new Map<string, HostPlan>();
  await inParallel(runs.values(), input.forks, async (run) => {
    const plays = playsOf(input.plays, run.name);
    await reaching(input, run.name, async () => {
      plans.set(
        run.name,
        await run.plan(
          plays,
          plays.map((play) => boards.get(play.batch) as OnceBoard),
        ),
      );
    });
  });
  // In the order of the hosts, whoever was first.
  return new Map([...runs.keys()].flatMap((host) => (plans.has(host) ? [[host, plans.get(host) as HostPlan]] : [])));
}

/** A host that cannot be reached is told and left out; it does not end the run. */
async function reaching(input: RunInput, host: string, job: () => Promise<void>): Promise<void> {
  try {
    await job();
  } catch (thrown) {
    if (!(thrown instanceof TransportError)) throw thrown;
    input.emit({ type: 'host-unreachable', host, message: thrown.message, hint: thrown.hint });
  }
}

/** Time has passed since the plan was made: it must still be the plan. Names the hosts where it is not. */
async function lookAgain(
  input: RunInput,
  runs: ReadonlyMap<string, HostRun>,
  plans: ReadonlyMap<string, HostPlan>,
): Promise<readonly string[]> {
  const moved: string[] = [];
  await inParallel(plans.keys(), input.forks, (host) =>
    reaching(input, host, () => (runs.get(host) as HostRun).lookAgain()),
  );
  const again = await planAll(input, new Map([...runs].filter(([, run]) => run.lost() === undefined)));
  for (const [host, plan] of again) {
    const before = fingerprint(plans.get(host)?.instances ?? []);
    const after = fingerprint(plan.instances);
    const names = [...after].filter(([id, text]) => before.get(id) !== text).map(([id]) => id);
    if (names.length === 0 && before.size === after.size) continue;
    moved.push(host);
    const first = plan.instances.find((instance) => names.includes(instance.id))?.name;
    const what = first === undefined ? 'a change is no longer needed' : `\`${first}\` is no longer what was shown`;
    input.emit({ type: 'warning', host, message: `the host has changed since the plan was made: ${what}` });
  }
  return moved;
}
