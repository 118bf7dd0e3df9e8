import { type Change, keyOf, type SetStep, type Wish } from './contracts.ts';
import type { PlannedStep } from './plan.ts';
import type { Settings } from './settings.ts';
import { type Known, sameValue } from './state.ts';
import { Unreadable } from './unreadable.ts';
import { hiddenKey, stateOf, type Walk } from './walk_context.ts';

/**
 * Turns a wish into changes and actions, and the state into what it will be after them.
 * `unsure` takes what the steps wait for; `quiet`: what is run only reads, on the user's word.
 */
export function predict(
  walk: Walk,
  name: string,
  set: Settings,
  wish: Wish,
  unsure: Set<string>,
  quiet: boolean,
  user: string,
): readonly PlannedStep[] {
  const state = stateOf(walk, set.target.host);
  const dry = set.checkMode === true;
  const steps: PlannedStep[] = [];
  // What was in doubt before it began: a task does not wait for its own steps.
  for (const step of wish.steps) {
    const known = step.kind === 'set' ? state.peek(step.ref, user) : undefined;
    if (known?.kind === 'value') for (const doubt of known.doubts) unsure.add(doubt);
  }
  for (const step of wish.steps) {
    if (step.kind === 'action') {
      steps.push(step);
      if (quiet || dry || step.disturbs === 'nothing') continue;
      state.disturb(step.disturbs === 'everything' ? () => true : step.disturbs, name);
      continue;
    }
    const change = changeFor(state.peek(step.ref, user), step);
    if (change === undefined) continue;
    const hidden = walk.surroundings.hidden.has(hiddenKey(set.target.host, step.ref));
    steps.push({ kind: 'change', change, ...(hidden && { hidden }) });
    if (!dry) state.predict(change, name, [...unsure]);
  }
  return steps;
}

/** The change a step comes to; undefined where the resource is so already. */
function changeFor(known: Known | undefined, step: SetStep): Change | undefined {
  if (known === undefined) throw new Error(`${keyOf(step.ref)} is set and was never looked at`);
  if (known.kind === 'unreadable') throw new Unreadable(known.error);
  const { value: before } = known;
  if (before === null ? step.to === null : step.to !== null && sameValue(step.ref, before, step.to)) return undefined;
  return { ref: step.ref, before, after: step.to, options: step.options };
}
