import type { Ref, View, Wish } from '../../engine/planning/contracts.ts';
import type { Content } from '../../engine/resources/content.ts';
import { path } from '../../engine/resources/path.ts';
import { type FileValue, kindName, normalPath, type PathValue } from '../../engine/resources/path_value.ts';
import { tree } from '../../engine/resources/tree.ts';
import { type CopiedItem, copyRoot, copyTree, looksAtCopy, type TreeParams } from './copied_tree.ts';
import { type Failure, failedWish, isFailure } from './failure.ts';
import { hashOf } from './place_file.ts';
import { looksAtFile, putFile } from './put_file.ts';
import { looksAtTarget, pathProblem, targetOf } from './target.ts';

/** With `remote_src`: both ends are on the host. */
export interface RemoteParams extends TreeParams {
  readonly checksum?: string;
}

export function looksAtRemote(params: RemoteParams, view: View): readonly Ref[] {
  if (params.src === undefined || pathProblem(params.src, 'src') !== undefined) return [];
  const src = normalPath(params.src);
  const own = looksAtTarget(src, view, 'content');
  const last = own.at(-1) as Ref<PathValue>;
  const seen = view.peek(last);
  const dest = looksAtFile(params, nameOf(params.src), view);
  const refs = [...own, ...dest];
  if (seen?.kind === 'file') {
    // What is not held as it is has its checksums asked for: the result tells them.
    const large = seen.content !== undefined && 'sha256' in seen.content;
    return large || params.checksum !== undefined ? [...refs, path(last.id, 'content', 'sha1', 'md5')] : refs;
  }
  if (seen?.kind !== 'directory') return refs;
  return [...refs, tree(last.id), ...looksAtEntries(last.id, params, view)];
}

function looksAtEntries(source: string, params: RemoteParams, view: View): readonly Ref[] {
  const listed = view.peek(tree(source));
  if (listed === undefined || listed === null) return [];
  const bare = listed.entries.map((entry) => path(`${source}/${entry}`));
  if (bare.some((ref) => view.peek(ref) === undefined)) return bare;
  const hashes = bare.flatMap((ref) => (view.peek(ref)?.kind === 'file' ? [path(ref.id, 'sha256')] : []));
  if (hashes.some((ref) => view.peek(ref) === undefined)) return [...bare, ...hashes];
  const items = itemsOf(source, view);
  if (isFailure(items)) return bare;
  const root = copyRoot(params);
  const contents = items.flatMap((item) => {
    if (item.kind !== 'file') return [];
    const there = view.peek(path(`${root}/${item.name}`, 'sha256'));
    if (there === undefined) return [];
    const same = there?.kind === 'file' && hashOf(there) === hashOf(sourceFile(source, item.name, view));
    return same ? [] : [path(`${source}/${item.name}`, 'sha256', 'content')];
  });
  return [...bare, ...hashes, ...contents, ...looksAtCopy(root, items, params, view)];
}

export function copyRemote(params: RemoteParams, view: View): Wish {
  if (params.src === undefined) return failedWish({ failed: 'remote_src needs src', parameter: 'src' });
  const problem = pathProblem(params.src, 'src');
  if (problem !== undefined) return failedWish(problem);
  const source = targetOf(normalPath(params.src), view, 'content');
  if (isFailure(source)) return failedWish(source);
  const { ref, value } = source;
  if (value === null) return failedWish({ failed: `${ref.id} does not exist on the host`, parameter: 'src' });
  if (value.kind === 'directory') return copyRemoteTree(ref.id, params, view);
  if (value.kind !== 'file')
    return failedWish({
      failed: `${ref.id} is a ${kindName(value)}: only files and directories are copied`,
      parameter: 'src',
    });
  const content = contentAt(ref.id, value);
  const wrong = params.checksum === undefined ? undefined : wrongChecksum(ref.id, params.checksum, view);
  if (wrong !== undefined) return failedWish(wrong);
  return putFile(params, { content, name: nameOf(params.src), src: params.src, mode: value.mode }, view);
}

function wrongChecksum(id: string, wanted: string, view: View): Failure | undefined {
  const sum = view.get(path(id, 'content', 'sha1', 'md5'))?.stat?.digests?.sha1;
  if (sum === undefined || sum === wanted.toLowerCase()) return undefined;
  return { failed: `${id} has the SHA-1 ${sum}, not ${wanted}`, parameter: 'checksum' };
}

/** New files and directories have the modes of their sources, unless told otherwise. */
function copyRemoteTree(source: string, params: RemoteParams, view: View): Wish {
  const items = itemsOf(source, view);
  if (isFailure(items)) return failedWish(items);
  return copyTree(copyRoot(params), items, { ...params, follow: false, mode: params.mode ?? 'preserve' }, view);
}

function itemsOf(source: string, view: View): readonly CopiedItem[] | Failure {
  const listed = view.get(tree(source));
  if (listed === null) return { failed: `${source} is not a directory`, parameter: 'src' };
  const [odd] = listed.unnamed;
  if (odd !== undefined)
    return { failed: `${source}/${odd} has a name that is not UTF-8: it cannot be copied`, parameter: 'src' };
  const items: CopiedItem[] = [];
  for (const name of listed.entries) {
    const id = `${source}/${name}`;
    const value = view.get(path(id));
    if (value?.kind === 'directory') items.push({ kind: 'directory', name, mode: value.mode });
    else if (value?.kind === 'link') items.push({ kind: 'link', name, target: value.target });
    else if (value?.kind === 'file') {
      const file = sourceFile(source, name, view);
      items.push({ kind: 'file', name, mode: file.mode, content: contentAt(id, file) });
    } else if (value?.kind === 'other') {
      return {
        failed: `${id} is a ${kindName(value)}: only files, directories and links are copied`,
        parameter: 'src',
      };
    }
  }
  return items;
}

/** With its content where that was read, with its hash anyway. */
function sourceFile(source: string, name: string, view: View): FileValue {
  const id = `${source}/${name}`;
  const value = view.peek(path(id, 'sha256', 'content')) ?? view.get(path(id, 'sha256'));
  return value?.kind === 'file' ? value : { kind: 'file', mode: 0o644 };
}

/** What is not held as it is, is taken from where it lies when it is written. */
function contentAt(id: string, file: FileValue): Content {
  const { content } = file;
  if (content !== undefined && !('sha256' in content)) return content;
  return { size: file.stat?.size ?? 0, sha256: hashOf(file) ?? '', host: id };
}

function nameOf(src: string): string | undefined {
  const name = src.slice(src.lastIndexOf('/') + 1);
  return name === '' ? undefined : name;
}
