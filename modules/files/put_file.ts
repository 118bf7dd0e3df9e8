import { posix } from 'node:path';
import type { Ref, Step, View, Wish } from '../../engine/planning/contracts.ts';
import type { Content } from '../../engine/resources/content.ts';
import { path } from '../../engine/resources/path.ts';
import { type DirectoryValue, normalPath, octal, type PathValue, parentOf } from '../../engine/resources/path_value.ts';
import { looksAtDirectory, makeDirectories } from './directories.ts';
import { type Failure, failedWish, isFailure } from './failure.ts';
import { looksAtPlace, type PlaceParams, placedResult, placeFile } from './place_file.ts';
import { looksAtTarget, targetOf } from './target.ts';

/** One file that is to be put at `dest`. */
export interface SourceFile {
  readonly content: Content;
  /** What it is called in a directory; `undefined`: it has no name of its own. */
  readonly name: string | undefined;
  /** For the result. */
  readonly src: string | undefined;
  readonly mode: number | undefined;
}

/** `dest` itself, and the file in it should it be a directory; a slash at its end says that it is one. */
export function looksAtFile(params: PlaceParams, name: string | undefined, view: View): readonly Ref[] {
  const dest = normalPath(params.dest);
  const inside = name === undefined ? [] : looksAtPlace(normalPath(`${dest}/${name}`), params, view, 'content');
  if (params.dest.endsWith('/')) return [...looksAtDirectory(dest, view), ...inside];
  const ends = looksAtTarget(dest, view, 'content');
  const own = [...looksAtPlace(dest, params, view, 'content'), ...ends];
  // Whether it is a directory is not known at first; where the names are the same it hardly is one.
  const last = view.peek(ends.at(-1) as Ref<PathValue>);
  const maybe = posix.basename(dest) !== name || last?.kind === 'directory';
  return maybe ? [...own, ...inside] : own;
}

export function putFile(
  params: PlaceParams & { readonly directory_mode?: string },
  source: SourceFile,
  view: View,
): Wish {
  const found = destination(params, source, view);
  if (isFailure(found)) return failedWish(found);
  const steps: Step[] = [];
  let made: DirectoryValue | undefined;
  if (params.dest.endsWith('/')) {
    const { mode: _of, ...owned } = params;
    const above = makeDirectories(
      parentOf(found.id),
      { ...owned, ...(params.directory_mode && { mode: params.directory_mode }) },
      view,
    );
    if (isFailure(above)) return failedWish(above);
    steps.push(...above.steps);
    made = above.made;
  }
  const placed = placeFile(found.id, source.content, preserved(params, source.mode), view, ['content'], made);
  if (isFailure(placed)) return failedWish(placed);
  if (placed.step !== undefined) steps.push(placed.step);
  return { steps, result: placedResult(placed, source.content, source.src) };
}

function destination(params: PlaceParams, source: SourceFile, view: View): { readonly id: string } | Failure {
  const dest = normalPath(params.dest);
  const slash = params.dest.endsWith('/');
  const directory = 'content cannot go to a directory: write the name of the file as well';
  if (slash)
    return source.name === undefined
      ? { failed: directory, parameter: 'dest' }
      : { id: normalPath(`${dest}/${source.name}`) };
  const own = view.get(path(dest, 'content'));
  const target = own?.kind === 'link' ? targetOf(dest, view, 'content') : { value: own };
  // A link in circles is no directory; it is replaced like any other.
  if (isFailure(target) || target.value?.kind !== 'directory') return { id: dest };
  return source.name === undefined
    ? { failed: `${dest} is a directory: ${directory}`, parameter: 'dest' }
    : { id: normalPath(`${dest}/${source.name}`) };
}

/** The mode that the copy is to have: `preserve` means that of the source. */
function preserved<P extends { readonly mode?: string }>(params: P, mode: number | undefined): P {
  if (params.mode !== 'preserve') return params;
  if (mode !== undefined) return { ...params, mode: octal(mode) };
  const { mode: _none, ...rest } = params;
  return rest as P;
}
