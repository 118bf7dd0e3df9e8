import type { Change, ContentDiff, Diff } from '../planning/contracts.ts';
import { byteSize } from './byte_size.ts';
import { type Content, digest, sizeOf } from './content.ts';
import { kindName, octal, type PathValue, type Times, timesToSet } from './path_value.ts';

export function describePath(change: Change<PathValue>): Diff {
  const { before, after, ref } = change;
  const shown = after ?? before;
  const content = contentDiff(before, after);
  return {
    title: `${shown === null ? 'path' : kindName(shown)} ${ref.id}`,
    action: before === null ? 'create' : after === null ? 'remove' : 'change',
    attributes: [...attributesOf(before, after), ...holds(change)],
    ...(content && { content }),
  };
}

/** How much goes or comes with a directory: option `entries`, as whoever removes or copies it has counted. */
function holds({ before, after, options }: Change<PathValue>): readonly Row[] {
  const { entries } = options;
  if ((before !== null && after !== null) || typeof entries !== 'number') return [];
  const text = entries === 0 ? 'nothing' : entries === 1 ? '1 file or directory' : `${entries} files and directories`;
  return [{ name: 'holds', before: after === null ? text : undefined, after: after === null ? undefined : text }];
}

type Row = Diff['attributes'][number];

function attributesOf(before: PathValue | null, after: PathValue | null): readonly Row[] {
  const times = after === null ? {} : timesToSet(before, after);
  const left: Rows = before === null ? {} : { ...rows(before), ...timesOf(before, times) };
  const right: Rows = after === null ? {} : { ...rows(after), ...times };
  // What the wish leaves open stays what it is.
  const open = (name: keyof Rows) => after !== null && right[name] === undefined && OPEN.has(name);
  return NAMES.flatMap((name) => {
    const row = { name, before: left[name], after: open(name) ? left[name] : right[name] };
    return row.before === row.after ? [] : [row];
  });
}

const NAMES = [
  'kind',
  'target',
  'same file as',
  'mode',
  'owner',
  'group',
  'attributes',
  'modified',
  'accessed',
] as const;

const OPEN: ReadonlySet<keyof Rows> = new Set(['owner', 'group', 'attributes']);

type Rows = { readonly [name in (typeof NAMES)[number]]?: string | undefined };

function rows(value: PathValue): Rows {
  return {
    kind: kindName(value),
    target: value.kind === 'link' ? value.target : undefined,
    'same file as': value.kind === 'file' ? value.hard : undefined,
    mode: value.kind === 'link' ? undefined : octal(value.mode),
    owner: value.owner,
    group: value.group,
    attributes: value.kind === 'link' ? undefined : value.flags,
  };
}

/** What the times were that are to be set. */
function timesOf(value: PathValue, set: Times): Times {
  const modified = set.modified === undefined ? undefined : (value.times?.modified ?? value.stat?.modifiedLocal);
  const accessed = set.accessed === undefined ? undefined : (value.times?.accessed ?? value.stat?.accessedLocal);
  return { ...(modified !== undefined && { modified }), ...(accessed !== undefined && { accessed }) };
}

function contentDiff(before: PathValue | null, after: PathValue | null): ContentDiff | undefined {
  // The content of another name of a file is shown there.
  if (before === null && after?.kind === 'file' && after.hard !== undefined) return undefined;
  const from = contentOf(before);
  const to = contentOf(after);
  // Where the content stays, only attributes were looked at or wanted.
  if ((from === undefined && to === undefined) || (after?.kind === 'file' && to === undefined)) return undefined;
  const left = shownText(from);
  const right = shownText(to);
  if (left === undefined || right === undefined || (before?.kind === 'file' && from === undefined)) {
    return opaque(from, to);
  }
  return left === right ? undefined : { kind: 'text', before: left, after: right };
}

function contentOf(value: PathValue | null): Content | undefined {
  return value?.kind === 'file' ? value.content : undefined;
}

/** `undefined`: bytes that are no text for people to read. */
function shownText(content: Content | undefined): string | undefined {
  if (content === undefined) return '';
  return 'text' in content && !content.text.includes('\0') ? content.text : undefined;
}

function opaque(from: Content | undefined, to: Content | undefined): ContentDiff | undefined {
  const before = from && summary(from);
  const after = to && summary(to);
  return before === after ? undefined : { kind: 'opaque', before, after };
}

/** `12.3 MiB, sha256 ab12cd34ef56`. */
function summary(content: Content): string {
  return `${byteSize(sizeOf(content))}, sha256 ${digest(content, 'sha256')?.slice(0, 12)}`;
}
