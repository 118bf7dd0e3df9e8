import type { ContentDiff, Diff } from '../planning/contracts.ts';
import type { PlannedChange } from '../planning/plan.ts';
import { MASK } from '../secrets/secrets.ts';

type Mask = (text: string) => string;

const HIDDEN: ContentDiff = { kind: 'opaque', before: '(hidden: no_log)', after: '(hidden: no_log)' };

/**
 * A change as it may be shown. A content that a task under `no_log` has to do with is not; and where a secret is to
 * stand, what stands there now is most likely the one before it, which nobody can know: it is masked as well.
 */
export function shownDiff({ change, hidden }: PlannedChange, mask: Mask): Diff {
  const diff = change.ref.type.describe(change);
  const attributes = diff.attributes.map((attribute) => {
    const secret = attribute.after !== undefined && mask(attribute.after) !== attribute.after;
    return secret && attribute.before !== undefined ? { ...attribute, before: MASK } : attribute;
  });
  if (diff.content === undefined) return { ...diff, attributes };
  return { ...diff, attributes, content: hidden ? HIDDEN : withoutOldSecrets(diff.content, mask) };
}

function withoutOldSecrets(content: ContentDiff, mask: Mask): ContentDiff {
  if (content.kind === 'opaque') return content;
  const { before, after } = content;
  if (before === '' || mask(after) === after) return content;
  const lines = after.split('\n');
  const frames = lines.flatMap((line) => frameOf(line, mask(line)) ?? []);
  const kept = new Set(lines);
  const masked = before.split('\n').map((line) => (kept.has(line) ? line : withinFrame(line, frames)));
  return { ...content, before: masked.join('\n') };
}

/** What stands around the secrets of a line: `password = ` and `;`. */
interface Frame {
  readonly start: string;
  readonly end: string;
}

function frameOf(line: string, masked: string): Frame | undefined {
  if (masked === line) return undefined;
  return { start: masked.slice(0, masked.indexOf(MASK)), end: masked.slice(masked.lastIndexOf(MASK) + MASK.length) };
}

/** The closest frame that the line fits; a line that is a secret as a whole is a frame for every line. */
function withinFrame(line: string, frames: readonly Frame[]): string {
  let best: Frame | undefined;
  for (const frame of frames) {
    const { start, end } = frame;
    if (line.trim() === '' || line.length < start.length + end.length) continue;
    if (!line.startsWith(start) || !line.endsWith(end)) continue;
    if (best === undefined || start.length + end.length > best.start.length + best.end.length) best = frame;
  }
  return best === undefined ? line : `${best.start}${MASK}${best.end}`;
}
