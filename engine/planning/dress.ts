import type { Diagnostic } from '../language/diagnostics.ts';
import { evaluateAll, renderTemplated, truthy } from '../language/render.ts';
import type { TaskSyntax } from '../language/syntax.ts';
import type { Scope, Templated } from '../language/templated.ts';
import { findUnknown, Unknown, type Value, type ValueMap } from '../language/values.ts';
import { LOGIN } from '../transport/connection.ts';
import { spanAt } from './bind.ts';
import type { AnyModule } from './contracts.ts';
import type { Finding } from './finding.ts';
import { type Frame, keyword } from './frame.ts';
import type { Recorded } from './history.ts';
import type { Instance, Verdict } from './instance.ts';
import type { Outcome, PlannedStep, TaskStatus } from './plan.ts';
import type { Settings } from './settings.ts';
import type { State } from './state.ts';
import { taskScope } from './variables.ts';
import type { Walk } from './walk_context.ts';

/** One task, one item of its loop, on one host. */
export interface Site {
  readonly task: TaskSyntax;
  readonly module: AnyModule;
  readonly frame: Frame;
  readonly id: string;
  readonly handler: boolean;
  /** Loop variables. */
  readonly own: ValueMap;
  readonly item: string | undefined;
  /** Tasks that decide whether this one runs at all: a handler's notifiers that are themselves provisional. */
  readonly waitsFor: readonly string[];
  /** Where relative files are looked for. */
  readonly dirs: readonly string[];
}

/** What came of the planning of an instance, before it is dressed as one. */
export interface Plan {
  readonly status: TaskStatus | 'pending';
  readonly steps?: readonly PlannedStep[];
  readonly waitsFor?: Iterable<string>;
  readonly message?: string | undefined;
  readonly warnings?: readonly string[] | undefined;
  readonly finding?: Finding | undefined;
  readonly result?: ValueMap | Unknown;
  readonly changed?: boolean;
  readonly facts?: ValueMap | Unknown | undefined;
  readonly outcome?: Partial<Recorded>;
  readonly diagnostics?: readonly Diagnostic[];
  /** Nothing can be said of what it would do. */
  readonly open?: boolean;
  readonly told?: ValueMap;
  readonly retell?: (observed: State) => ValueMap;
}

/** What holds for a task whose keywords could not be rendered, or need not be. */
const NO_SETTINGS: Omit<Settings, 'target'> = {
  noLog: false,
  ignoreErrors: false,
  ignoreUnreachable: false,
  anyErrorsFatal: false,
  runOnce: false,
  checkMode: undefined,
  timeoutMs: undefined,
  until: undefined,
  environment: {},
};

/** The settings of a task that is not going to run. What may be secret is taken for secret. */
export function nowhere(walk: Walk, site: Site): Settings {
  const { chain } = site.frame;
  return {
    ...NO_SETTINGS,
    noLog: says(keyword(chain, 'noLog'), true),
    ignoreErrors: says(keyword(chain, 'ignoreErrors'), false),
    ignoreUnreachable: says(keyword(chain, 'ignoreUnreachable'), false),
    target: { host: walk.host, connection: undefined, remoteUser: undefined, identity: LOGIN },
  };
}

/** A keyword that is written out; a template stands for `otherwise`. */
function says(node: Templated | undefined, otherwise: boolean): boolean {
  if (node === undefined) return false;
  return node.kind === 'literal' ? truthy(node.value) : otherwise;
}

/** The rendered name; as written where it hangs on what is not known yet. */
export function nameOf(site: Site, scope: Scope): string {
  if (site.task.name === undefined) return site.module.name;
  const rendered = renderTemplated(site.task.name, scope);
  if (rendered.ok && findUnknown(rendered.value) === undefined) return String(rendered.value);
  return site.task.name.kind === 'template' ? site.task.name.text : site.module.name;
}

export function wrong(diagnostics: readonly Diagnostic[]): Plan {
  return { status: 'fail', message: diagnostics.map((d) => d.message).join('; '), diagnostics };
}

export function skipped(): Plan {
  return { status: 'skip', message: 'the condition is false', result: SKIPPED };
}

const SKIPPED: ValueMap = { changed: false, skipped: true, skip_reason: 'Conditional result was False' };

export function waits(unknown: { readonly waitsFor: string; readonly look: boolean }): Plan {
  return { status: unknown.look ? 'pending' : 'provisional', waitsFor: [unknown.waitsFor], open: true };
}

/** Makes an instance of what the planning came to, judged by the task's own `changed_when` and `failed_when`. */
export function dress(walk: Walk, site: Site, name: string, set: Settings, plan: Plan): Instance {
  const { task, frame } = site;
  const pending = plan.status === 'pending';
  const caught = set.ignoreErrors ? 'ignored' : frame.rescued ? 'rescued' : undefined;
  const waitsFor = [...new Set(plan.waitsFor ?? [])];
  const unknown = new Unknown(pending ? (waitsFor[0] ?? name) : name, pending);
  const settled = plan.status === 'skip' || plan.status === 'fail' || plan.status === 'ok' || plan.status === 'change';
  const base = settled ? (plan.result ?? { changed: plan.changed === true }) : unknown;
  const judge = judgeWith(walk, site);
  const failure = plan.status === 'fail' ? plan.message : undefined;
  const raw: ValueMap | Unknown =
    base instanceof Unknown || failure === undefined ? base : { ...base, failed: true, msg: failure };
  const verdict =
    raw instanceof Unknown || plan.status === 'skip' ? undefined : judge(raw, plan.changed === true, failure);
  const status = settle(pending ? 'provisional' : (plan.status as TaskStatus), verdict, plan.steps?.length ?? 0);
  const message = verdict?.failed ?? plan.message;
  const unsure = status === 'provisional';
  return {
    id: site.id,
    host: walk.host,
    ...(set.target.host === walk.host ? {} : { delegate: set.target.host }),
    play: walk.playName,
    name,
    module: site.module.name,
    handler: site.handler,
    ...(site.item === undefined ? {} : { item: site.item }),
    identity: set.target.identity,
    status,
    steps: plan.steps ?? [],
    waitsFor: status === 'provisional' ? waitsFor : [],
    caught,
    open: status === 'provisional' && plan.open === true && touchesHosts(site.module),
    ...(message === undefined ? {} : { message }),
    warnings: plan.warnings ?? [],
    noLog: set.noLog,
    ...(plan.finding === undefined || unsure ? {} : { finding: plan.finding }),
    result: raw instanceof Unknown ? {} : raw,
    span: plan.diagnostics?.[0]?.span ?? spanAt(task, []),
    syntax: task,
    target: set.target,
    pending,
    predicted: {
      outcome: outcomeOf(status, caught, verdict?.changed ?? plan.changed === true),
      result:
        raw instanceof Unknown
          ? raw
          : { failed: status === 'fail', ...raw, ...(verdict ? { changed: verdict.changed } : {}) },
      changed: verdict?.changed ?? (status === 'provisional' || plan.changed === true),
      facts: plan.facts instanceof Unknown ? undefined : plan.facts,
      ...plan.outcome,
    },
    told: plan.told ?? {},
    retell: plan.retell,
    judge,
    until: set.until,
    ignoreUnreachable: set.ignoreUnreachable,
    anyErrorsFatal: set.anyErrorsFatal,
    runOnce: set.runOnce,
    notifies: [],
    checkMode: set.checkMode,
    timeoutMs: set.timeoutMs,
    environment: set.environment,
    diagnostics: plan.diagnostics ?? [],
  };
}

/** The status after the task's own conditions have had their say. */
function settle(planned: TaskStatus, judged: Verdict | undefined, steps: number): TaskStatus {
  if (judged === undefined || planned === 'provisional' || planned === 'skip') return planned;
  if (judged.failed !== undefined) return 'fail';
  if (planned === 'fail') return 'ok';
  if (judged.changed) return steps > 0 ? 'change' : planned;
  return planned === 'change' ? 'ok' : planned;
}

/** How it would end if all goes as planned. */
function outcomeOf(status: TaskStatus, caught: Instance['caught'], changed: boolean): Outcome {
  if (status === 'fail') return caught ?? 'failed';
  if (status === 'skip') return 'skipped';
  return changed ? 'changed' : 'ok';
}

/** Assertions, messages and facts of the controller's own change no host; what they include or end may. */
function touchesHosts(module: AnyModule): boolean {
  return module.kind === 'module' || module.name === 'include_tasks' || module.name === 'meta';
}

/** An instance that cannot be planned before something else has happened. */
export function waitingInstance(walk: Walk, site: Site, unknown: Unknown): Instance {
  return unplanned(walk, site, waits(unknown));
}

/** An instance whose loop, include or notification is wrong. */
export function wrongInstance(walk: Walk, site: Site, diagnostics: readonly Diagnostic[]): Instance {
  return unplanned(walk, site, wrong(diagnostics));
}

function unplanned(walk: Walk, site: Site, plan: Plan): Instance {
  const scope = taskScope(walk, site.frame, site.own);
  return dress(walk, site, nameOf(site, scope), nowhere(walk, site), plan);
}

/** `changed_when`, `failed_when` and `until` see the task's own result under its `register` name. */
function judgeWith(walk: Walk, site: Site): Instance['judge'] {
  const { task } = site;
  return (result, changed, failed): Verdict => {
    if (task.changedWhen === undefined && task.failedWhen === undefined && task.until === undefined) {
      return { changed, failed, again: false };
    }
    const own =
      task.register === undefined
        ? site.own
        : { ...site.own, [task.register]: { failed: failed !== undefined, ...result, changed } as Value };
    const scope = taskScope(walk, site.frame, own);
    const says = (list: TaskSyntax['changedWhen'], otherwise: boolean): boolean | string => {
      if (list === undefined) return otherwise;
      const value = evaluateAll(list, scope);
      if (!value.ok) return value.diagnostics.map((d) => d.message).join('; ');
      return value.value instanceof Unknown ? otherwise : value.value;
    };
    const changedNow = says(task.changedWhen, changed);
    const failedNow = says(task.failedWhen, failed !== undefined);
    const done = says(task.until, true);
    const problem = [changedNow, failedNow, done].find((answer) => typeof answer === 'string');
    if (typeof problem === 'string') return { changed, failed: problem, again: false };
    return {
      changed: changedNow === true,
      failed: failedNow === true ? (failed ?? '`failed_when` holds') : undefined,
      again: done === false,
    };
  };
}
