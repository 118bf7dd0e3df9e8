import { type Diagnostic, error, fail, ok, type Result } from '../language/diagnostics.ts';
import { renderTemplated } from '../language/render.ts';
import type { Controller, Scope, Templated, VarLayer } from '../language/templated.ts';
import type { Value, ValueMap } from '../language/values.ts';

/** One place where variables come from. */
export interface Layer {
  get(name: string): Variable | undefined;
  names(): Iterable<string>;
}

/**
 * Data is what it is; a templated variable is rendered when it is asked for, with the asking task's variables; a file
 * that cannot be opened may define any.
 */
export type Variable =
  | { readonly kind: 'data'; readonly value: Value }
  | { readonly kind: 'templated'; readonly node: Templated }
  | { readonly kind: 'wrong'; readonly diagnostics: readonly Diagnostic[] };

export function dataLayer(values: ValueMap): Layer {
  return {
    get: (name) => (Object.hasOwn(values, name) ? { kind: 'data', value: values[name] as Value } : undefined),
    names: () => Object.keys(values),
  };
}

export function templatedLayer(layer: VarLayer): Layer {
  return {
    get: (name) => {
      const node = layer.entries.get(name);
      if (node !== undefined) return { kind: 'templated', node };
      return layer.problems?.length ? { kind: 'wrong', diagnostics: layer.problems } : undefined;
    },
    names: () => layer.entries.keys(),
  };
}

/** Looks a name up in layers, highest precedence first. Renders lazily, once, and stops at a loop of variables. */
export function createScope(layers: readonly Layer[], controller?: Controller): Scope {
  const rendered = new Map<string, Result<Value>>();
  const rendering: string[] = [];

  function render(name: string, node: Templated): Result<Value> {
    const known = rendered.get(name);
    if (known !== undefined) return known;
    if (rendering.includes(name)) {
      const loop = [...rendering.slice(rendering.indexOf(name)), name].join(' -> ');
      return fail(error('expression', `the variable \`${name}\` is defined by itself: ${loop}`, node.span));
    }
    rendering.push(name);
    const value = renderTemplated(node, scope);
    rendering.pop();
    if (value.ok || rendering.length === 0) rendered.set(name, value);
    return value;
  }

  const scope: Scope = {
    ...(controller === undefined ? {} : { controller }),
    lookup(name) {
      for (const layer of layers) {
        const found = layer.get(name);
        if (found === undefined) continue;
        if (found.kind === 'data') return ok(found.value);
        if (found.kind === 'wrong') return fail(...found.diagnostics);
        return found.node.kind === 'literal' ? ok(found.node.value) : render(name, found.node);
      }
      return undefined;
    },
    *names() {
      for (const layer of layers) yield* layer.names();
    },
  };
  return scope;
}
