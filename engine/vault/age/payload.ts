import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const TAG_BYTES = 16;
const NONCE_BYTES = 16;
const CHUNK_BYTES = 64 * 1024;

/** HKDF-SHA-256 (RFC 5869), 32 bytes. */
export function derive(key: Buffer, salt: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, info, 32));
}

/** ChaCha20-Poly1305 (RFC 8439), the tag behind the text. */
export function seal(key: Buffer, nonce: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** `undefined`: it is another key's, or it was tampered with. */
export function unseal(key: Buffer, nonce: Buffer, sealed: Buffer): Buffer | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** The payload of an age file (C2SP age, "Payload"): a nonce, then chunks of 64 KiB, each sealed, the last one marked. */
export function sealPayload(fileKey: Buffer, plain: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const key = derive(fileKey, nonce, 'payload');
  const count = Math.max(1, Math.ceil(plain.length / CHUNK_BYTES));
  const chunks = Array.from({ length: count }, (_, i) => {
    return seal(key, chunkNonce(i, i === count - 1), plain.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES));
  });
  return Buffer.concat([nonce, ...chunks]);
}

/** `undefined`: it was cut off or tampered with. */
export function unsealPayload(fileKey: Buffer, payload: Buffer): Buffer | undefined {
  const key = derive(fileKey, payload.subarray(0, NONCE_BYTES), 'payload');
  const size = CHUNK_BYTES + TAG_BYTES;
  const sealed = payload.subarray(NONCE_BYTES);
  const count = Math.max(1, Math.ceil(sealed.length / size));
  const chunks: Buffer[] = [];
  for (let i = 0; i < count; i += 1) {
    const last = i === count - 1;
    const chunk = unseal(key, chunkNonce(i, last), sealed.subarray(i * size, (i + 1) * size));
    // The last chunk is empty only where all is.
    if (chunk === undefined || (last && i > 0 && chunk.length === 0)) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function chunkNonce(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}
