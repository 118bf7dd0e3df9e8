import { type Ref, set, type View } from '../../planning/contracts.ts';
import { named } from '../../planning/named.ts';
import { digest, sameContent } from '../../resources/content.ts';
import { path, pathType } from '../../resources/path.ts';
import { pathImage } from '../../resources/path_image.ts';
import { isPath } from '../../resources/path_look.ts';
import type { DirectoryValue, PathValue } from '../../resources/path_value.ts';
import { sh } from '../../transport/sh.ts';
import { inside, leftInside } from './inside.ts';
import { type Back, eachBack, NOTHING, type Past, type Restorable, type Undoing } from './restorable.ts';
import { type Check, isCount, isText, matching, orNull, shaped } from './shape.ts';

/** As many names as are told. */
const MOST_NAMED = 5;

export const restorePath: Restorable<PathValue> = {
  type: pathType,
  isId: isPath,
  read: readPath,
  looksAt: (changes, { view }) => changes.flatMap((past) => [...refsOf(past), ...insideRefs(past, view)]),
  back(changes, undoing) {
    const gone = new Set(changes.filter(({ before }) => before === null).map(({ ref }) => ref.id));
    return eachBack(
      changes,
      undoing,
      (past) => valueBefore(past, undoing.view),
      (past, now) => backOne(past, now, undoing, gone),
    );
  },
};

const isMode: Check = (value) => isCount(value) && (value as number) <= 0o7777;
const isTimes: Check = (value) => shaped(value, {}, { modified: isText, accessed: isText }) !== undefined;
const isHash: Check = (value) => shaped(value, { size: isCount, sha256: matching(/^[0-9a-f]{64}$/) }) !== undefined;
const OWNED = { owner: isText, group: isText, times: isTimes };
const PERMITTED = { ...OWNED, flags: matching(/^[A-Za-z]*$/) };
const TYPES = matching(/^(fifo|socket|block device|character device|unknown)$/);

function readPath(value: unknown): PathValue | undefined {
  const kind = (value as { kind?: unknown } | null)?.kind;
  const common = { kind: isText, mode: isMode };
  const read =
    kind === 'file'
      ? shaped(value, common, { ...PERMITTED, content: isHash, hard: isText })
      : kind === 'directory'
        ? shaped(value, common, PERMITTED)
        : kind === 'link'
          ? shaped(value, { kind: isText, target: isText }, { ...OWNED, resolved: orNull(isText) })
          : kind === 'other'
            ? shaped(value, { ...common, type: TYPES }, PERMITTED)
            : undefined;
  return read as PathValue | undefined;
}

/** The path with what the journal tells of it, and the image that is kept. */
function refsOf({ ref, before, after, image, options }: Past<PathValue>): readonly Ref[] {
  const holds = image !== undefined || (after?.kind === 'file' && after.content !== undefined);
  const aspects = new Set([...ref.aspects, ...(holds ? ['content'] : [])]);
  return [
    { ...ref, aspects: [...aspects] } as Ref,
    ...(image === undefined ? [] : [path(image, 'content') as Ref]),
    ...(image === undefined || before?.kind !== 'directory' ? [] : [inside(image) as Ref]),
    ...(typeof options.backup === 'string' ? [path(options.backup) as Ref] : []),
  ];
}

/** A directory that the run made: what is in it now, and what it put there as a whole. */
function insideRefs({ ref, before, after, options }: Past<PathValue>, view: View): readonly Ref[] {
  if (before !== null || after?.kind !== 'directory') return [];
  if (view.peek(path(ref.id))?.kind !== 'directory') return [];
  return [inside(ref.id), ...(typeof options.image === 'string' ? [inside(options.image)] : [])] as Ref[];
}

/** As the journal has it, with the content from the image; without one the content stays what it is. */
function valueBefore(past: Past<PathValue>, view: View): PathValue | null {
  const { before, image } = past;
  if (before?.kind !== 'file') return before;
  const { content: _, ...rest } = before;
  const kept = image === undefined ? null : view.get(path(image, 'content'));
  if (kept?.kind !== 'file' || kept.content === undefined) return needsImage(past) ? before : rest;
  const { content } = kept;
  return { ...rest, content: 'size' in content ? { ...content, host: image as string } : content };
}

function backOne(past: Past<PathValue>, now: PathValue | null, undoing: Undoing, gone: ReadonlySet<string>): Back {
  const { ref, before, image, options } = past;
  const { view } = undoing;
  const copy = typeof options.backup === 'string' ? path(options.backup) : undefined;
  const backup = copy === undefined || view.get(copy) === null ? [] : [set(copy, null) as never];
  if (before === null) {
    const removal = now?.kind === 'directory' ? emptied(past, undoing, gone) : {};
    if ('refused' in removal) return { ...NOTHING, refused: [removal.refused] };
    return { ...NOTHING, steps: [set(ref, null, removal) as never, ...backup] };
  }
  const value = valueBefore(past, view) as PathValue;
  if (!needsImage(past)) return { ...NOTHING, steps: [set(ref, value) as never, ...backup] };
  const why = unfit(past, view);
  if (why !== undefined) return { ...NOTHING, lost: [`${ref.id}: ${why}`] };
  const within = before.kind === 'directory' ? view.get(inside(image as string)) : null;
  const held = within === null ? {} : { entries: within.entries.length + within.unnamed.length };
  return { ...NOTHING, steps: [set(ref, value, { image: image as string, ...held }) as never, ...backup] };
}

function needsImage({ ref, before, after }: Past<PathValue>): boolean {
  return pathImage({ ref, before, after, options: {} }, sh``) !== undefined;
}

/** Why the image cannot be put back. */
function unfit({ before, image }: Past<PathValue>, view: View): string | undefined {
  const kept = image === undefined ? null : view.get(path(image, 'content'));
  if (kept === null) return 'what was there before is not kept on the host';
  if (kept.kind !== before?.kind) return 'what is kept on the host is something else';
  if (kept.kind !== 'file' || before.kind !== 'file') return undefined;
  if (kept.content === undefined || before.content === undefined) return undefined;
  if (sameContent(kept.content, before.content)) return undefined;
  return `what is kept on the host is not what was there: sha256 ${digest(kept.content, 'sha256')?.slice(0, 12)}`;
}

/** How a directory that the run made is removed: empty, or with what the run put there as a whole. */
function emptied(
  { ref, options }: Past<DirectoryValue | PathValue>,
  { run, force, view }: Undoing,
  gone: ReadonlySet<string>,
): { readonly refused: string } | { readonly recursive?: true; readonly entries?: number } {
  const left = leftInside(ref.id, view, gone);
  if (left.length === 0) return {};
  if (force) return { recursive: true, entries: left.length };
  const whole = typeof options.image === 'string' ? view.get(inside(options.image)) : null;
  const own = new Set(whole?.entries ?? []);
  const others = left.filter((name) => !own.has(name) || !untouched(name, ref.id, options.image as string, view));
  if (others.length === 0) return { recursive: true, entries: left.length };
  return { refused: `directory ${ref.id}: it holds what run ${run} did not make: ${named(others, MOST_NAMED)}` };
}

/** Whether a copied file is still the one that was copied: cp(1) keeps the time of its last change. */
function untouched(name: string, directory: string, image: string, view: View): boolean {
  const now = view.peek(path(`${directory}/${name}`));
  const then = view.peek(path(`${image}/${name}`));
  if (!now || !then || now.kind !== then.kind) return false;
  return now.kind !== 'file' || (now.stat?.modified === then.stat?.modified && now.stat?.size === then.stat?.size);
}
