import type { Result } from '../language/diagnostics.ts';
import type { ModuleSpec } from '../language/module_spec.ts';
import type { RenderOptions } from '../language/templated.ts';
import type { Unknown, Value, ValueMap } from '../language/values.ts';
import type { Answer } from '../transport/connection.ts';
import type { Sh } from '../transport/sh.ts';
import type { Finding } from './finding.ts';

export type { RenderOptions };

/**
 * A thing on a host, and how much of it is asked: `path('/etc/motd', 'content')`.
 * Two refs of one type and id are the same resource; their aspects add up.
 */
export interface Ref<V = unknown> {
  readonly type: ResourceType<V>;
  readonly id: string;
  /** Costly parts of the value that are read only when asked for: `content`, `sha1`. */
  readonly aspects: readonly string[];
}

/** What a look found: a value, `null` for "not there", or why it could not be read. */
export type Seen<V = unknown> = { readonly ref: Ref<V> } & ({ readonly value: V | null } | { readonly error: string });

/** A resource, what it was, what it is to be. Plain data: what plan shows and apply does. */
export interface Change<V = unknown> {
  readonly ref: Ref<V>;
  readonly before: V | null;
  readonly after: V | null;
  readonly options: ChangeOptions;
}

export interface ChangeOptions {
  /** A command with `%s` for the new content's path, as in Ansible; it must succeed before the content is in place. */
  readonly validate?: string;
  /** Copy the old file to this path first. */
  readonly backup?: string;
  /** Further choices that a resource type defines for its own transition (`purge`, `removeHome`, ...). */
  readonly [option: string]: string | number | boolean | undefined;
}

/** One kind of resource, known once for every module that touches it. */
export interface ResourceType<V> {
  readonly name: string;
  /** One program that reads many; as few processes as can be, however many refs. */
  collect(refs: readonly Ref<V>[]): Sh;
  /**
   * One Seen for each ref; Seens of further resources that the answer happens to tell are welcome.
   * `answer` comes from a host and is not trusted: whatever it holds, parse does not throw.
   */
  parse(answer: Answer, refs: readonly Ref<V>[]): readonly Seen[];
  /** Makes the changes (of one task) so, together where that is possible, atomically each. Exits non-zero on failure. */
  transition(changes: readonly Change<V>[]): Sh;
  describe(change: Change<V>): Diff;
  /** The value as a journal keeps it: without what is no part of it, and what it holds of contents by their hash. */
  record?(value: V): unknown;
  /**
   * Keeps in the file `to` on the host what is there now and what `before` does not hold of it, for `undo`. Runs
   * before the transition; `undefined`: the value is all there is to keep.
   */
  image?(change: Change<V>, to: Sh): Sh | undefined;
  /** Whether what was observed is what was wanted. Default: equal in every key that both have. */
  same?(observed: V | null, wanted: V | null): boolean;
  /** Whether the change may alter another resource, so that what is known of it is no longer certain. */
  affects?(change: Change<V>, other: Ref, value: unknown): boolean;
  /**
   * It hangs on others that nobody could name, such as what listens or how full a disk is: any change may alter it,
   * or those that it says.
   */
  readonly derived?: true | ((change: Change) => boolean);
  /** Whether changing this one may cut SSH, become or the network: the access guard's business. */
  access?(id: string): boolean;
}

/** How one change looks to a person. Derived from before and after, never written by a module. */
export interface Diff {
  /** `file /etc/motd`, `package nginx`. */
  readonly title: string;
  readonly action: 'create' | 'change' | 'remove';
  /** `undefined`: not there. */
  readonly attributes: readonly {
    readonly name: string;
    readonly before?: string | undefined;
    readonly after?: string | undefined;
  }[];
  readonly content?: ContentDiff;
  /** The change holds something secret: contents and attributes marked so are never shown. */
  readonly secret?: boolean;
}

export type ContentDiff =
  | { readonly kind: 'text'; readonly before: string; readonly after: string }
  | { readonly kind: 'opaque'; readonly before?: string | undefined; readonly after?: string | undefined }; // binary or huge: "12.3 MiB, sha256 ab12..."

/** Something to run that is not a state: a command, a restart. */
export interface Action {
  readonly kind: 'action';
  /** What a plan shows: `run: touch /opt/app/.provisioned`, `restart unit ssh`. */
  readonly summary: string;
  readonly script: Sh;
  /** What it may alter: everything (nobody can know), nothing, or what the function says. */
  readonly disturbs: 'everything' | 'nothing' | ((other: Ref, value: unknown) => boolean);
  /** Whether it counts as a change; a function decides by what came back. Planning takes a function for `true`. */
  readonly changed: boolean | ((answer: Answer) => boolean);
  /** What the task registers: `rc`, `stdout`, ... */
  result(answer: Answer): ValueMap;
  /** Why the answer is a failure; default: an exit status other than 0. */
  failed?(answer: Answer): string | undefined;
  readonly access?: boolean;
  /** The host goes away on it, and is to come back. */
  readonly leaves?: Leaving;
  /** Changes that are known to come of it, for an undo: it is no step of a state, and still leaves one. */
  readonly alters?: readonly Change[];
  /** What is kept of the answer in a file of the controller, once the action has succeeded. */
  readonly keeps?: Keeps;
  /** What an undo does once more when all else is as it was: whoever had read what the run made reads it anew. */
  readonly again?: UnitVerb;
}

/** A file of the controller that is replaced as a whole; directories that it needs are made. */
export interface Keeps {
  /** Absolute. */
  readonly path: string;
  bytes(answer: Answer): Uint8Array;
}

/** How it is seen that a host has gone away and is back. Times are in seconds. */
export interface Leaving {
  /** Prints one thing before and another one after, such as the boot's id. */
  readonly sign: Sh;
  /** Has to succeed once it is back. */
  readonly test: Sh;
  /** How long it may take until it is back, and until the test succeeds. */
  readonly timeoutS: number;
  /** Before it is looked for. */
  readonly delayS: number;
  /** For one login; missing: as for every other. */
  readonly loginS?: number;
}

/** What systemctl(1) is to do; `unit` is the id of a unit, missing where it is systemd itself. */
export interface UnitVerb {
  readonly verb: 'restart' | 'reload' | 'daemon-reload';
  readonly unit?: string;
}

/** A resource that is to have this value. The engine finds `before`, and drops it where nothing would change. */
export interface SetStep<V = unknown> {
  readonly kind: 'set';
  readonly ref: Ref<V>;
  readonly to: V | null;
  readonly options: ChangeOptions;
}

export type Step = SetStep | Action;

/** What a module wants, given what was seen. Steps are made in this order. */
export interface Wish {
  readonly steps: readonly Step[];
  /** What the task registers beside `changed`, `failed`, `skipped`, `msg`. */
  readonly result?: ValueMap;
  /** Facts the module found out (`setup`, `package_facts`); become `ansible_facts`. */
  readonly facts?: ValueMap;
  /** It cannot be done, and why: `parameter` is the path of the parameter to blame (`['mode']`). */
  readonly failed?: { readonly message: string; readonly parameter?: readonly string[] };
  readonly warnings?: readonly string[];
  /** What a check judges. */
  readonly finding?: Finding;
}

/**
 * A module says what it looks at and what it wants. Synchronous and pure: no I/O, clock, randomness, logging.
 * Parameters arrive rendered, validated, with defaults filled in and aliases resolved.
 */
export interface Module<P = ValueMap> extends ModuleSpec {
  readonly kind: 'module';
  /**
   * Asked again after each look until it names nothing new, so that one look can lead to the next
   * (`view.peek` gives `undefined` for what has not been seen). Reads only the parameters that identify
   * resources: one that is still unknown ends the call, and is asked again later.
   */
  looksAt(params: P, view: View): readonly Ref[];
  /** Called when all that looksAt names has been seen. */
  wants(params: P, view: View): Wish;
}

/** What a module may know. */
export interface View {
  /** The value, `null` if it is not there. Throws where it was never asked for: a bug in looksAt. */
  get<V>(ref: Ref<V>): V | null;
  /** As `get`, but `undefined` where it has not been seen yet. */
  peek<V>(ref: Ref<V>): V | null | undefined;
  /** Why it could not be read, if so. `get` of such a ref fails the task with this. */
  problem(ref: Ref): string | undefined;
  /** The user that the task acts as, on the host. */
  readonly user: string;
  /** When the run began, in milliseconds since 1970. */
  readonly now: number;
  /** A file or directory on the controller, found as Ansible finds it (`files/`, `templates/`, beside the play). */
  local(path: string, kind: 'file' | 'template', options?: LocalOptions): LocalFile | undefined;
  /** Renders a template file with the task's variables. */
  render(file: LocalFile, options: RenderOptions): Result<string>;
  /** Evaluates a bare expression with the task's variables. */
  evaluate(expression: string): Result<Value>;
  /** The task's environment, names and values already rendered. */
  readonly environment: Readonly<Record<string, string>>;
  /** How many `-v` the user gave; missing: none. */
  readonly verbosity?: number;
}

interface LocalOptions {
  /** Without it an encrypted file is given as it is; default: true. */
  readonly decrypt?: boolean;
}

export interface LocalFile {
  /** As found, for messages. */
  readonly path: string;
  /** Permission bits, such as 0o644. */
  readonly mode: number;
  readonly kind: 'file' | 'directory';
  bytes(): Uint8Array;
  /** Paths of all files and directories below, relative, sorted; empty for a file. Links are not entered. */
  entries(): readonly string[];
  /** The links among the entries, and their targets as written. */
  links?(): ReadonlyMap<string, string>;
}

/** What steers the engine and not the host: set_fact, include_tasks, meta, assert, debug, fail. */
export interface Directive<P = ValueMap> extends ModuleSpec {
  readonly kind: 'directive';
  /** Whether it can work with parameters that are not known yet (`set_fact` hands them on). Others wait. */
  readonly acceptsUnknown?: boolean;
  run(params: P, view: View): DirectiveOutcome;
}

export interface DirectiveOutcome {
  /** It hangs on something that is not known yet; nothing else in the outcome counts. */
  readonly unknown?: Unknown;
  /** Shown to the user under the task. */
  readonly message?: string;
  readonly result?: ValueMap;
  readonly failed?: string;
  /** Variables set for the rest of the run (`set_fact`). */
  readonly variables?: ValueMap;
  readonly meta?:
    | 'flush_handlers'
    | 'end_play'
    | 'end_host'
    | 'end_batch'
    | 'clear_facts'
    | 'clear_host_errors'
    | 'noop';
  /** Tasks to go on with, from a file. */
  readonly include?: { readonly kind: 'tasks' | 'vars'; readonly file: string };
}

export type AnyModule = Module<never> | Directive<never>;

/** Keeps the parameter type where the module is written and hides it from the engine. */
export function defineModule<P>(module: Omit<Module<P>, 'kind'>): Module<P> {
  return { kind: 'module', ...module };
}

export function defineDirective<P>(directive: Omit<Directive<P>, 'kind'>): Directive<P> {
  return { kind: 'directive', ...directive };
}

export function set<V>(ref: Ref<V>, to: V | null, options: ChangeOptions = {}): SetStep<V> {
  return { kind: 'set', ref, to, options };
}

/** The resource's name in maps and journals. */
export function keyOf(ref: Ref): string {
  return `${ref.type.name}:${ref.id}`;
}

/**
 * Thrown where a module reads a parameter, or asks for a ref, that is not known yet. The engine catches it:
 * the module is asked again after the next look. The one exception that is no bug.
 */
export class NotYet extends Error {
  override readonly name = 'NotYet';
  readonly waitsFor: string;
  readonly look: boolean;

  constructor(waitsFor: string, look: boolean) {
    super(`waits for ${waitsFor}`);
    this.waitsFor = waitsFor;
    this.look = look;
  }
}
