import { type Diagnostic, error, fail, ok, type Result } from '../language/diagnostics.ts';
import { readSource } from '../language/source.ts';
import type { Inventory } from './inventory.ts';
import { selectParts, splitPattern } from './patterns.ts';

/**
 * Those of `hosts` that `--limit` leaves, in their order. The limit is a host pattern; `@FILE` stands for the
 * patterns in a file, one a line (what `#` starts is a comment). A limit that names no host at all is an error; one
 * that names none of `hosts` leaves none.
 */
export function applyLimit(inventory: Inventory, hosts: readonly string[], limit: string): Result<readonly string[]> {
  const parts: string[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const part of splitLimit(limit)) {
    if (!part.startsWith('@')) {
      parts.push(part);
      continue;
    }
    const source = readSource(part.slice(1));
    if (source.ok) parts.push(...source.value.text.split('\n').flatMap(readLine));
    else diagnostics.push(...source.diagnostics);
  }
  if (diagnostics.length > 0) return fail(...diagnostics);
  if (parts.length === 0) return fail(noHosts(limit));
  const selected = selectParts(inventory, parts);
  if (!selected.ok) return selected;
  if (selected.value.length === 0) return fail(...(selected.warnings ?? []), noHosts(limit));
  const left = new Set(selected.value);
  return ok(
    hosts.filter((host) => left.has(host)),
    selected.warnings,
  );
}

/** A path behind `@` reaches to the next comma: it may hold colons. */
function splitLimit(limit: string): readonly string[] {
  return limit.split(',').flatMap((part) => (part.trim().startsWith('@') ? [part.trim()] : splitPattern(part)));
}

function readLine(line: string): readonly string[] {
  const trimmed = line.trim();
  return trimmed === '' || trimmed.startsWith('#') ? [] : splitPattern(trimmed);
}

function noHosts(limit: string): Diagnostic {
  return error('inventory', `the limit \`${limit}\` leaves no host`, undefined, 'Nothing would be done anywhere.');
}
