import { keyOf } from '../planning/contracts.ts';
import type { Instance } from '../planning/instance.ts';

/** What a plan would do, task by task: two plans with the same fingerprint do the same. */
export function fingerprint(instances: readonly Instance[]): ReadonlyMap<string, string> {
  const doing = instances.filter((instance) => instance.status === 'change');
  return new Map(
    doing.map((instance) => [
      instance.id,
      JSON.stringify(
        instance.steps.map((step) =>
          step.kind === 'action'
            ? [step.summary, step.script.text]
            : [keyOf(step.change.ref), step.change.after, step.change.ref.type.describe(step.change)],
        ),
      ),
    ]),
  );
}
