import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { agree, type Identity, newIdentity, publicKey, type Recipient } from './keys.ts';
import { derive, seal, unseal } from './payload.ts';

/** The first line of every age file (https://c2sp.org/age). */
export const VERSION_LINE = 'age-encryption.org/v1\n';

const X25519_INFO = 'age-encryption.org/v1/X25519';
const FILE_KEY_BYTES = 16;
const NO_NONCE = Buffer.alloc(12);

interface Stanza {
  readonly type: string;
  readonly args: readonly string[];
  readonly body: Buffer;
}

export interface Header {
  readonly stanzas: readonly Stanza[];
  /** What the MAC covers: up to and with its `---`. */
  readonly covered: Buffer;
  readonly mac: Buffer;
  /** Where the payload begins. */
  readonly end: number;
}

/** `undefined`: it is damaged. */
export function readHeader(bytes: Buffer): Header | undefined {
  const stanzas: Stanza[] = [];
  let at = VERSION_LINE.length;
  const nextLine = (): string | undefined => {
    const end = bytes.indexOf(0x0a, at);
    if (end === -1) return undefined;
    const line = bytes.toString('latin1', at, end);
    at = end + 1;
    return line;
  };
  for (let line = nextLine(); line !== undefined; line = nextLine()) {
    if (line.startsWith('---')) {
      const mac = /^--- ([A-Za-z0-9+/]{43})$/.exec(line)?.[1];
      const covered = bytes.subarray(0, at - line.length - 1 + '---'.length);
      return mac === undefined ? undefined : { stanzas, covered, mac: Buffer.from(mac, 'base64'), end: at };
    }
    const [arrow, type, ...args] = line.split(' ');
    if (arrow !== '->' || type === undefined) return undefined;
    let body = '';
    let part = nextLine();
    for (; part?.length === 64; part = nextLine()) body += part;
    if (part === undefined || !/^[A-Za-z0-9+/]*$/.test(body + part)) return undefined;
    stanzas.push({ type, args, body: Buffer.from(body + part, 'base64') });
  }
  return undefined;
}

/** The file's key, if one of the identities is among its recipients and the header is as it was written. */
export function unwrapFileKey(header: Header, identities: readonly Identity[]): Buffer | undefined {
  for (const stanza of header.stanzas) {
    if (stanza.type !== 'X25519' || stanza.args.length !== 1 || stanza.body.length !== FILE_KEY_BYTES + 16) continue;
    for (const identity of identities) {
      const fileKey = unwrap(stanza, identity);
      if (fileKey !== undefined && timingSafeEqual(macOf(fileKey, header.covered), header.mac)) return fileKey;
    }
  }
  return undefined;
}

function unwrap({ args, body }: Stanza, identity: Identity): Buffer | undefined {
  const share = Buffer.from(args[0] as string, 'base64');
  if (share.length !== 32) return undefined;
  const shared = agree(identity.privateKey, publicKey(share).publicKey);
  return shared && unseal(derive(shared, Buffer.concat([share, identity.bytes]), X25519_INFO), NO_NONCE, body);
}

/** A new key for one file, and the header that hands it to the recipients. */
export function wrapFileKey(recipients: readonly Recipient[]): { readonly fileKey: Buffer; readonly header: Buffer } {
  const fileKey = randomBytes(FILE_KEY_BYTES);
  const stanzas = recipients.map((recipient) => {
    const own = newIdentity();
    const shared = agree(own.privateKey, recipient.publicKey);
    if (shared === undefined) throw new RangeError('a recipient of age that is no key');
    const body = seal(derive(shared, Buffer.concat([own.bytes, recipient.bytes]), X25519_INFO), NO_NONCE, fileKey);
    return `-> X25519 ${base64(own.bytes)}\n${base64(body)}\n`;
  });
  const covered = `${VERSION_LINE}${stanzas.join('')}---`;
  return { fileKey, header: Buffer.from(`${covered} ${base64(macOf(fileKey, Buffer.from(covered)))}\n`) };
}

function macOf(fileKey: Buffer, covered: Buffer): Buffer {
  return createHmac('sha256', derive(fileKey, Buffer.alloc(0), 'header'))
    .update(covered)
    .digest();
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
