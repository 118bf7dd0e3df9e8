import { type Diagnostic, fail, ok, type Result } from './diagnostics.ts';
import type { Condition, Scope, Templated } from './templated.ts';
import { Float, Unknown, type Value } from './values.ts';

/** The value of what the user wrote. Gathers every mistake in it; an Unknown inside stays where it is. */
export function renderTemplated(node: Templated, scope: Scope): Result<Value> {
  const diagnostics: Diagnostic[] = [];
  const value = render(node, scope, diagnostics);
  return diagnostics.length > 0 ? fail(...diagnostics) : ok(value);
}

function render(node: Templated, scope: Scope, diagnostics: Diagnostic[]): Value {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'list':
      return node.items.map((item) => render(item, scope, diagnostics));
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, render(value, scope, diagnostics)]));
    case 'template': {
      const result = node.template.evaluate(scope);
      if (result.ok) return result.value;
      diagnostics.push(...result.diagnostics);
      return null;
    }
  }
}

/**
 * Whether all conditions hold. One that is certainly false decides, even behind one that is unknown; a mistake
 * behind an unknown one is none yet, since that one may guard it (`[result.rc == 0, result.stdout == 'x']`).
 */
export function evaluateAll(conditions: readonly Condition[], scope: Scope): Result<boolean | Unknown> {
  let unknown: Unknown | undefined;
  for (const { expression } of conditions) {
    const holds = expression.judge(scope);
    if (!holds.ok) {
      if (unknown === undefined) return holds;
      continue;
    }
    if (holds.value === false) return ok(false);
    if (holds.value instanceof Unknown) unknown ??= holds.value;
  }
  return ok(unknown ?? true);
}

/** Python's truth of a value: what is empty, zero or None is false. What is not known is not true; ask for it first. */
export function truthy(value: Value): boolean {
  if (value === null || typeof value !== 'object') return Boolean(value);
  if (value instanceof Float) return value.valueOf() !== 0;
  if (value instanceof Unknown) return false;
  return Object.keys(value).length > 0;
}
