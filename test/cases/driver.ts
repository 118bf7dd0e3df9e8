import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import type { AnyModule, Change, Directive, Module, Ref, SetStep, Wish } from '../../engine/planning/contracts.ts';
import { keyOf } from '../../engine/planning/contracts.ts';
import { sameValue } from '../../engine/planning/state.ts';
import { Unreadable } from '../../engine/planning/unreadable.ts';
import { bindParams } from './params.ts';
import { restoreLaw } from './undo_law.ts';
import { fillValue, impliedState, impliedValue } from './values.ts';
import { fakeView, type Known } from './view.ts';

/**
 * One case of `test/cases/<module>.yml`: what the host is like, what the task says, what must follow.
 * `state` maps `type:id` to a value in the shorthand of values.ts, to null (not there), or to `{ error: why }`.
 * What `state` does not name is not there.
 */
export interface Case {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly state?: Readonly<Record<string, unknown>>;
  /** The user the task acts as; default root. */
  readonly user?: string;
  /** Files on the controller: path -> text, or `{ text, mode }`, or `{ base64, mode }`, or `{ link }`; a path that ends in `/` is a directory. */
  readonly local?: Readonly<Record<string, unknown>>;
  /** Variables that templates and bare expressions see. */
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Exactly these steps in this order; those that would change nothing are dropped, as the engine does. */
  readonly wants?: readonly Wanted[];
  /** Part of the message with which it must fail. */
  readonly failed?: string;
  /** Part of what it registers. */
  readonly result?: unknown;
  readonly facts?: unknown;
  /** Part of what a check finds. */
  readonly finding?: unknown;
  /** Parts of the warnings, in order. */
  readonly warnings?: readonly string[];
  /** Part of a directive's outcome. */
  readonly outcome?: unknown;
  /** The task changes something every time (`state: touch`): the law of the second run does not hold. */
  readonly repeats?: boolean;
}

/** `to` holds the keys to compare; null: to be removed. `run` is part of an action's summary, `script` of its text. */
export type Wanted =
  | { readonly set: string; readonly to: unknown; readonly options?: unknown }
  | { readonly run: string; readonly script?: string };

/** Runs every case of `test/cases/<module>.yml` against the module, and the laws on each. */
export function runCases(module: AnyModule): void {
  const file = new URL(`./${module.name}.yml`, import.meta.url);
  const cases = parse(readFileSync(file, 'utf8'), { schema: 'core', version: '1.2', uniqueKeys: true }) as Case[];
  describe(`cases of ${module.name}`, () => {
    for (const one of cases) {
      it(one.name, () => (module.kind === 'module' ? runModule(module, one) : runDirective(module, one)));
    }
  });
}

function runDirective(module: Directive<never>, one: Case): void {
  const outcome = module.run(bindParams(module, one.params) as never, fakeView(one, new Map()));
  if (one.failed !== undefined) assertIncludes(outcome.failed ?? '', one.failed, 'failed');
  else assert.equal(outcome.failed, undefined);
  assertPart(outcome, one.outcome ?? {}, 'outcome');
}

function runModule(module: Module<never>, one: Case): void {
  const host = readState(one);
  const first = plan(module, one, host);
  if (one.failed !== undefined) {
    assertIncludes(first.wish.failed?.message ?? '(it did not fail)', one.failed, 'failed');
    return;
  }
  assert.equal(first.wish.failed?.message, undefined, 'it must not fail');
  compareSteps(first, one.wants ?? []);
  if (one.result !== undefined) assertPart(first.wish.result, one.result, 'result');
  if (one.facts !== undefined) assertPart(first.wish.facts, one.facts, 'facts');
  if (one.finding !== undefined) assertPart(first.wish.finding, one.finding, 'finding');
  (one.warnings ?? []).forEach((w, i) => {
    assertIncludes(first.wish.warnings?.[i] ?? '(no warning)', w, `warnings[${i}]`);
  });
  for (const { change } of first.steps.filter((s) => s.kind === 'change')) describeLaw(change);
  undoLaw(first, host);
  restoreLaw(first);
  if (one.repeats !== true) secondRunLaw(module, one, first);
}

export type PlannedStep =
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'run'; readonly summary: string; readonly script: string };

export interface Planned {
  readonly wish: Wish;
  readonly steps: readonly PlannedStep[];
  /** The host as predicted after the steps. */
  readonly after: ReadonlyMap<string, Known>;
}

/** The wish of a case and the host after it, without the laws. */
export function planCase(module: Module<never>, one: Case): Planned {
  return plan(module, one, readState(one));
}

/** Looks until nothing new is named, wishes, finds `before`, predicts: what the engine does, without a host. */
function plan(module: Module<never>, one: Case, host: ReadonlyMap<string, Known>): Planned {
  const params = bindParams(module, one.params);
  const seen = new Map<string, Known>();
  const look = () => {
    const named = module.looksAt(guardWishOnly(module.name, params) as never, fakeView(one, seen));
    const news = named.filter((ref) => !covers(seen, ref));
    for (const ref of news) see(seen, host, ref);
    return news.length;
  };
  const wish = orFailed(() => {
    for (let round = 0; look() > 0; round++) assert.ok(round < 20, 'looksAt names new things without end');
    return module.wants(params as never, fakeView(one, seen));
  });
  const after = new Map(host);
  const steps: PlannedStep[] = [];
  if (wish.failed !== undefined) return { wish, steps, after };
  for (const step of wish.steps) {
    if (step.kind === 'action') {
      steps.push({ kind: 'run', summary: step.summary, script: step.script.text });
      continue;
    }
    assert.ok(seen.has(keyOf(step.ref)), `wants sets ${keyOf(step.ref)}, which looksAt never named`);
    const before = valueIn(after, step);
    if (before === null ? step.to === null : step.to !== null && sameValue(step.ref, before, step.to)) continue;
    steps.push({ kind: 'change', change: { ref: step.ref, before, after: step.to, options: step.options } });
    after.set(keyOf(step.ref), { value: step.to, aspects: step.ref.aspects });
  }
  return { wish, steps, after };
}

/** To read what could not be read fails the task with the reason, in the engine as here. */
function orFailed(wish: () => Wish): Wish {
  try {
    return wish();
  } catch (e) {
    if (e instanceof Unreadable) return { steps: [], failed: { message: e.message } };
    throw e;
  }
}

function readState(one: Case): Map<string, Known> {
  const host = new Map<string, Known>(
    impliedState(Object.keys(one.state ?? {})).map(([key, value]) => [key, { value, aspects: [] }]),
  );
  for (const [key, short] of Object.entries(one.state ?? {})) {
    const type = key.slice(0, key.indexOf(':'));
    const error = (short as { error?: unknown } | null)?.error;
    if (typeof error === 'string') host.set(key, { error, aspects: [] });
    else
      host.set(key, { value: short === null ? null : fillValue(type, key.slice(type.length + 1), short), aspects: [] });
  }
  return host;
}

function see(seen: Map<string, Known>, host: ReadonlyMap<string, Known>, ref: Ref): void {
  const key = keyOf(ref);
  const aspects = [...new Set([...(seen.get(key)?.aspects ?? []), ...ref.aspects])];
  const known = host.get(key) ?? { value: impliedValue(ref.type.name, ref.id, host) };
  seen.set(key, { ...known, aspects });
}

function covers(seen: ReadonlyMap<string, Known>, ref: Ref): boolean {
  const known = seen.get(keyOf(ref));
  return known !== undefined && ref.aspects.every((a) => known.aspects.includes(a));
}

function valueIn(host: ReadonlyMap<string, Known>, step: SetStep): unknown {
  const known = host.get(keyOf(step.ref));
  return known !== undefined && 'value' in known ? known.value : null;
}

/** Parameters that never identify a resource: looksAt must do without them, since they may still be unknown. */
const WISH_ONLY = new Set(['content', 'line', 'block', 'replace', 'value', 'password', 'job', 'key', 'cmd']);

/** What is asked for by its key. */
const BY_KEY = new Set(['getent']);

function guardWishOnly(module: string, params: Readonly<Record<string, unknown>>): unknown {
  return new Proxy(params, {
    get(target, name) {
      const identifies = name === 'key' && BY_KEY.has(module);
      assert.ok(
        identifies || !WISH_ONLY.has(String(name)),
        `looksAt reads ${String(name)}, which may still be unknown`,
      );
      return target[String(name)];
    },
  });
}

function compareSteps(planned: Planned, wants: readonly Wanted[]): void {
  const told = planned.steps.map((s) => (s.kind === 'change' ? `set ${keyOf(s.change.ref)}` : `run ${s.summary}`));
  assert.equal(planned.steps.length, wants.length, `steps: ${JSON.stringify(told)}`);
  wants.forEach((wanted, i) => {
    const step = planned.steps[i] as PlannedStep;
    if ('run' in wanted) {
      assert.equal(step.kind, 'run', `step ${i} is ${told[i]}`);
      if (step.kind !== 'run') return;
      assertIncludes(step.summary, wanted.run, `step ${i}`);
      if (wanted.script !== undefined) assertIncludes(step.script, wanted.script, `step ${i} script`);
      return;
    }
    assert.equal(told[i], `set ${wanted.set}`);
    if (step.kind !== 'change') return;
    const type = step.change.ref.type.name;
    assertPart(
      step.change.after,
      wanted.to === null ? null : fillValue(type, step.change.ref.id, wanted.to, true),
      wanted.set,
    );
    if (wanted.options !== undefined) assertPart(step.change.options, wanted.options, `${wanted.set} options`);
  });
}

function describeLaw(change: Change): void {
  const diff = change.ref.type.describe(change);
  assert.ok(diff.title.length > 0, 'a diff has a title');
  const content = diff.content !== undefined && diff.content.before !== diff.content.after;
  const attributes = diff.attributes.some((a) => a.before !== a.after);
  assert.ok(content || attributes, `the diff of ${keyOf(change.ref)} shows nothing: ${JSON.stringify(diff)}`);
  const action = change.before === null ? 'create' : change.after === null ? 'remove' : 'change';
  assert.equal(diff.action, action);
}

/** Every change can be taken back: a program can be written for it, it can be shown, and it ends where it began. */
function undoLaw(planned: Planned, host: ReadonlyMap<string, Known>): void {
  const back = new Map(planned.after);
  for (const step of planned.steps.toReversed()) {
    if (step.kind !== 'change') continue;
    const { ref, before, after } = step.change;
    const undo: Change = { ref, before: after, after: before, options: {} };
    assert.ok(ref.type.transition([undo]).text.length > 0, `no program undoes ${keyOf(ref)}`);
    describeLaw(undo);
    back.set(keyOf(ref), { value: before, aspects: ref.aspects });
  }
  for (const [key, known] of back) {
    if (!('value' in known)) continue;
    const first = host.get(key);
    assert.deepEqual(known.value, first !== undefined && 'value' in first ? first.value : null, `undo of ${key}`);
  }
}

function secondRunLaw(module: Module<never>, one: Case, first: Planned): void {
  const again = plan(module, one, first.after);
  assert.equal(again.wish.failed?.message, undefined, 'the second run must not fail');
  const changes = again.steps.flatMap((s) => (s.kind === 'change' ? [s.change] : []));
  assert.deepEqual(
    changes.map((c) => ({ key: keyOf(c.ref), before: c.before, after: c.after })),
    [],
    'the second run changes nothing',
  );
}

function assertIncludes(text: string, part: string, where: string): void {
  assert.ok(text.includes(part), `${where}: ${JSON.stringify(part)} is not in ${JSON.stringify(text)}`);
}

/** Every key that `part` has must be in `actual` with that value; lists are compared whole. */
export function assertPart(actual: unknown, part: unknown, where: string): void {
  if (isRecord(part)) {
    assert.ok(isRecord(actual), `${where}: expected ${JSON.stringify(part)}, found ${JSON.stringify(actual)}`);
    for (const [key, value] of Object.entries(part)) assertPart(actual[key], value, `${where}.${key}`);
  } else {
    assert.deepEqual(actual, part, where);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
