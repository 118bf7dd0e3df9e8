import { type Ref, type SetStep, set, type View } from '../../engine/planning/contracts.ts';
import { path } from '../../engine/resources/path.ts';
import { asFound, type FileValue, type PathValue, resolvedTarget } from '../../engine/resources/path_value.ts';

/** A text file that is edited in place; a link is followed, as an editor would. */
export interface EditedFile {
  readonly ref: Ref<PathValue>;
  /** `null`: it is not there. */
  readonly value: FileValue | null;
  readonly text: string;
}

/** What has to be seen before the file can be edited. */
export function looksAtFile(file: string, view: View): readonly Ref<PathValue>[] {
  const own = path(file, 'content');
  const target = linkTarget(own, view.peek(own));
  return target === undefined ? [own] : [own, target];
}

/** The file as it is, or why it cannot be edited. */
export function readFile(file: string, view: View): EditedFile | { readonly failed: string } {
  const own = path(file, 'content');
  const first = view.get(own);
  const ref = linkTarget(own, first) ?? own;
  const value = ref === own ? first : view.get(ref);
  if (first?.kind === 'link' && ref === own) return { failed: `${file} is a link that leads in circles` };
  if (value === null) return { ref, value, text: '' };
  if (value.kind !== 'file') return { failed: `${ref.id} is no regular file (${value.kind})` };
  if (value.content === undefined || 'sha256' in value.content)
    return { failed: `${ref.id} is too large to be edited` };
  if ('base64' in value.content) return { failed: `${ref.id} is not UTF-8: it cannot be edited safely` };
  return { ref, value, text: value.content.text };
}

/** The same file with another text; a new one is made with these permissions, by whoever acts. */
export function writeText(file: EditedFile, text: string, mode: number, backup?: string): SetStep<PathValue> {
  const before: FileValue = file.value === null ? { kind: 'file', mode } : asFound(file.value);
  const options = backup === undefined || file.value === null ? {} : { backup };
  return set<PathValue>(file.ref, { ...before, content: { text } }, options);
}

function linkTarget(own: Ref<PathValue>, value: PathValue | null | undefined): Ref<PathValue> | undefined {
  if (value?.kind !== 'link') return undefined;
  const target = resolvedTarget(own.id, value);
  return target === null ? undefined : path(target, 'content');
}

/** `2024-01-02@03:04:05~`: what the name of a copy ends in. cron(8) and run-parts(8) pass over such names. */
export function backupSuffix(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19).replace('T', '@')}~`;
}
