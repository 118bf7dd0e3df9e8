import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeBech32 } from './bech32.ts';

/** A native X25519 key of age: a recipient by its public half, an identity by both. */
export interface Recipient {
  readonly publicKey: KeyObject;
  /** The 32 bytes of the public key. */
  readonly bytes: Buffer;
}

export interface Identity extends Recipient {
  readonly privateKey: KeyObject;
}

/** What stands before the 32 bytes in DER (RFC 8410). */
const PUBLIC_DER = Buffer.from('302a300506032b656e032100', 'hex');
const PRIVATE_DER = Buffer.from('302e020100300506032b656e04220420', 'hex');
const KEY_BYTES = 32;

/** `age1...`; `undefined`: it is none. */
export function readRecipient(text: string): Recipient | undefined {
  const bytes = decodeBech32(text, 'age');
  return bytes?.length === KEY_BYTES ? publicKey(bytes) : undefined;
}

/** `AGE-SECRET-KEY-1...`; `undefined`: it is none. */
export function readIdentity(text: string): Identity | undefined {
  const bytes = decodeBech32(text, 'age-secret-key-');
  if (bytes?.length !== KEY_BYTES) return undefined;
  const key = Buffer.concat([PRIVATE_DER, bytes]);
  return identityOf(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
}

export function newIdentity(): Identity {
  return identityOf(generateKeyPairSync('x25519').privateKey);
}

export function publicKey(bytes: Buffer): Recipient {
  const key = Buffer.concat([PUBLIC_DER, bytes]);
  return { publicKey: createPublicKey({ key, format: 'der', type: 'spki' }), bytes };
}

function identityOf(privateKey: KeyObject): Identity {
  const key = createPublicKey(privateKey);
  const bytes = key.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_DER.length);
  return { privateKey, publicKey: key, bytes };
}

/** `undefined`: the other half is none that a sound program makes (all zero, RFC 7748 section 6.1). */
export function agree(own: KeyObject, other: KeyObject): Buffer | undefined {
  try {
    const shared = diffieHellman({ privateKey: own, publicKey: other });
    return shared.every((byte) => byte === 0) ? undefined : shared;
  } catch {
    return undefined;
  }
}
