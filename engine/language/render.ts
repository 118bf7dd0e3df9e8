import { fail, type Result } from './diagnostics.ts';
import type { Condition, Scope, Templated } from './templated.ts';
import type { Unknown, Value } from './values.ts';

export function renderTemplated(_node: Templated, _scope: Scope): Result<Value> {
  return fail();
}

export function evaluateAll(_conditions: readonly Condition[], _scope: Scope): Result<boolean | Unknown> {
  return fail();
}

export function truthy(value: Value): boolean {
  return Boolean(value);
}
