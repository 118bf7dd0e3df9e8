import type { Ref, View } from '../../engine/planning/contracts.ts';
import { path } from '../../engine/resources/path.ts';
import { normalPath, type PathValue, parentOf, type Times } from '../../engine/resources/path_value.ts';
import { type AttributeParams, attributeAspects } from './attributes.ts';
import { type Failure, isFailure } from './failure.ts';
import { parseTime } from './python_time.ts';
import { looksAtTarget, type Target, targetOf } from './target.ts';

export type FileState = 'absent' | 'directory' | 'file' | 'hard' | 'link' | 'touch';

export interface FileParams extends AttributeParams {
  readonly path: string;
  readonly state?: FileState;
  readonly src?: string;
  readonly recurse: boolean;
  readonly force: boolean;
  readonly follow: boolean;
  readonly modification_time?: string;
  readonly modification_time_format: string;
  readonly access_time?: string;
  readonly access_time_format: string;
}

/** The path itself; what it leads to, where links are followed; the directory of what may be made. */
export function looksAtOwn(params: FileParams, view: View): readonly Ref<PathValue>[] {
  const id = normalPath(params.path);
  const { state } = params;
  // What is removed or replaced is read, to be shown and to be undone.
  if (state === 'absent') return [path(id, 'content')];
  if (state === 'link' || state === 'hard') return [path(id, 'content'), ...looksAtTarget(parentOf(id), view)];
  const own = params.follow
    ? looksAtTarget(id, view, ...attributeAspects(params))
    : [path(id, ...attributeAspects(params))];
  return state === 'touch' ? [...own, ...looksAtTarget(parentOf(id), view)] : own;
}

/** What the parameters speak of: the path, or what it leads to. */
export function ownTarget(params: FileParams, view: View): Target | Failure {
  const id = normalPath(params.path);
  const aspects = attributeAspects(params);
  if (params.follow) return targetOf(id, view, ...aspects);
  const ref = path(id, ...aspects);
  return { ref, value: view.get(ref) };
}

/** Times to be set; `undefined`: they stay. `touch` means now unless told otherwise. */
export function timesOf(params: FileParams): Times | undefined | Failure {
  const otherwise = params.state === 'touch' ? 'now' : 'preserve';
  const modified = timeOf(params.modification_time ?? otherwise, params.modification_time_format, 'modification_time');
  const accessed = timeOf(params.access_time ?? otherwise, params.access_time_format, 'access_time');
  if (isFailure(modified)) return modified;
  if (isFailure(accessed)) return accessed;
  if (modified === undefined && accessed === undefined) return undefined;
  return { ...(modified !== undefined && { modified }), ...(accessed !== undefined && { accessed }) };
}

function timeOf(text: string, format: string, parameter: string): string | undefined | Failure {
  if (text === 'preserve') return undefined;
  if (text === 'now') return 'now';
  const parsed = parseTime(text, format);
  return parsed.ok ? parsed.time : { failed: `${parameter}: ${parsed.problem}`, parameter };
}

/** A wish with times; what was seen goes along, since only by that can it be told that a time has moved. */
export function withTimes<V extends PathValue>(wished: V, seen: PathValue | null, times: Times | undefined): V {
  if (times === undefined) return wished;
  return { ...wished, times, ...(seen?.stat && { stat: seen.stat }) };
}
