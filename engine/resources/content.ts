import { createHash } from 'node:crypto';
import { exactText } from './answer_text.ts';

/** Up to here content is read for diffs, in bytes; what is longer is known by its hash. */
export const CONTENT_LIMIT = 256 * 1024;

/** Up to here a file is read whole to be edited (aspect `whole`), in bytes. */
export const WHOLE_LIMIT = 32 * 1024 * 1024;

/** What a file holds: its text where that is UTF-8, its bytes where not, or only which bytes they are. */
export type Content = { readonly text: string } | { readonly base64: string } | LargeContent;

interface LargeContent {
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
  /** A file on the host that holds these bytes: where they are taken from when they have to be written. */
  readonly host?: string;
}

export type DigestName = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/**
 * The bytes of a large content that is to be written. They stay out of the value, so that a value can be
 * shown, compared and written down as plain data at the price of its hash.
 */
const kept = new WeakMap<LargeContent, Uint8Array>();

/** A local file is opened once per run and copied to many hosts: it is hashed once. */
const large = new WeakMap<Uint8Array, LargeContent>();

/** Content of at most `limit` bytes is held as it is, more as its hash. */
export function contentOf(bytes: Uint8Array, limit = CONTENT_LIMIT): Content {
  if (bytes.length > limit) return largeContent(bytes);
  const text = exactText(bytes);
  return text === undefined ? { base64: Buffer.from(bytes).toString('base64') } : { text };
}

function largeContent(bytes: Uint8Array): LargeContent {
  const known = large.get(bytes);
  if (known !== undefined) return known;
  const content: LargeContent = { size: bytes.length, sha256: hash(bytes, 'sha256') };
  kept.set(content, bytes);
  large.set(bytes, content);
  return content;
}

/** `undefined`: only the hash is known. */
export function bytesOf(content: Content): Uint8Array | undefined {
  if ('text' in content) return Buffer.from(content.text, 'utf8');
  if ('base64' in content) return Buffer.from(content.base64, 'base64');
  return kept.get(content);
}

export function sizeOf(content: Content): number {
  if ('size' in content) return content.size;
  return 'text' in content ? Buffer.byteLength(content.text, 'utf8') : Buffer.from(content.base64, 'base64').length;
}

/** Hex; `undefined` where the bytes are not at hand and the algorithm is another than sha256. */
export function digest(content: Content, algorithm: DigestName): string | undefined {
  if ('sha256' in content && algorithm === 'sha256') return content.sha256;
  const bytes = bytesOf(content);
  return bytes === undefined ? undefined : hash(bytes, algorithm);
}

export function sameContent(a: Content, b: Content): boolean {
  if ('text' in a && 'text' in b) return a.text === b.text;
  if ('base64' in a && 'base64' in b) return a.base64 === b.base64;
  return digest(a, 'sha256') === digest(b, 'sha256');
}

/** Large bytes are asked for their digests again and again, by every host and every walk. */
const hashed = new WeakMap<Uint8Array, Map<DigestName, string>>();

function hash(bytes: Uint8Array, algorithm: DigestName): string {
  const known = hashed.get(bytes) ?? new Map<DigestName, string>();
  const found = known.get(algorithm) ?? createHash(algorithm).update(bytes).digest('hex');
  hashed.set(bytes, known.set(algorithm, found));
  return found;
}
