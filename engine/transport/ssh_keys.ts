import type { KeyFile, KeyParser, PrivateKey, PublicKey } from './key_file.ts';
import type { AskPassphrase } from './key_ring.ts';
import type { AgentKey } from './login.ts';
import { BaseAgent, createAgent, type ParsedKey, parseKey } from './ssh2.ts';

export type Signer = (data: Buffer, hash: string | undefined) => Promise<Buffer>;

/**
 * One key, shown as an agent would: the host is asked first whether it takes the key, and only then something has
 * to be signed, unless signing is `free`. So a passphrase is asked for only where it is needed, and the library can
 * wait for it.
 */
export class OneKeyAgent extends BaseAgent<Buffer> {
  /** Nobody has to be asked, and it takes no time to speak of. */
  readonly free: boolean;
  readonly #key: PublicKey;
  readonly #sign: Signer;
  readonly #report: (why: string) => void;

  constructor(key: PublicKey, sign: Signer, report: (why: string) => void, open: boolean) {
    super();
    this.free = open && key.type !== 'ssh-rsa';
    this.#key = key;
    this.#sign = sign;
    this.#report = report;
  }

  override getIdentities(callback: (error?: Error | null, keys?: Buffer[]) => void): void {
    callback(null, [this.#key.blob]);
  }

  override sign(
    _key: unknown,
    data: Buffer,
    options: { hash?: string } | ((error?: Error | null, signature?: Buffer) => void),
    callback?: (error?: Error | null, signature?: Buffer) => void,
  ): void {
    const done = typeof options === 'function' ? options : callback;
    const hash = typeof options === 'function' ? undefined : options?.hash;
    this.#signed(data, hash).then(
      (signature) => done?.(null, signature),
      (error: Error) => {
        this.#report(error.message);
        done?.(error);
      },
    );
  }

  async #signed(data: Buffer, hash: string | undefined): Promise<Buffer> {
    if (this.#key.type === 'ssh-rsa' && hash !== 'sha256' && hash !== 'sha512') {
      throw new Error('the host takes RSA keys with SHA-1 signatures only, which are broken');
    }
    return await this.#sign(data, hash);
  }
}

export function fileSigner(file: KeyFile, ask: AskPassphrase): Signer {
  return async (data, hash) => (await file.unlock(ask)).sign(data, hash);
}

export function agentSigner(socket: string, key: PublicKey): Signer {
  return (data, hash) =>
    new Promise((resolve, reject) => {
      const agent = createAgent(socket);
      const options = hash === undefined ? {} : { hash: hash as 'sha256' | 'sha512' };
      agent.sign(key.blob, data, options, (error, signature) => {
        if (error || signature === undefined) reject(new Error('the agent does not sign with it'));
        else resolve(signature as Buffer);
      });
    });
}

/** The agent's keys; none if it does not answer. */
export function agentKeys(socket: string | undefined): Promise<readonly AgentKey[]> {
  if (socket === undefined) return Promise.resolve([]);
  return new Promise((resolve) => {
    createAgent(socket).getIdentities((error, keys) => {
      const parsed = (error ? [] : (keys ?? [])).map((key) => parseKey(key as Buffer | ParsedKey));
      resolve(
        parsed.flatMap((key) => (key instanceof Error ? [] : [{ ...publicKey(key), comment: key.comment ?? '' }])),
      );
    });
  });
}

function publicKey(key: ParsedKey): PublicKey {
  return { type: key.type, blob: key.getPublicSSH() };
}

export const parseKeyFile: KeyParser = (bytes, passphrase) => {
  const result = parseKey(bytes, passphrase) as ParsedKey | ParsedKey[] | Error;
  if (result instanceof Error) {
    if (!/no passphrase given/i.test(result.message)) return { kind: 'unusable', problem: 'it is not a private key' };
    return { kind: 'encrypted', key: outerPublicKey(bytes) };
  }
  const key = Array.isArray(result) ? result[0] : result;
  if (key === undefined) return { kind: 'unusable', problem: 'it holds no key' };
  if (!key.isPrivateKey()) return { kind: 'public', key: publicKey(key) };
  return { kind: 'private', key: privateKey(key) };
};

function privateKey(key: ParsedKey): PrivateKey {
  return {
    ...publicKey(key),
    sign(data, hash) {
      const signature = key.sign(data, hash) as Buffer | Error;
      if (signature instanceof Error) throw signature;
      return signature;
    },
  };
}

/** The public key that stands in the open in an encrypted `openssh-key-v1` file (PROTOCOL.key of OpenSSH). */
function outerPublicKey(bytes: Buffer): PublicKey | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+)-----END/.exec(bytes.toString('latin1'))?.[1];
  if (body === undefined) return undefined;
  const data = Buffer.from(body, 'base64');
  let at = 'openssh-key-v1\0'.length;
  const take = (): Buffer => {
    const length = at + 4 <= data.length ? data.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    if (at + 4 + length > data.length) return Buffer.alloc(0);
    at += 4 + length;
    return data.subarray(at - length, at);
  };
  for (let i = 0; i < 3; i++) take(); // cipher, key derivation and its options
  at += 4; // number of keys, always 1
  const key = parseKey(take());
  return key instanceof Error ? undefined : publicKey(key);
}
