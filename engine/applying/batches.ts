import { error, fail, ok, type Result } from '../language/diagnostics.ts';
import { renderTemplated } from '../language/render.ts';
import type { PlaySyntax } from '../language/syntax.ts';
import type { Scope } from '../language/templated.ts';
import { findUnknown, type Value } from '../language/values.ts';

/**
 * `serial`: the hosts of a play in the batches they are done in. Numbers and percentages, the last one
 * repeated (Ansible: "Setting the batch size with serial").
 */
export function batchesOf(
  play: PlaySyntax,
  hosts: readonly string[],
  scope: Scope,
): Result<readonly (readonly string[])[]> {
  const sizes: number[] = [];
  for (const node of play.serial) {
    const rendered = renderTemplated(node, scope);
    if (!rendered.ok) return rendered;
    for (const value of Array.isArray(rendered.value) ? (rendered.value as readonly Value[]) : [rendered.value]) {
      const size = sizeOf(value, hosts.length);
      if (size === undefined) {
        return fail(error('type', `\`serial\` takes numbers and percentages, not \`${String(value)}\``, node.span));
      }
      sizes.push(size);
    }
  }
  if (sizes.length === 0) return ok(hosts.length === 0 ? [] : [hosts]);
  const batches: (readonly string[])[] = [];
  for (let at = 0, i = 0; at < hosts.length; i++) {
    const size = sizes[Math.min(i, sizes.length - 1)] as number;
    batches.push(hosts.slice(at, at + size));
    at += size;
  }
  return ok(batches);
}

function sizeOf(value: Value, hosts: number): number | undefined {
  if (findUnknown(value) !== undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(value));
  if (match === null) return undefined;
  const number = Number(match[1]);
  if (match[2] === '%') return Math.max(1, Math.floor((hosts * number) / 100));
  return Number.isInteger(number) ? (number === 0 ? hosts : number) : undefined;
}
