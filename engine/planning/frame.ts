import type { Inherited } from '../language/syntax.ts';
import type { Condition, Templated } from '../language/templated.ts';
import type { Layer } from './scope.ts';
import { templatedLayer } from './scope.ts';

/** Where a task stands: the play, the blocks and the includes around it, outermost first. */
export interface Frame {
  readonly chain: readonly Inherited[];
  /** Variables of the includes around it, innermost first (Ansible: "include params"). */
  readonly includeLayers: readonly Layer[];
  /** Files the tasks came from through include_tasks, outermost first: an include of one of them is a loop. */
  readonly within: readonly string[];
  /** `notify` of the blocks around it. */
  readonly notify: readonly Templated[];
  /** Whether a failure here is caught by a `rescue`. */
  readonly rescued: boolean;
}

type Single =
  | 'become'
  | 'becomeUser'
  | 'becomeMethod'
  | 'noLog'
  | 'ignoreErrors'
  | 'ignoreUnreachable'
  | 'anyErrorsFatal'
  | 'checkMode'
  | 'delegateTo'
  | 'runOnce'
  | 'timeout'
  | 'connection'
  | 'remoteUser';

/** A keyword's value: the innermost that is set. */
export function keyword(chain: readonly Inherited[], name: Single): Templated | undefined {
  for (let i = chain.length - 1; i >= 0; i--) {
    const value = chain[i]?.[name];
    if (value !== undefined) return value;
  }
  return undefined;
}

/** All conditions hold for all that stands inside: the play's, the blocks', the task's, in that order. */
export function conditions(chain: readonly Inherited[]): readonly Condition[] {
  return chain.flatMap((level) => level.when);
}

export function tags(chain: readonly Inherited[]): readonly string[] {
  return [...new Set(chain.flatMap((level) => level.tags))];
}

/** Variables of the blocks and the task, innermost first. The play's own stand lower and are not among them. */
export function blockLayers(chain: readonly Inherited[]): readonly Layer[] {
  return chain
    .slice(1)
    .flatMap((level) => (level.vars ? [templatedLayer(level.vars)] : []))
    .reverse();
}

/** `environment` and `module_defaults` add up, outermost first. */
export function environments(chain: readonly Inherited[]): readonly Templated[] {
  return chain.flatMap((level) => level.environment);
}

export function moduleDefaults(chain: readonly Inherited[]): readonly Templated[] {
  return chain.flatMap((level) => (level.moduleDefaults ? [level.moduleDefaults] : []));
}

export function inside(frame: Frame, level: Inherited, rescued = frame.rescued): Frame {
  return { ...frame, chain: [...frame.chain, level], rescued };
}
