import { createHash } from 'node:crypto';
import type { Content, DigestName } from '../../engine/resources/content.ts';
import { ancestorsOf, type PathStat, type PathValue } from '../../engine/resources/path_value.ts';
import type { TreeValue } from '../../engine/resources/tree.ts';

/**
 * Shorthand of a path: `{ text: hello, mode: "0644", owner: root, group: root }` is a file (or `base64`, or `sha256`
 * and `size`), `{ target: ../x }` a link, `{ kind: directory }`, `{ kind: other, type: fifo }`. `inode` and `links`
 * tell hard links. `mode` and `content` may stand as they are in the value. What a case expects holds only the keys that are compared.
 */
export function fillPath(id: string, short: Record<string, unknown>, partial: boolean): unknown {
  const { text, base64, sha256, size, mode, inode, links, letters, mime, access, modified, ...rest } = short;
  const content =
    text !== undefined
      ? { text }
      : base64 !== undefined
        ? { base64 }
        : sha256 !== undefined
          ? { sha256, size }
          : undefined;
  const kind =
    rest.kind ??
    (content !== undefined || rest.content !== undefined ? 'file' : rest.target !== undefined ? 'link' : undefined);
  const written = {
    ...rest,
    ...(kind !== undefined && { kind }),
    ...(mode !== undefined && { mode: typeof mode === 'string' ? Number.parseInt(mode, 8) : mode }),
    ...(content !== undefined && { content }),
  };
  if (partial) return written;
  const bytes = bytesOf((written as { content?: Content }).content);
  const stat: PathStat = {
    uid: idOf(rest.owner),
    gid: idOf(rest.group),
    size: bytes?.length ?? Number(size ?? 4096),
    ...{ blocks: 8, blockSize: 4096, device: 1, links: Number(links ?? 1), deviceType: 0 },
    inode: Number(inode ?? createHash('md5').update(id).digest().readUInt32BE(0)),
    ...{ accessed: 1600000000, modified: 1700000000, changed: 1700000000 },
    accessedLocal: '2020-09-13 12:26:40.000000000 +0000',
    modifiedLocal: String(modified ?? '2023-11-14 22:13:20.000000000 +0000'),
    ...(access !== undefined && { access: access as NonNullable<PathStat['access']> }),
    ...(mime !== undefined && { mime: mime as NonNullable<PathStat['mime']> }),
    ...(letters !== undefined && { letters: String(letters), version: '1' }),
    ...(bytes !== undefined && { digests: digestsOf(bytes) }),
  };
  const defaults = kind === 'link' ? {} : { mode: kind === 'directory' ? 0o755 : 0o644 };
  return { owner: 'root', group: 'root', ...defaults, ...written, stat } as PathValue;
}

function bytesOf(content: Content | undefined): Buffer | undefined {
  if (content === undefined || 'size' in content) return undefined;
  return 'text' in content ? Buffer.from(content.text) : Buffer.from(content.base64, 'base64');
}

function digestsOf(bytes: Buffer): Record<string, string> {
  const names: readonly DigestName[] = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
  return Object.fromEntries(names.map((name) => [name, createHash(name).update(bytes).digest('hex')]));
}

function idOf(name: unknown): number {
  if (name === undefined || name === 'root') return 0;
  return typeof name === 'string' && /^\d+$/.test(name) ? Number(name) : 1000;
}

/** Directories that a state takes for granted: those above the paths that it names. */
export function impliedDirectories(ids: readonly string[]): readonly string[] {
  const above = ids.flatMap((id) => ['/', ...ancestorsOf(id)]);
  return [...new Set(above)].filter((id) => !ids.includes(id));
}

/** A tree that a state does not name is what its paths make of it. */
export function impliedTree(id: string, paths: ReadonlyMap<string, PathValue | null>): TreeValue | null {
  if (paths.get(id)?.kind !== 'directory') return null;
  const prefix = id === '/' ? '/' : `${id}/`;
  const inside = [...paths].filter(([path, value]) => value !== null && path.startsWith(prefix) && path !== '/');
  return { entries: inside.map(([path]) => path.slice(prefix.length)).sort(), unnamed: [] };
}
