import { resolve } from 'node:path';
import { type Diagnostic, error, fail, ok, type Result } from '../language/diagnostics.ts';
import { renderTemplated } from '../language/render.ts';
import { statOf } from '../language/source.ts';
import type { Scope } from '../language/templated.ts';
import { findUnknown, type Value } from '../language/values.ts';
import { type Layer, templatedLayer } from './scope.ts';
import type { Walk } from './walk_context.ts';

/** `vars_files`, the last one first; of a list of alternatives the first that is there (Ansible: play keywords). */
export function loadVarsFiles(walk: Walk, scope: Scope): Result<readonly Layer[]> {
  const layers: Layer[] = [];
  const problems: Diagnostic[] = [];
  for (const node of walk.play.varsFiles) {
    const rendered = renderTemplated(node, scope);
    if (!rendered.ok) {
      problems.push(...rendered.diagnostics);
      continue;
    }
    // Facts decide; they come with the next look.
    if (findUnknown(rendered.value) !== undefined) continue;
    const names = Array.isArray(rendered.value) ? (rendered.value as readonly Value[]) : [rendered.value];
    const paths = names.map((name) => resolve(walk.play.dir, String(name)));
    const path = paths.find((candidate) => statOf(candidate)?.isFile());
    if (path === undefined) {
      problems.push(error('file', `no such vars file: ${names.join(', ')}`, node.span));
      continue;
    }
    const layer = walk.surroundings.loadVars(path);
    if (layer.ok) layers.unshift(templatedLayer(layer.value));
    else problems.push(...layer.diagnostics);
  }
  return problems.length > 0 ? fail(...problems) : ok(layers);
}
