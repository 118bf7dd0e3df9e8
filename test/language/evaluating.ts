import assert from 'node:assert/strict';
import type { Diagnostic, Result } from '../../engine/language/diagnostics.ts';
import { compileExpression, compileTemplate, placeAt, renderFile } from '../../engine/language/expressions/compile.ts';
import type { Controller, RenderOptions, Scope } from '../../engine/language/templated.ts';
import type { Unknown, Value, ValueMap } from '../../engine/language/values.ts';

export function scope(vars: ValueMap, controller?: Controller): Scope {
  const lookup: Scope['lookup'] = (name) =>
    Object.hasOwn(vars, name) ? { ok: true, value: vars[name] as Value } : undefined;
  const names = () => Object.keys(vars);
  return controller === undefined ? { lookup, names } : { lookup, names, controller };
}

/** What an expression gives, or the diagnostics of compiling or evaluating it. */
export function expression(text: string, from: ValueMap | Scope = {}): Result<Value> {
  const compiled = compileExpression(text, placeAt({ path: 'test.yml', text }, 0));
  return compiled.ok ? compiled.value.evaluate(asScope(from)) : compiled;
}

export function judgement(text: string, from: ValueMap | Scope = {}): Result<boolean | Unknown> {
  const compiled = compileExpression(text, placeAt({ path: 'test.yml', text }, 0));
  return compiled.ok ? compiled.value.judge(asScope(from)) : compiled;
}

/** What a value in YAML gives. */
export function template(text: string, from: ValueMap | Scope = {}): Result<Value> {
  const compiled = compileTemplate(text, placeAt({ path: 'test.yml', text }, 0));
  return compiled.ok ? compiled.value.evaluate(asScope(from)) : compiled;
}

export const STANDARD: RenderOptions = { trimBlocks: true, lstripBlocks: false, newline: '\n' };

export function file(text: string, from: ValueMap | Scope = {}, options = STANDARD): Result<string | Unknown> {
  return renderFile({ path: 'test.j2', text }, options, asScope(from));
}

function asScope(from: ValueMap | Scope): Scope {
  return typeof from.lookup === 'function' ? (from as Scope) : scope(from as ValueMap);
}

export function valueFrom<T>(result: Result<T>): T {
  if (!result.ok) assert.fail(result.diagnostics.map(({ message }) => message).join('; '));
  return result.value;
}

/** The one thing that is wrong. */
export function problemOf(result: Result<unknown>): Diagnostic {
  assert.ok(!result.ok, `there should be a mistake, and there is ${JSON.stringify(result)}`);
  assert.equal(result.diagnostics.length, 1);
  return result.diagnostics[0] as Diagnostic;
}

/** The part of the source that a diagnostic points at. */
export function marked({ span }: Diagnostic): string | undefined {
  return span?.source.text.slice(span.start, span.end);
}
