import type { Span } from './diagnostics.ts';
import type { Condition, Templated, VarLayer } from './templated.ts';

/** A playbook as written and validated: imports are resolved, nothing is rendered. */
export interface Playbook {
  readonly path: string;
  readonly plays: readonly PlaySyntax[];
}

/** What a play, a block and a task share; a child inherits what it does not set itself. */
export interface Inherited {
  readonly become?: Templated;
  readonly becomeUser?: Templated;
  readonly becomeMethod?: Templated;
  readonly when: readonly Condition[];
  readonly vars?: VarLayer;
  readonly tags: readonly string[];
  readonly environment: readonly Templated[];
  readonly noLog?: Templated;
  readonly ignoreErrors?: Templated;
  readonly ignoreUnreachable?: Templated;
  readonly anyErrorsFatal?: Templated;
  readonly checkMode?: Templated;
  readonly delegateTo?: Templated;
  readonly runOnce?: Templated;
  /** `module_defaults`: module name -> arguments. */
  readonly moduleDefaults?: Templated;
  readonly timeout?: Templated;
  readonly connection?: Templated;
  readonly remoteUser?: Templated;
}

export interface PlaySyntax extends Inherited {
  readonly name?: Templated;
  /** Patterns, joined with commas where a list was written. */
  readonly hosts: Templated;
  readonly gatherFacts: Templated;
  readonly varsFiles: readonly Templated[];
  readonly serial: readonly Templated[];
  readonly maxFailPercentage?: Templated;
  /** pre_tasks, roles, tasks and post_tasks in the order they run, with the handler flush after each section. */
  readonly sections: readonly {
    readonly name: 'pre_tasks' | 'roles' | 'tasks' | 'post_tasks';
    readonly tasks: readonly TaskNode[];
  }[];
  readonly handlers: readonly TaskNode[];
  /** Directory of the file that the play stands in: relative `src`, `vars_files` and includes start here. */
  readonly dir: string;
  readonly span: Span;
}

export type TaskNode = TaskSyntax | BlockSyntax;

export interface TaskSyntax extends Inherited {
  readonly kind: 'task';
  /** Unique in the playbook and stable between two reads of the same files: `0.tasks.3.block.1`. */
  readonly key: string;
  readonly name?: Templated;
  /** The module's own name, resolved from short name or FQCN: `lineinfile`. */
  readonly module: string;
  /** Always a map: free form and `k=v` are already taken apart (free form under the module's `freeForm` parameter). */
  readonly args: Extract<Templated, { kind: 'map' }>;
  readonly loop?: Loop;
  readonly register?: string;
  readonly notify: readonly Templated[];
  readonly listen: readonly string[];
  readonly changedWhen?: readonly Condition[];
  readonly failedWhen?: readonly Condition[];
  readonly until?: readonly Condition[];
  readonly retries?: Templated;
  readonly delay?: Templated;
  readonly dir: string;
  readonly span: Span;
  /** The module's name as written. */
  readonly moduleSpan: Span;
}

export interface Loop {
  /** `loop`, or the part after `with_`. */
  readonly form:
    | 'loop'
    | 'items'
    | 'dict'
    | 'fileglob'
    | 'first_found'
    | 'nested'
    | 'together'
    | 'sequence'
    | 'list'
    | 'indexed_items';
  readonly over: Templated;
  /** `loop_control.loop_var`, default `item`. */
  readonly variable: string;
  readonly indexVariable?: string;
  readonly label?: Templated;
  readonly pause?: Templated;
  /** `loop_control.extended`: `ansible_loop`. */
  readonly extended: boolean;
}

export interface BlockSyntax extends Inherited {
  readonly kind: 'block';
  readonly key: string;
  readonly name?: Templated;
  readonly block: readonly TaskNode[];
  readonly rescue: readonly TaskNode[];
  readonly always: readonly TaskNode[];
  readonly notify: readonly Templated[];
  readonly span: Span;
}
