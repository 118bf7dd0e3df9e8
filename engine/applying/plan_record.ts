import type { Instance } from '../planning/instance.ts';
import type { PlannedStep } from '../planning/plan.ts';
import { recorded } from './program.ts';

/**
 * What is kept of a host's plan to know it again: the names of things, and of what is to become of them no more than
 * digests, by which two plans can be compared and a difference named.
 */
export interface TaskRecord {
  readonly id: string;
  readonly name: string;
  readonly parts: Parts;
  readonly steps: readonly StepRecord[];
}

interface StepRecord {
  readonly title: string;
  readonly does: 'create' | 'change' | 'remove' | 'run';
  readonly parts: Parts;
}

type Parts = Readonly<Record<string, string>>;

interface Recording {
  /** Of a text; whoever lacks its key cannot try out what a digest stands for. */
  digest(text: string): string;
  /** Takes the secrets out of a name. */
  mask(text: string): string;
}

/** The tasks that do something, or may, in the order in which they do. */
export function recordTasks(instances: readonly Instance[], recording: Recording): readonly TaskRecord[] {
  return instances.filter(counts).map((instance) => {
    const { id, name, status, target, environment, waitsFor, checkMode, notifies } = instance;
    return {
      id,
      name: recording.mask(name),
      parts: digests(recording, {
        'what comes of it': status,
        'where it runs': target,
        environment,
        'what it waits for': waitsFor,
        'check mode': checkMode ?? null,
        handlers: notifies,
      }),
      steps: instance.steps.map((step) => recordStep(step, instance.noLog, recording)),
    };
  });
}

function counts({ status, steps }: Instance): boolean {
  return status !== 'skip' && (status !== 'ok' || steps.length > 0);
}

function recordStep(step: PlannedStep, noLog: boolean, recording: Recording): StepRecord {
  if (step.kind === 'action') {
    const files = step.script.attachments.map(({ name }) => name);
    const title = noLog ? 'what it runs' : recording.mask(step.summary);
    return {
      title,
      does: 'run',
      parts: digests(recording, { 'the command': [step.summary, step.script.text, files] }),
    };
  }
  const { change } = step;
  // A backup is named after the time at which it is made.
  const { backup, ...options } = change.options;
  const { title, action, attributes, content } = change.ref.type.describe(change);
  return {
    title: recording.mask(title),
    does: action,
    parts: digests(recording, {
      resource: [change.ref.type.name, change.ref.id],
      ...Object.fromEntries(attributes.map(({ name, before, after }) => [name, [before ?? null, after ?? null]])),
      ...(content && { content }),
      [WISH]: recorded(change, change.after),
      options: [options, backup !== undefined],
    }),
  };
}

function digests({ digest }: Recording, values: Readonly<Record<string, unknown>>): Parts {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, digest(canonical(value))]));
}

/** JSON that does not hang on the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** How a plan differs from the one that was kept, in words; `undefined`: it does not. */
export function difference(kept: readonly TaskRecord[], now: readonly TaskRecord[]): string | undefined {
  const ids = new Set(kept.map(({ id }) => id));
  const extra = now.find(({ id }) => !ids.has(id));
  if (extra !== undefined) return `\`${extra.name}\` has something to do now, and had not in the plan`;
  const left = new Set(now.map(({ id }) => id));
  const missing = kept.find(({ id }) => !left.has(id));
  if (missing !== undefined) return `\`${missing.name}\` has nothing to do any more`;
  for (const [i, before] of kept.entries()) {
    const after = now[i] as TaskRecord;
    if (before.id !== after.id) return `\`${after.name}\` would come before \`${before.name}\``;
    const what = taskDifference(before, after);
    if (what !== undefined) return `\`${before.name}\` is not what was planned: ${what}`;
  }
  // An id that comes twice.
  return kept.length === now.length ? undefined : `\`${now.at(-1)?.name}\` would run once more`;
}

function taskDifference(before: TaskRecord, after: TaskRecord): string | undefined {
  const own = differing(before.parts, after.parts);
  if (own.length > 0) return differ(own);
  for (const [i, step] of before.steps.entries()) {
    const other = after.steps[i];
    if (other === undefined) return `${step.title} is not among its steps any more`;
    if (step.title !== other.title) return `${other.title} in the place of ${step.title}`;
    if (step.does !== other.does) return `${step.title}: ${other.does} instead of ${step.does}`;
    const parts = differing(step.parts, other.parts);
    if (parts.length > 0) return `${step.title}: ${differ(parts)}`;
  }
  const more = after.steps[before.steps.length];
  return more === undefined ? undefined : `${more.title} is a further step`;
}

/** The wish as a whole differs with each of its attributes: it is named where nothing else is. */
function differ(parts: readonly string[]): string {
  const telling = parts.filter((part) => part !== WISH);
  return telling.length > 1 ? `${telling.join(', ')} differ` : `${telling[0] ?? WISH} differs`;
}

const WISH = 'what it is to be';

function differing(before: Parts, after: Parts): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]);
}
