import type { Change } from '../planning/contracts.ts';
import { type Sh, sh } from '../transport/sh.ts';
import { digest, sameContent, sizeOf } from './content.ts';
import type { PathValue } from './path_value.ts';

/** What is removed, replaced or written anew is copied with all that cp(1) can keep: owner, mode, times, ACL, attributes. */
export function pathImage({ ref, before, after }: Change<PathValue>, to: Sh): Sh | undefined {
  if (before === null || isKept(before, after)) return undefined;
  if (before.kind === 'other' && before.type === 'socket') return undefined;
  return sh`cp -a -- ${ref.id} ${to}`;
}

/** Whether `before` and what stays in place are all there is to know. */
function isKept(before: PathValue, after: PathValue | null): boolean {
  if (before.kind === 'link') return true;
  if (after === null || after.kind !== before.kind) return false;
  if (before.kind !== 'file' || after.kind !== 'file' || after.content === undefined) return true;
  return before.content !== undefined && sameContent(before.content, after.content);
}

/** Without what else was seen, and with contents as `{ size, sha256 }`. */
export function recordPath(value: PathValue): unknown {
  const { stat: _, ...rest } = value;
  if (rest.kind !== 'file' || rest.content === undefined) return rest;
  return { ...rest, content: { size: sizeOf(rest.content), sha256: digest(rest.content, 'sha256') } };
}
