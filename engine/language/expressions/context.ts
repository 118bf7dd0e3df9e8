import { error } from '../diagnostics.ts';
import { didYouMean } from '../suggest.ts';
import type { Scope } from '../templated.ts';
import { globals } from './globals.ts';
import { type Operand, Undefined } from './operand.ts';
import { type Place, Problem } from './problem.ts';
import type { Runtime } from './runtime.ts';
import { spanOf, type TemplateText } from './template_text.ts';

/** Names that a template itself gives: by `set`, a loop, a macro's parameters. */
export interface Frame {
  readonly names: Map<string, Operand>;
  readonly outer: Frame | undefined;
}

/** Where a node is evaluated. */
export interface Context {
  readonly runtime: Runtime;
  readonly scope: Scope;
  readonly template: TemplateText;
  readonly frame: Frame;
  /** The text of a `filter` block's body. */
  readonly body?: Operand;
}

export function newFrame(outer?: Frame): Frame {
  return { names: new Map(), outer };
}

/** The same place with names of its own. */
export function inside(context: Context, frame = newFrame(context.frame)): Context {
  return { ...context, frame };
}

/** Marks what is about to be done, so that a Problem in it is told at that place. */
export function at(place: Place, context: Context): void {
  context.runtime.here = { place, template: context.template };
}

/** A template's own names first, then variables, then the functions that are always there. */
export function lookUp(name: string, place: Place, context: Context): Operand {
  for (let frame: Frame | undefined = context.frame; frame !== undefined; frame = frame.outer) {
    const value = frame.names.get(name);
    if (value !== undefined) return value;
  }
  const found = context.scope.lookup(name);
  if (found === undefined) return globals().get(name) ?? undefinedName(name, place, context);
  if (found.ok) return found.value;
  const { diagnostics } = found;
  // As in Ansible, a variable whose own template misses something is itself undefined: `default` helps.
  if (diagnostics.every(({ code }) => code === 'undefined')) return new Undefined(name, () => diagnostics);
  at(place, context);
  throw new Problem(`\`${name}\` cannot be evaluated`, { diagnostics });
}

function undefinedName(name: string, place: Place, context: Context): Undefined {
  return missing(name, place, context, `\`${name}\` is undefined`, () => namesIn(context));
}

function* namesIn(context: Context): Iterable<string> {
  for (let frame: Frame | undefined = context.frame; frame !== undefined; frame = frame.outer)
    yield* frame.names.keys();
  yield* context.scope.names();
  yield* globals().keys();
}

/** `candidates`: what may have been meant. */
export function missing(
  name: string,
  place: Place,
  context: Context,
  message: string,
  candidates: () => Iterable<string> = () => [],
  lenient = false,
): Undefined {
  const { template } = context;
  const explain = () => [error('undefined', message, spanOf(place, template), didYouMean(name, candidates()))];
  return new Undefined(name, explain, lenient);
}
