import { type Ref, type SetStep, set, type View } from '../../engine/planning/contracts.ts';
import type { FileValue, PathValue } from '../../engine/resources/path_value.ts';
import { asFound } from '../../engine/resources/path_value.ts';
import { backupName } from '../files/backup.ts';
import { looksAtTarget, pathProblem, targetOf } from '../files/target.ts';

/** A text file that is edited in place; links are followed, as an editor would. */
export interface EditedFile {
  readonly ref: Ref<PathValue>;
  /** `null`: it is not there. */
  readonly value: FileValue | null;
  readonly text: string;
}

/** What has to be seen before the file can be edited. */
export function looksAtFile(file: string, view: View): readonly Ref<PathValue>[] {
  return pathProblem(file) === undefined ? looksAtTarget(file, view, 'content') : [];
}

/** The file as it is, or why it cannot be edited. */
export function readFile(file: string, view: View): EditedFile | { readonly failed: string } {
  const problem = pathProblem(file);
  if (problem !== undefined) return { failed: problem.failed };
  const target = targetOf(file, view, 'content');
  if ('failed' in target) return { failed: target.failed };
  const { ref, value } = target;
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
  return set<PathValue>(file.ref, { ...before, content: { text } }, backup === undefined ? {} : { backup });
}

/** Where the old file is copied to; `undefined` where there is none. */
export function backupOf(file: EditedFile, now: number): string | undefined {
  return file.value?.content === undefined ? undefined : backupName(file.ref.id, file.value.content, now);
}
