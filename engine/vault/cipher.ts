import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Envelope } from './envelope.ts';

/** Ansible's VaultAES256: PBKDF2-HMAC-SHA256 of the password, AES-256-CTR with PKCS 7 padding, HMAC-SHA256 over it. */
export interface VaultKey {
  readonly cipher: Buffer;
  readonly hmac: Buffer;
  readonly iv: Buffer;
}

const ROUNDS = 10_000;
const SALT_BYTES = 32;
const BLOCK_BYTES = 16;

export function deriveKey(password: Buffer, salt: Buffer): VaultKey {
  const stream = pbkdf2Sync(password, salt, ROUNDS, 80, 'sha256');
  return { cipher: stream.subarray(0, 32), hmac: stream.subarray(32, 64), iv: stream.subarray(64, 80) };
}

/** `undefined`: it is another key's, or it was tampered with. Nothing is decrypted before that is clear. */
export function decrypt({ hmac, ciphertext }: Envelope, key: VaultKey): Buffer | undefined {
  if (!timingSafeEqual(createHmac('sha256', key.hmac).update(ciphertext).digest(), hmac)) return undefined;
  const decipher = createDecipheriv('aes-256-ctr', key.cipher, key.iv);
  const padded = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  const padding = padded.at(-1) ?? 0;
  if (padding < 1 || padding > BLOCK_BYTES || padding > padded.length) return undefined;
  return padded.subarray(0, padded.length - padding);
}

/** With a new salt. */
export function encrypt(plain: Buffer, password: Buffer, label: string): Envelope {
  const salt = randomBytes(SALT_BYTES);
  const key = deriveKey(password, salt);
  const padding = BLOCK_BYTES - (plain.length % BLOCK_BYTES);
  const cipher = createCipheriv('aes-256-ctr', key.cipher, key.iv);
  const ciphertext = Buffer.concat([
    cipher.update(plain),
    cipher.update(Buffer.alloc(padding, padding)),
    cipher.final(),
  ]);
  return { label, salt, hmac: createHmac('sha256', key.hmac).update(ciphertext).digest(), ciphertext };
}
